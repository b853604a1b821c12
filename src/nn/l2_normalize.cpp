#include "nn/l2_normalize.h"

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"

namespace sbert::nn {

void l2_normalize_rows(float* x, size_t rows, size_t cols) {
  const kernels::Kernels& kernel = kernels::active();
  for (size_t i = 0; i < rows; ++i) {
    float* row = x + i * cols;
    const float norm = std::max(std::sqrt(kernel.dot(row, row, cols)), 1e-12f);
    for (size_t j = 0; j < cols; ++j) row[j] /= norm;
  }
}

}  // namespace sbert::nn
