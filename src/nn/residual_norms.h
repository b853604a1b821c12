#pragma once

#include <cstddef>
#include <optional>

#include "common/aligned_buffer.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/norm.h"

namespace sbert::nn {

/// What stands around a sublayer f: x = residual(x + scale * output(f(input(x)))). Each norm may be absent.
class ResidualNorms {
 public:
  ResidualNorms(const SublayerNorms& spec, const SublayerNormTensors& tensors, float scale, size_t hidden_size);

  /// The input of f: norm(x), which stands in `buffer`, or x itself.
  const float* before(const float* x, size_t rows, common::AlignedBuffer& buffer) const;
  /// `added` = f's result, which is used up; x becomes the sublayer's result.
  void after(float* added, size_t rows, float* x) const;

 private:
  std::optional<Norm> input_, output_, residual_;
  float scale_;
  size_t hidden_size_;
};

}  // namespace sbert::nn
