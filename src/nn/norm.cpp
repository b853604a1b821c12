#include "nn/norm.h"

#include "nn/linear.h"

namespace sbert::nn {

Norm::Norm(const NormSpec& spec, const NormTensors& tensors, size_t size) : kind_(spec.kind), eps_(spec.eps) {
  require_shape(tensors.weight, {static_cast<int64_t>(size)});
  weight_ = formats::read_floats(tensors.weight);
  for (float& weight : weight_) weight += spec.weight_offset;
  if (kind_ == NormKind::kRms) return;
  bias_.assign(size, 0.0f);
  if (tensors.bias) {
    require_shape(*tensors.bias, {static_cast<int64_t>(size)});
    bias_ = formats::read_floats(*tensors.bias);
  }
}

void Norm::forward(const float* a, const float* b, size_t rows, float* out) const {
  const kernels::Kernels& kernel = kernels::active();
  if (kind_ == NormKind::kRms) {
    kernel.rms_norm(a, b, weight_.data(), eps_, out, rows, size());
  } else {
    kernel.layer_norm(a, b, weight_.data(), bias_.data(), eps_, out, rows, size());
  }
}

}  // namespace sbert::nn
