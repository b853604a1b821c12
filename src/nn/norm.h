#pragma once

#include <cstddef>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"

namespace sbert::nn {

/// The norm of a NormSpec over the last dimension: torch.nn.LayerNorm, torch.nn.RMSNorm.
class Norm {
 public:
  Norm() = default;
  /// Throws InvalidModelError where a tensor is not [size].
  Norm(const NormSpec& spec, const NormTensors& tensors, size_t size);

  size_t size() const noexcept { return weight_.size(); }

  /// out = norm(a + b) for `rows` rows; b may be null, out may be a or b.
  void forward(const float* a, const float* b, size_t rows, float* out) const;

 private:
  NormKind kind_ = NormKind::kLayer;
  float eps_ = 0.0f;
  std::vector<float> weight_, bias_;
};

}  // namespace sbert::nn
