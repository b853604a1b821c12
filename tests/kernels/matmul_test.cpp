#include <cmath>

#include "kernels/levels.h"
#include "kernels/packed_matrix.h"
#include "support/floats.h"
#include "support/random.h"

// C = activation(A B + bias) at every level: exactly on integers, within the rounding errors on other values, and with
// the rule for bits (a row's result does not depend on the rows beside it).
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

// How B stands in memory: in a packed matrix, as weights do; or in rows, as the values of attention do.
enum class Layout { kPacked, kRows };

// One product with odd strides and starts that are not aligned. `b_columns` is B transposed, [n, k].
struct Product {
  size_t m, n, k;
  std::vector<float> a, b_columns, bias;  // bias: empty for none
  Layout layout = Layout::kPacked;
  Activation activation = Activation::kIdentity;

  // C without the gaps of its rows; checks that the gaps and what stands behind C are left alone.
  std::vector<float> compute(const Kernels& kernel, size_t first_row, size_t rows) const {
    constexpr size_t kAGap = 3, kCGap = 5, kStart = 1, kReadBehind = 64;
    const size_t a_stride = k + kAGap, c_stride = n + kCGap;
    std::vector<float> strided_a(kStart + rows * a_stride, kNan), c(kStart + rows * c_stride + 1, kCanary);
    for (size_t i = 0; i < rows; ++i) {
      std::copy_n(a.begin() + static_cast<std::ptrdiff_t>((first_row + i) * k), k,
                  strided_a.begin() + static_cast<std::ptrdiff_t>(kStart + i * a_stride));
    }
    MatmulArgs args;
    PackedMatrix packed(k, n, kernel.panel_cols);
    std::vector<float> in_rows;
    if (layout == Layout::kPacked) {
      packed.set_columns(0, n, b_columns.data(), k);
      packed.describe(args);
    } else {
      const size_t b_stride = n + 7;
      in_rows.assign(kStart + k * b_stride + kReadBehind, kNan);  // what stands beside B must not reach C
      for (size_t j = 0; j < n; ++j) {
        for (size_t i = 0; i < k; ++i) in_rows[kStart + i * b_stride + j] = b_columns[j * k + i];
      }
      args.n = n;
      args.k = k;
      args.b = in_rows.data() + kStart;
      args.b_row_stride = b_stride;
      args.b_panel_stride = kernel.panel_cols;
    }
    args.m = rows;
    args.a = strided_a.data() + kStart;
    args.a_stride = a_stride;
    args.bias = bias.empty() ? nullptr : bias.data();
    args.c = c.data() + kStart;
    args.c_stride = c_stride;
    args.activation = activation;
    kernel.matmul(args);

    std::vector<float> result;
    for (size_t i = 0; i < rows; ++i) {
      const auto row = std::span(c).subspan(kStart + i * c_stride, c_stride);
      result.insert(result.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(n));
      for (const float value : row.subspan(n)) EXPECT_EQ(value, kCanary) << "behind row " << i << " of C";
    }
    EXPECT_EQ(c.front(), kCanary);
    EXPECT_EQ(c.back(), kCanary);
    return result;
  }
  std::vector<float> compute(const Kernels& kernel) const { return compute(kernel, 0, m); }

  // The definition in double, and how far a chain of k roundings (and one for the bias) may lead from it.
  void define(std::vector<double>& want, std::vector<double>& tolerance) const {
    for (size_t i = 0; i < m; ++i) {
      for (size_t j = 0; j < n; ++j) {
        double sum = bias.empty() ? 0 : bias[j], sizes = std::abs(sum);
        for (size_t p = 0; p < k; ++p) {
          const double term = double{a[i * k + p]} * b_columns[j * k + p];
          sum += term;
          sizes += std::abs(term);
        }
        want.push_back(sum);
        tolerance.push_back((static_cast<double>(k) + 2) * kEpsilon / 2 * sizes * 1.01);
      }
    }
  }
};

class MatmulTest : public EachLevel {
 protected:
  std::string describe(const Product& p, uint32_t seed) const {
    return "level " + level() + ", m " + std::to_string(p.m) + ", n " + std::to_string(p.n) + ", k " +
           std::to_string(p.k) + (p.layout == Layout::kRows ? ", B in rows" : ", B packed") + ", seed " +
           std::to_string(seed);
  }
};

TEST_P(MatmulTest, IsExactOnIntegers) {
  uint32_t seed = 0;
  for (const size_t m : {0, 1, 2, 5, 6, 7, 8, 9, 12, 13, 16, 17, 20}) {
    for (const size_t n : {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 145}) {
      for (const size_t k : {0, 1, 2, 7, 8, 17, 64}) {
        ++seed;
        Product p{.m = m,
                  .n = n,
                  .k = k,
                  .a = random_integers(seed, m * k),
                  .b_columns = random_integers(seed + 1000, n * k),
                  .bias = seed % 2 == 0 ? random_integers(seed + 2000, n) : std::vector<float>(),
                  .layout = seed % 3 == 0 ? Layout::kRows : Layout::kPacked};
        std::vector<double> want, tolerance;
        p.define(want, tolerance);
        ASSERT_TRUE(all_close(p.compute(kernel()), want, 0.0)) << describe(p, seed);
      }
    }
  }
}

TEST_P(MatmulTest, IsWithinTheRoundingErrors) {
  uint32_t seed = 0;
  for (const size_t n : {1, 15, 16, 32, 48, 49, 100}) {
    for (const size_t k : {1, 3, 32, 100, 384, 1536}) {
      ++seed;
      Product p{.m = 9,
                .n = n,
                .k = k,
                .a = random_floats(seed, 9 * k),
                .b_columns = random_floats(seed + 1000, n * k),
                .bias = random_floats(seed + 2000, n)};
      std::vector<double> want, tolerance;
      p.define(want, tolerance);
      ASSERT_TRUE(all_close(p.compute(kernel()), want, tolerance)) << describe(p, seed);
    }
  }
}

TEST_P(MatmulTest, RowsHaveTheSameBitsAloneAndTogether) {
  for (const Layout layout : {Layout::kPacked, Layout::kRows}) {
    for (const size_t n : {1, 16, 31, 48, 50, 97}) {
      const auto seed = static_cast<uint32_t>(n);
      Product p{.m = 20,
                .n = n,
                .k = 67,
                .a = random_floats(seed, 20 * 67),
                .b_columns = random_floats(seed + 1000, n * 67),
                .bias = random_floats(seed + 2000, n),
                .layout = layout,
                .activation = Activation::kGelu};
      std::vector<float> alone;
      for (size_t i = 0; i < p.m; ++i) {
        const std::vector<float> row = p.compute(kernel(), i, 1);
        alone.insert(alone.end(), row.begin(), row.end());
      }
      for (size_t rows = 1; rows <= p.m; ++rows) {
        for (size_t first = 0; first + rows <= p.m; ++first) {
          ASSERT_TRUE(same_bits(p.compute(kernel(), first, rows), std::span(alone).subspan(first * n, rows * n)))
              << describe(p, seed) << ", rows " << first << " to " << first + rows;
        }
      }
    }
  }
}

// Fused or not, the activation is that of `activate`.
TEST_P(MatmulTest, ActivationIsThatOfActivate) {
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh, Activation::kRelu, Activation::kSilu,
                                      Activation::kSigmoid, Activation::kTanh}) {
    for (const size_t n : {1, 17, 48, 61}) {
      Product p{.m = 7,
                .n = n,
                .k = 10,
                .a = random_floats(1, 70),
                .b_columns = random_floats(2, n * 10),
                .bias = random_floats(3, n)};
      std::vector<float> want = p.compute(kernel());
      kernel().activate(activation, want.data(), want.size());
      p.activation = activation;
      EXPECT_TRUE(same_bits(p.compute(kernel()), want))
          << describe(p, 1) << ", activation " << static_cast<int>(activation);
    }
  }
}

TEST_P(MatmulTest, NanAndInfinityStayInTheirRowAndColumn) {
  for (const float special : {kNan, kInfinity}) {
    for (const size_t n : {5, 48, 50}) {
      Product p{.m = 11,
                .n = n,
                .k = 6,
                .a = std::vector<float>(66, 1.0f),
                .b_columns = std::vector<float>(n * 6, 2.0f),
                .bias = {}};
      const std::vector<float> plain = p.compute(kernel());
      for (const size_t row : {0, 7, 10}) {
        for (const size_t column : {size_t{0}, n / 2, n - 1}) {
          p.a[row * 6 + 3] = special;
          p.b_columns[column * 6 + 1] = special;
          const std::vector<float> got = p.compute(kernel());
          p.a[row * 6 + 3] = 1.0f;
          p.b_columns[column * 6 + 1] = 2.0f;
          std::vector<float> want = plain;
          for (size_t j = 0; j < n; ++j) want[row * n + j] = special;
          for (size_t i = 0; i < p.m; ++i) want[i * n + column] = special;
          ASSERT_TRUE(same_bits(got, want)) << describe(p, 0) << ", " << special << " at " << row << ", " << column;
        }
      }
    }
  }
}

TEST_P(MatmulTest, LargeValuesOverflowAndDenormalsAreKept) {
  Product large{.m = 2,
                .n = 49,
                .k = 2,
                .a = {1e30f, 1e30f, -1e30f, 1.0f},
                .b_columns = std::vector<float>(98, 1e30f),
                .bias = {}};
  std::vector<float> want(49, kInfinity);
  want.resize(98, -kInfinity);
  EXPECT_TRUE(same_bits(large.compute(kernel()), want)) << level();
  Product small{
      .m = 2, .n = 49, .k = 1, .a = {1e-20f, 1e-40f}, .b_columns = std::vector<float>(49, 0x1p-70f), .bias = {}};
  want.assign(49, 1e-20f * 0x1p-70f);
  want.resize(98, 0.0f);
  EXPECT_TRUE(same_bits(small.compute(kernel()), want)) << level();
  EXPECT_GT(want[0], 0.0f);
}

SBERT_FOR_EACH_LEVEL(MatmulTest);

}  // namespace
}  // namespace sbert::kernels
