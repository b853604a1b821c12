#include <cfloat>
#include <cmath>
#include <numeric>

#include "kernels/levels.h"
#include "support/floats.h"
#include "support/random.h"

// softmax, layer_norm and rms_norm at every level.
namespace sbert::kernels {
namespace {

using test::all_close;
using test::kEpsilon;
using test::kInfinity;
using test::kNan;
using test::random_floats;
using test::same_bits;

constexpr float kCanary = 12345.5f;

class NormalizationTest : public EachLevel {
 protected:
  std::vector<float> softmax(std::vector<float> row, float scale) const {
    kernel().softmax(row.data(), 1, row.size(), row.size(), scale);
    return row;
  }
  std::string at(size_t m, size_t n, uint32_t seed) const {
    return "level " + level() + ", m " + std::to_string(m) + ", n " + std::to_string(n) + ", seed " +
           std::to_string(seed);
  }
};

// exp(t) of a rounded t = scale (x - max) is off by 2 |t| eps/2 of itself, and by 2 eps for exp's own error; so is
// every term of the sum, which adds n roundings of its own; the quotient adds two.
void define_softmax(std::span<const float> x, float scale, std::vector<double>& want, std::vector<double>& tolerance) {
  const double max = *std::max_element(x.begin(), x.end());
  double sum = 0, sum_error = 0;
  std::vector<double> values, errors;
  for (const float value : x) {
    const double t = double{scale} * (value - max);
    values.push_back(std::exp(t));
    errors.push_back((std::abs(t) + 2) * kEpsilon);
    sum += values.back();
    sum_error += values.back() * errors.back();
  }
  for (size_t j = 0; j < x.size(); ++j) {
    const double p = values[j] / sum;
    want.push_back(p);
    tolerance.push_back(p * (errors[j] + sum_error / sum + (static_cast<double>(x.size()) + 3) * kEpsilon / 2) +
                        FLT_MIN);
  }
}

TEST_P(NormalizationTest, SoftmaxIsWithinItsRoundingErrors) {
  for (const size_t n : kSizes) {
    if (n == 0) continue;
    for (const size_t m : {0, 1, 2, 5}) {
      const size_t stride = n + 3, start = 1;
      const auto seed = static_cast<uint32_t>(n * 10 + m);
      const float scale = seed % 2 == 0 ? 1.0f : 0.125f;
      std::vector<float> x = random_floats(seed, start + m * stride, -30.0f, 30.0f), got = x;
      kernel().softmax(got.data() + start, m, n, stride, scale);
      for (size_t i = 0; i < m; ++i) {
        std::vector<double> want, tolerance;
        define_softmax(std::span(x).subspan(start + i * stride, n), scale, want, tolerance);
        const auto row = std::span(got).subspan(start + i * stride, n);
        ASSERT_TRUE(all_close(row, want, tolerance)) << at(m, n, seed) << ", row " << i;
        std::copy(row.begin(), row.end(), x.begin() + static_cast<std::ptrdiff_t>(start + i * stride));
      }
      ASSERT_TRUE(same_bits(got, x)) << "outside of the rows: " << at(m, n, seed);
    }
  }
}

TEST_P(NormalizationTest, SoftmaxOfARowDoesNotDependOnOtherRows) {
  for (const size_t n : {1, 8, 17, 50, 200}) {
    const std::vector<float> x = random_floats(static_cast<uint32_t>(n), 13 * n, -10.0f, 10.0f);
    std::vector<float> together = x, alone = x;
    kernel().softmax(together.data(), 13, n, n, 0.3f);
    for (size_t i = 0; i < 13; ++i) kernel().softmax(alone.data() + i * n, 1, n, n, 0.3f);
    EXPECT_TRUE(same_bits(together, alone)) << at(13, n, static_cast<uint32_t>(n));
  }
}

TEST_P(NormalizationTest, SoftmaxOfLargeScores) {
  EXPECT_TRUE(same_bits(softmax({3e38f, -3e38f, 0.0f}, 1.0f), std::vector{1.0f, 0.0f, 0.0f}));
  EXPECT_TRUE(same_bits(softmax({-3e38f, -3e38f}, 1.0f), std::vector{0.5f, 0.5f}));
  EXPECT_TRUE(same_bits(softmax({-kInfinity, 5.0f, 5.0f}, 1.0f), std::vector{0.0f, 0.5f, 0.5f}));
  EXPECT_TRUE(same_bits(softmax(std::vector<float>(64, 1e30f), 0.125f), std::vector<float>(64, 1.0f / 64)));
  EXPECT_TRUE(same_bits(softmax({100.0f, 0.0f, -20.0f}, 0.0f), std::vector<float>(3, 1.0f / 3)));
  const std::vector<float> tiny = softmax({0.0f, -100.0f}, 1.0f);  // exp(-100) is not a normal float
  EXPECT_EQ(tiny[0], 1.0f);
  EXPECT_NEAR(tiny[1], std::exp(-100.0), FLT_MIN);
}

// A row that cannot be computed must not look like one that can.
TEST_P(NormalizationTest, SoftmaxOfNanOrInfinityIsNan) {
  for (const size_t n : {1, 3, 16, 19, 50}) {
    for (const size_t place : {size_t{0}, n / 2, n - 1}) {
      for (const float special : {kNan, kInfinity}) {
        std::vector<float> row = random_floats(5, n);
        row[place] = special;
        EXPECT_TRUE(same_bits(softmax(row, 0.5f), std::vector<float>(n, kNan)))
            << at(1, n, 5) << ", " << special << " at " << place;
      }
    }
  }
  EXPECT_TRUE(same_bits(softmax({-kInfinity, -kInfinity}, 1.0f), std::vector{kNan, kNan}));
}

struct NormInput {
  size_t m, n;
  std::vector<float> a, b, weight, bias;

  NormInput(size_t rows, size_t cols, uint32_t seed)
      : m(rows),
        n(cols),
        a(random_floats(seed, m * n, -3.0f, 5.0f)),
        b(random_floats(seed + 1, m * n)),
        weight(random_floats(seed + 2, n, 0.5f, 1.5f)),
        bias(random_floats(seed + 3, n)) {}
};

// x - mean is off by what the mean is off (n + 2 roundings of values of the mean size of |x|) and by its own rounding;
// the variance by n + 4 roundings; the rest are a few more, each relative to what is rounded.
void define_layer_norm(const NormInput& input, const float* b, float eps, std::vector<double>& want,
                       std::vector<double>& tolerance) {
  const auto n = static_cast<double>(input.n);
  for (size_t i = 0; i < input.m; ++i) {
    std::vector<double> x(input.n);
    for (size_t j = 0; j < input.n; ++j)
      x[j] = double{input.a[i * input.n + j]} + (b == nullptr ? 0 : b[i * input.n + j]);
    double mean = 0, sizes = 0, variance = 0;
    for (const double value : x) mean += value / n, sizes += std::abs(value) / n;
    for (const double value : x) variance += (value - mean) * (value - mean) / n;
    const double inverse = 1 / std::sqrt(variance + eps);
    const double mean_error = (n + 3) * kEpsilon / 2 * sizes;
    for (size_t j = 0; j < input.n; ++j) {
      const double centered = x[j] - mean, y = centered * inverse * input.weight[j];
      const double error = (mean_error + kEpsilon * std::abs(x[j])) * inverse * std::abs(input.weight[j]) +
                           std::abs(y) * (n / 2 + 8) * kEpsilon +
                           std::abs(y) * 2 * kEpsilon * sizes * inverse;  // of x - mean inside the variance
      want.push_back(y + input.bias[j]);
      tolerance.push_back(error + kEpsilon * std::abs(want.back()));
    }
  }
}

TEST_P(NormalizationTest, LayerNormIsWithinItsRoundingErrors) {
  for (const size_t n : kSizes) {
    if (n == 0) continue;
    for (const size_t m : {0, 1, 3}) {
      const auto seed = static_cast<uint32_t>(n * 10 + m);
      const NormInput input(m, n, seed);
      for (const float* b : {static_cast<const float*>(nullptr), input.b.data()}) {
        std::vector<float> out(m * n + 1, kCanary);
        kernel().layer_norm(input.a.data(), b, input.weight.data(), input.bias.data(), 1e-3f, out.data(), m, n);
        EXPECT_EQ(out.back(), kCanary);
        std::vector<double> want, tolerance;
        define_layer_norm(input, b, 1e-3f, want, tolerance);
        ASSERT_TRUE(all_close(std::span(out).first(m * n), want, tolerance))
            << at(m, n, seed) << (b == nullptr ? "" : ", with b");
      }
    }
  }
}

TEST_P(NormalizationTest, LayerNormInPlaceAndRowByRowGivesTheSameBits) {
  for (const size_t n : {1, 8, 17, 50, 384}) {
    const NormInput input(7, n, static_cast<uint32_t>(n));
    auto run = [&](const float* a, const float* b, float* out, size_t m) {
      kernel().layer_norm(a, b, input.weight.data(), input.bias.data(), 1e-12f, out, m, n);
    };
    std::vector<float> want(7 * n), over_a = input.a, over_b = input.b, alone(7 * n);
    run(input.a.data(), input.b.data(), want.data(), 7);
    run(over_a.data(), input.b.data(), over_a.data(), 7);
    run(input.a.data(), over_b.data(), over_b.data(), 7);
    for (size_t i = 0; i < 7; ++i) run(input.a.data() + i * n, input.b.data() + i * n, alone.data() + i * n, 1);
    EXPECT_TRUE(same_bits(over_a, want)) << "out = a: " << at(7, n, static_cast<uint32_t>(n));
    EXPECT_TRUE(same_bits(over_b, want)) << "out = b: " << at(7, n, static_cast<uint32_t>(n));
    EXPECT_TRUE(same_bits(alone, want)) << "row by row: " << at(7, n, static_cast<uint32_t>(n));
  }
}

TEST_P(NormalizationTest, LayerNormOfARowOfEqualValuesIsTheBias) {
  for (const size_t n : {1, 7, 16, 33}) {
    for (const float value : {0.0f, 2.0f, 0x1p100f, 1e-40f}) {
      NormInput input(1, n, 3);
      std::fill(input.a.begin(), input.a.end(), value);
      std::vector<float> out(n);
      kernel().layer_norm(input.a.data(), nullptr, input.weight.data(), input.bias.data(), 1e-12f, out.data(), 1, n);
      EXPECT_TRUE(same_bits(out, input.bias)) << at(1, n, 3) << ", value " << value;
    }
  }
}

TEST_P(NormalizationTest, LayerNormOfNanOrInfinityIsNanInThatRowOnly) {
  for (const size_t n : {1, 8, 19}) {
    for (const float special : {kNan, kInfinity}) {
      NormInput input(3, n, 9);
      std::vector<float> want(3 * n), got(3 * n);
      auto run = [&](float* out) {
        kernel().layer_norm(input.a.data(), nullptr, input.weight.data(), input.bias.data(), 1e-5f, out, 3, n);
      };
      run(want.data());
      std::fill_n(want.begin() + static_cast<std::ptrdiff_t>(n), n, kNan);
      input.a[2 * n - 1] = special;
      run(got.data());
      EXPECT_TRUE(same_bits(got, want)) << at(3, n, 9) << ", " << special;
    }
  }
}

// The mean square is off by n + 2 roundings, its root by half of that, and the two products round once each.
TEST_P(NormalizationTest, RmsNormIsWithinItsRoundingErrors) {
  for (const size_t n : kSizes) {
    if (n == 0) continue;
    for (const size_t m : {0, 1, 3}) {
      const auto seed = static_cast<uint32_t>(n * 10 + m);
      const NormInput input(m, n, seed);
      for (const float* b : {static_cast<const float*>(nullptr), input.b.data()}) {
        std::vector<float> out(m * n + 1, kCanary);
        kernel().rms_norm(input.a.data(), b, input.weight.data(), 1e-3f, out.data(), m, n);
        EXPECT_EQ(out.back(), kCanary);
        std::vector<double> want, tolerance;
        for (size_t i = 0; i < m; ++i) {
          auto x = [&](size_t j) { return double{input.a[i * n + j]} + (b == nullptr ? 0 : b[i * n + j]); };
          double squares = 0;
          for (size_t j = 0; j < n; ++j) squares += x(j) * x(j) / static_cast<double>(n);
          for (size_t j = 0; j < n; ++j) {
            want.push_back(x(j) / std::sqrt(squares + 1e-3) * input.weight[j]);
            const double sum_error = b == nullptr ? 0 : (std::abs(input.a[i * n + j]) + 1) / std::abs(x(j));
            tolerance.push_back(std::abs(want.back()) * kEpsilon * (static_cast<double>(n) / 4 + 5 + sum_error));
          }
        }
        ASSERT_TRUE(all_close(std::span(out).first(m * n), want, tolerance))
            << at(m, n, seed) << (b == nullptr ? "" : ", with b");
      }
    }
  }
}

TEST_P(NormalizationTest, RmsNormInPlaceAndRowByRowGivesTheSameBits) {
  for (const size_t n : {1, 8, 17, 50, 384}) {
    const NormInput input(7, n, static_cast<uint32_t>(n));
    auto run = [&](const float* a, const float* b, float* out, size_t m) {
      kernel().rms_norm(a, b, input.weight.data(), 1e-6f, out, m, n);
    };
    std::vector<float> want(7 * n), over_a = input.a, over_b = input.b, alone(7 * n);
    run(input.a.data(), input.b.data(), want.data(), 7);
    run(over_a.data(), input.b.data(), over_a.data(), 7);
    run(input.a.data(), over_b.data(), over_b.data(), 7);
    for (size_t i = 0; i < 7; ++i) run(input.a.data() + i * n, input.b.data() + i * n, alone.data() + i * n, 1);
    EXPECT_TRUE(same_bits(over_a, want)) << "out = a: " << at(7, n, static_cast<uint32_t>(n));
    EXPECT_TRUE(same_bits(over_b, want)) << "out = b: " << at(7, n, static_cast<uint32_t>(n));
    EXPECT_TRUE(same_bits(alone, want)) << "row by row: " << at(7, n, static_cast<uint32_t>(n));
  }
}

TEST_P(NormalizationTest, RmsNormOfNanOrInfinityIsInThatRowOnly) {
  for (const size_t n : {1, 8, 19}) {
    NormInput input(3, n, 9);
    std::vector<float> want(3 * n), got(3 * n);
    auto run = [&](float* out) { kernel().rms_norm(input.a.data(), nullptr, input.weight.data(), 1e-5f, out, 3, n); };
    run(want.data());
    input.a[2 * n - 1] = kNan;
    run(got.data());
    std::fill_n(want.begin() + static_cast<std::ptrdiff_t>(n), n, kNan);
    EXPECT_TRUE(same_bits(got, want)) << at(3, n, 9);
    input.a[2 * n - 1] = kInfinity;  // infinity times 0, as torch has it; the other values become 0
    run(got.data());
    std::fill_n(want.begin() + static_cast<std::ptrdiff_t>(n), n - 1, 0.0f);
    for (size_t j = n; j + 1 < 2 * n; ++j) want[j] = std::copysign(0.0f, input.a[j]);
    EXPECT_TRUE(same_bits(got, want)) << at(3, n, 9) << ", infinity";
  }
  std::vector<float> zeros(20, 0.0f);
  const NormInput input(1, 20, 1);
  kernel().rms_norm(zeros.data(), nullptr, input.weight.data(), 1e-6f, zeros.data(), 1, 20);
  EXPECT_TRUE(same_bits(zeros, std::vector<float>(20, 0.0f)));
}

SBERT_FOR_EACH_LEVEL(NormalizationTest);

}  // namespace
}  // namespace sbert::kernels
