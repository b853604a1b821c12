#pragma once

#include <cstddef>

#include "common/aligned_buffer.h"
#include "kernels/kernels.h"

namespace sbert::kernels {

/// The right-hand side of a product in the layout of one level's matmul: panels [k][panel_cols], zeros behind the last
/// column.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(size_t k, size_t n, size_t panel_cols);

  size_t k() const noexcept { return k_; }
  size_t n() const noexcept { return n_; }
  size_t panel_cols() const noexcept { return panel_cols_; }
  size_t num_panels() const noexcept { return (n_ + panel_cols_ - 1) / panel_cols_; }

  /// Sets columns [begin, begin + count) from `count` rows of k values each: `rows` [count, k] is a part of the
  /// transposed matrix, as torch.nn.Linear stores its weight. Columns of one panel must be set by one thread.
  void set_columns(size_t begin, size_t count, const float* rows, size_t row_stride);

  /// Fills the fields of `args` that describe B, and n and k.
  void describe(MatmulArgs& args) const noexcept;

 private:
  size_t k_ = 0, n_ = 0, panel_cols_ = 1;
  common::AlignedBuffer data_;
};

/// Packs `rows` [n, k] into `out` (panels as above; out holds ceil(n / panel_cols) * panel_cols * k floats): for small
/// matrices that are made while computing, such as the keys of an attention head.
void pack_panels(const float* rows, size_t row_stride, size_t n, size_t k, size_t panel_cols, float* out);

}  // namespace sbert::kernels
