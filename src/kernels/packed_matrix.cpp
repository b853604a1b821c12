#include "kernels/packed_matrix.h"

#include <algorithm>
#include <cstring>

#include "common/assert.h"

namespace sbert::kernels {
namespace {

// Columns [first, first + count) of one panel [k][panel_cols] from the rows of the transposed matrix. Blocks of 16
// values of k: one cache line of every row is used whole before the next is touched.
void fill_panel(const float* rows, size_t row_stride, size_t first, size_t count, size_t k, size_t panel_cols,
                float* panel) {
  constexpr size_t kBlock = 16;
  for (size_t k0 = 0; k0 < k; k0 += kBlock) {
    const size_t k1 = std::min(k0 + kBlock, k);
    for (size_t j = 0; j < count; ++j) {
      const float* row = rows + j * row_stride;
      float* out = panel + first + j;
      for (size_t i = k0; i < k1; ++i) out[i * panel_cols] = row[i];
    }
  }
}

}  // namespace

PackedMatrix::PackedMatrix(size_t k, size_t n, size_t panel_cols) : k_(k), n_(n), panel_cols_(panel_cols) {
  data_.reserve(num_panels() * panel_cols_ * k_);
  if (n_ % panel_cols_ != 0) {
    float* last = data_.data() + (num_panels() - 1) * panel_cols_ * k_;
    std::memset(last, 0, panel_cols_ * k_ * sizeof(float));
  }
}

void PackedMatrix::set_columns(size_t begin, size_t count, const float* rows, size_t row_stride) {
  SBERT_ASSERT(begin + count <= n_);
  while (count > 0) {
    const size_t first = begin % panel_cols_;
    const size_t part = std::min(count, panel_cols_ - first);
    fill_panel(rows, row_stride, first, part, k_, panel_cols_, data_.data() + begin / panel_cols_ * panel_cols_ * k_);
    begin += part;
    count -= part;
    rows += part * row_stride;
  }
}

void PackedMatrix::describe(MatmulArgs& args) const noexcept {
  args.n = n_;
  args.k = k_;
  args.b = data_.data();
  args.b_row_stride = panel_cols_;
  args.b_panel_stride = panel_cols_ * k_;
}

void pack_panels(const float* rows, size_t row_stride, size_t n, size_t k, size_t panel_cols, float* out) {
  for (size_t begin = 0; begin < n; begin += panel_cols, out += panel_cols * k) {
    const size_t count = std::min(panel_cols, n - begin);
    if (count < panel_cols) std::memset(out, 0, panel_cols * k * sizeof(float));
    fill_panel(rows + begin * row_stride, row_stride, 0, count, k, panel_cols, out);
  }
}

}  // namespace sbert::kernels
