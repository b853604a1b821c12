#include <cmath>
#include <numeric>

#include "kernels/levels.h"
#include "support/floats.h"
#include "support/random.h"

// add, multiply, scale, maximum, dot and the two distances at every level: against double, on integers exactly, and
// at the edges of float.
namespace sbert::kernels {
namespace {

using test::all_close;
using test::kEpsilon;
using test::kInfinity;
using test::kNan;
using test::random_floats;
using test::random_integers;
using test::same_bits;

constexpr float kCanary = 12345.5f;

class VectorOpsTest : public EachLevel {
 protected:
  // Calls check(x, y, n) for all sizes and for starts that no vector is aligned to. Behind the n values of both stands
  // a canary, which must not be read as a value nor written.
  template <typename Check>
  void for_each_size(Check check) const {
    for (const size_t n : kSizes) {
      for (const size_t offset : {0, 1, 3}) {
        const auto seed = static_cast<uint32_t>(n * 10 + offset);
        SCOPED_TRACE("level " + level() + ", n " + std::to_string(n) + ", offset " + std::to_string(offset) +
                     ", seed " + std::to_string(seed));
        std::vector<float> x = random_floats(seed, offset + n + 1), y = random_floats(seed + 1, offset + n + 1);
        x.back() = y.back() = kCanary;
        check(std::span(x).subspan(offset, n), std::span(y).subspan(offset, n));
        EXPECT_EQ(x.back(), kCanary);
        EXPECT_EQ(y.back(), kCanary);
        if (HasFailure()) return;
      }
    }
  }
};

TEST_P(VectorOpsTest, AddGivesTheRoundedSum) {
  for_each_size([&](std::span<float> x, std::span<float> y) {
    std::vector<float> want(y.begin(), y.end());
    for (size_t i = 0; i < x.size(); ++i) want[i] += x[i];
    kernel().add(x.data(), y.data(), x.size());
    EXPECT_TRUE(same_bits(y, want));
  });
}

TEST_P(VectorOpsTest, MultiplyGivesTheRoundedProduct) {
  for_each_size([&](std::span<float> x, std::span<float> y) {
    std::vector<float> want(y.begin(), y.end());
    for (size_t i = 0; i < x.size(); ++i) want[i] *= x[i];
    kernel().multiply(x.data(), y.data(), x.size());
    EXPECT_TRUE(same_bits(y, want));
  });
}

TEST_P(VectorOpsTest, ScaleGivesTheRoundedProduct) {
  for_each_size([&](std::span<float>, std::span<float> y) {
    std::vector<float> want(y.begin(), y.end());
    for (float& value : want) value *= 0.3f;
    kernel().scale(0.3f, y.data(), y.size());
    EXPECT_TRUE(same_bits(y, want));
  });
}

TEST_P(VectorOpsTest, MaximumIsExact) {
  for_each_size([&](std::span<float> x, std::span<float> y) {
    std::vector<float> want(y.begin(), y.end());
    for (size_t i = 0; i < x.size(); ++i) want[i] = std::max(want[i], x[i]);
    kernel().maximum(x.data(), y.data(), x.size());
    EXPECT_TRUE(same_bits(y, want));
  });
}

TEST_P(VectorOpsTest, MaximumKeepsNanOfBothSidesAndInfinities) {
  for (const size_t n : {1, 7, 16, 33}) {
    const std::vector<float> xs = {kNan, 1.0f, kNan, kInfinity, -kInfinity, -kInfinity, 1e-40f};
    const std::vector<float> ys = {1.0f, kNan, kNan, 1.0f, -3e38f, -kInfinity, 0.0f};
    const std::vector<float> wants = {kNan, kNan, kNan, kInfinity, -3e38f, -kInfinity, 1e-40f};
    for (size_t i = 0; i < xs.size(); ++i) {
      const std::vector<float> x(n, xs[i]);
      std::vector<float> y(n, ys[i]);
      kernel().maximum(x.data(), y.data(), n);
      EXPECT_TRUE(same_bits(y, std::vector<float>(n, wants[i])))
          << level() << ": max(" << xs[i] << ", " << ys[i] << "), n " << n;
    }
  }
}

// n terms in any order, each rounded: the error is at most (n + 2) eps/2 times the sum of their sizes, to first order.
double sum_tolerance(size_t n, double sum_of_sizes) {
  return (static_cast<double>(n) + 2) * kEpsilon / 2 * sum_of_sizes * 1.01;
}

TEST_P(VectorOpsTest, SumsAreWithinTheirRoundingErrors) {
  for_each_size([&](std::span<float> x, std::span<float> y) {
    const size_t n = x.size();
    double dot = 0, dot_sizes = 0, squares = 0, distance = 0;
    for (size_t i = 0; i < n; ++i) {
      const double difference = double{x[i]} - y[i];
      dot += double{x[i]} * y[i];
      dot_sizes += std::abs(double{x[i]} * y[i]);
      squares += difference * difference;
      distance += std::abs(difference);
    }
    EXPECT_NEAR(kernel().dot(x.data(), y.data(), n), dot, sum_tolerance(n, dot_sizes));
    EXPECT_NEAR(kernel().squared_distance(x.data(), y.data(), n), squares, sum_tolerance(n + 2, squares));
    EXPECT_NEAR(kernel().manhattan_distance(x.data(), y.data(), n), distance, sum_tolerance(n + 1, distance));
  });
}

TEST_P(VectorOpsTest, SumsOfIntegersAreExact) {
  for (const size_t n : kSizes) {
    const auto seed = static_cast<uint32_t>(n);
    const std::vector<float> x = random_integers(seed, n), y = random_integers(seed + 1, n);
    float dot = 0, squares = 0, distance = 0;
    for (size_t i = 0; i < n; ++i) {
      dot += x[i] * y[i];
      squares += (x[i] - y[i]) * (x[i] - y[i]);
      distance += std::abs(x[i] - y[i]);
    }
    EXPECT_EQ(kernel().dot(x.data(), y.data(), n), dot) << level() << ", n " << n << ", seed " << seed;
    EXPECT_EQ(kernel().squared_distance(x.data(), y.data(), n), squares) << level() << ", n " << n << ", seed " << seed;
    EXPECT_EQ(kernel().manhattan_distance(x.data(), y.data(), n), distance)
        << level() << ", n " << n << ", seed " << seed;
  }
}

TEST_P(VectorOpsTest, SumsCarryNanInfinityOverflowAndDenormals) {
  for (const size_t n : {1, 8, 17, 65}) {
    for (const size_t place : {size_t{0}, n - 1}) {
      SCOPED_TRACE("level " + level() + ", n " + std::to_string(n) + ", place " + std::to_string(place));
      std::vector<float> x(n, 0.0f);
      const std::vector<float> ones(n, 1.0f), zeros(n, 0.0f);
      auto sums = [&](const std::vector<float>& y) {
        return std::vector{kernel().dot(x.data(), y.data(), n), kernel().squared_distance(x.data(), y.data(), n),
                           kernel().manhattan_distance(x.data(), y.data(), n)};
      };
      x[place] = kNan;
      EXPECT_TRUE(same_bits(sums(ones), std::vector<float>(3, kNan)));
      x[place] = kInfinity;
      EXPECT_TRUE(same_bits(sums(ones), std::vector<float>(3, kInfinity)));
      x[place] = 3e38f;  // its square is beyond float
      EXPECT_TRUE(same_bits(sums(zeros), std::vector{0.0f, kInfinity, 3e38f}));
      x[place] = 1e-40f;  // not flushed to zero
      EXPECT_EQ(kernel().dot(x.data(), ones.data(), n), 1e-40f);
      EXPECT_EQ(kernel().manhattan_distance(x.data(), zeros.data(), n), 1e-40f);
    }
  }
}

SBERT_FOR_EACH_LEVEL(VectorOpsTest);

}  // namespace
}  // namespace sbert::kernels
