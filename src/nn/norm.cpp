#include "nn/norm.h"

#include "nn/linear.h"

namespace sbert::nn {

Norm::Norm(const NormSpec& spec, const NormTensors& tensors, size_t size) : eps_(spec.eps) {
  require_shape(tensors.weight, {static_cast<int64_t>(size)});
  require_shape(tensors.bias, {static_cast<int64_t>(size)});
  weight_ = formats::read_floats(tensors.weight);
  bias_ = formats::read_floats(tensors.bias);
}

void Norm::forward(const float* a, const float* b, size_t rows, float* out) const {
  kernels::active().layer_norm(a, b, weight_.data(), bias_.data(), eps_, out, rows, size());
}

}  // namespace sbert::nn
