#include "kernels/hwy/hwy_kernels.h"

namespace sbert::kernels {

Kernels make_hwy_kernels(Level level) {
  Kernels table;
  fill_matmul(level, table);
  fill_activation(level, table);
  fill_normalization(level, table);
  fill_vector_ops(level, table);
  return table;
}

}  // namespace sbert::kernels
