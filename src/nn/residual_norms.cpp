#include "nn/residual_norms.h"

#include "nn/spec_checks.h"

namespace sbert::nn {
namespace {

std::optional<Norm> make_norm(const std::optional<NormSpec>& spec, const std::optional<NormTensors>& tensors,
                              size_t size) {
  if (!spec) return std::nullopt;
  return Norm(*spec, given(tensors, "a norm of a layer"), size);
}

}  // namespace

ResidualNorms::ResidualNorms(const SublayerNorms& spec, const SublayerNormTensors& tensors, float scale,
                             size_t hidden_size)
    : input_(make_norm(spec.input, tensors.input, hidden_size)),
      output_(make_norm(spec.output, tensors.output, hidden_size)),
      residual_(make_norm(spec.residual, tensors.residual, hidden_size)),
      scale_(scale),
      hidden_size_(hidden_size) {}

const float* ResidualNorms::before(const float* x, size_t rows, common::AlignedBuffer& buffer) const {
  if (!input_) return x;
  float* normed = buffer.reserve(rows * hidden_size_);
  input_->forward(x, nullptr, rows, normed);
  return normed;
}

void ResidualNorms::after(float* added, size_t rows, float* x) const {
  const kernels::Kernels& kernel = kernels::active();
  if (output_) output_->forward(added, nullptr, rows, added);
  if (scale_ != 1.0f) kernel.scale(scale_, added, rows * hidden_size_);
  if (residual_) {
    residual_->forward(added, x, rows, x);
  } else {
    kernel.add(added, x, rows * hidden_size_);
  }
}

}  // namespace sbert::nn
