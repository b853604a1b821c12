#include "kernels/packed_matrix.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "support/floats.h"
#include "support/random.h"

namespace sbert::kernels {
namespace {

// The panels of `rows` [n, k], element by element as kernels.h states the layout; zeros behind the last column.
std::vector<float> panels_of(const std::vector<float>& rows, size_t n, size_t k, size_t panel_cols) {
  std::vector<float> panels((n + panel_cols - 1) / panel_cols * panel_cols * k, 0.0f);
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = 0; i < k; ++i)
      panels[j / panel_cols * panel_cols * k + i * panel_cols + j % panel_cols] = rows[j * k + i];
  }
  return panels;
}

std::span<const float> content_of(const PackedMatrix& matrix) {
  MatmulArgs args;
  matrix.describe(args);
  EXPECT_EQ(args.n, matrix.n());
  EXPECT_EQ(args.k, matrix.k());
  EXPECT_EQ(args.b_row_stride, matrix.panel_cols());
  EXPECT_EQ(args.b_panel_stride, matrix.panel_cols() * matrix.k());
  return {args.b, matrix.num_panels() * args.b_panel_stride};
}

template <typename Check>
void for_each_shape(Check check) {
  for (const size_t panel_cols : {8, 16, 48}) {
    for (const size_t n : {size_t{1}, panel_cols - 1, panel_cols, panel_cols + 1, 2 * panel_cols - 1, 2 * panel_cols,
                           3 * panel_cols + 5}) {
      for (const size_t k : {1, 2, 15, 16, 17, 33}) {
        SCOPED_TRACE("panel_cols " + std::to_string(panel_cols) + ", n " + std::to_string(n) + ", k " +
                     std::to_string(k));
        check(panel_cols, n, k, test::random_floats(static_cast<uint32_t>(n * 100 + k), n * k));
      }
    }
  }
}

TEST(PackedMatrixTest, HoldsEveryElementAtItsPlace) {
  for_each_shape([](size_t panel_cols, size_t n, size_t k, const std::vector<float>& rows) {
    PackedMatrix matrix(k, n, panel_cols);
    matrix.set_columns(0, n, rows.data(), k);
    EXPECT_TRUE(test::same_bits(content_of(matrix), panels_of(rows, n, k, panel_cols)));
  });
}

TEST(PackedMatrixTest, MayBeFilledInPartsInAnyOrder) {
  for_each_shape([](size_t panel_cols, size_t n, size_t k, const std::vector<float>& rows) {
    for (const size_t part : {size_t{1}, size_t{5}, panel_cols, panel_cols + 3}) {
      PackedMatrix matrix(k, n, panel_cols);
      for (size_t end = n; end > 0;) {
        const size_t begin = end > part ? end - part : 0;
        matrix.set_columns(begin, end - begin, rows.data() + begin * k, k);
        end = begin;
      }
      EXPECT_TRUE(test::same_bits(content_of(matrix), panels_of(rows, n, k, panel_cols))) << "parts of " << part;
    }
  });
}

TEST(PackedMatrixTest, PackPanelsIsTheSameLayout) {
  for_each_shape([](size_t panel_cols, size_t n, size_t k, const std::vector<float>& rows) {
    const size_t stride = k + 3;
    std::vector<float> strided(n * stride, test::kNan);
    for (size_t j = 0; j < n; ++j) {
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(j * k), k,
                  strided.begin() + static_cast<std::ptrdiff_t>(j * stride));
    }
    std::vector<float> want = panels_of(rows, n, k, panel_cols);
    want.push_back(7.0f);
    std::vector<float> out(want.size(), 7.0f);
    pack_panels(strided.data(), stride, n, k, panel_cols, out.data());
    EXPECT_TRUE(test::same_bits(out, want));
  });
}

TEST(PackedMatrixTest, StartsAtACacheLineAndMoves) {
  PackedMatrix matrix(3, 5, 8);
  const std::vector<float> rows = test::random_floats(1, 15);
  matrix.set_columns(0, 5, rows.data(), 3);
  const PackedMatrix moved = std::move(matrix);
  MatmulArgs args;
  moved.describe(args);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(args.b) % 64, 0u);
  EXPECT_TRUE(test::same_bits(content_of(moved), panels_of(rows, 5, 3, 8)));
}

TEST(PackedMatrixTest, PackPanelsOfNothingWritesNothing) {
  float out = 7.0f;
  pack_panels(nullptr, 0, 0, 4, 8, &out);
  EXPECT_EQ(out, 7.0f);
}

}  // namespace
}  // namespace sbert::kernels
