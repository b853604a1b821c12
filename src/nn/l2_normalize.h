#pragma once

#include <cstddef>

namespace sbert::nn {

/// Each row: x / max(|x|, 1e-12). torch.nn.functional.normalize.
void l2_normalize_rows(float* x, size_t rows, size_t cols);

}  // namespace sbert::nn
