#pragma once

#include <cstddef>
#include <initializer_list>
#include <vector>

#include "common/aligned_buffer.h"
#include "kernels/packed_matrix.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"

namespace sbert::nn {

/// y = activation(x W^T + b), torch.nn.Linear. The weight is packed for the CPU level in use.
class Linear {
 public:
  struct Part {
    const LinearTensors* tensors = nullptr;
    size_t out_features = 0;
  };

  Linear() = default;
  /// Several linears of one input become one product, whose outputs stand side by side (query, key, value). Where only
  /// some have a bias, the others' is zero. Throws InvalidModelError where a tensor is not [out_features, in_features].
  Linear(std::initializer_list<Part> parts, size_t in_features);
  Linear(const LinearTensors& tensors, size_t in_features, size_t out_features)
      : Linear({{&tensors, out_features}}, in_features) {}

  size_t in_features() const noexcept { return weight_.k(); }
  size_t out_features() const noexcept { return weight_.n(); }

  /// x [rows, in_features] with x_stride floats between rows -> y [rows, out_features], contiguous.
  void forward(const float* x, size_t x_stride, size_t rows, float* y,
               Activation activation = Activation::kIdentity) const;

 private:
  kernels::PackedMatrix weight_;
  std::vector<float> bias_;  // empty: none
};

/// Throws InvalidModelError unless `tensor` has this shape and a float type.
void require_shape(const TensorView& tensor, std::initializer_list<int64_t> shape);

}  // namespace sbert::nn
