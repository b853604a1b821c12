#pragma once

#include <cstddef>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// torch.nn.Conv1d over the tokens of each text, with zeros before the first and behind the last token; the formula of
/// the whole stands at ConvolutionSpec.
class Convolution {
 public:
  Convolution(const ConvolutionSpec& spec, const ConvolutionTensors& tensors, size_t hidden_size);

  /// hidden [T, H] = norm(hidden + activation(conv(x))); x [T, H] is not `hidden`.
  void forward(const float* x, const PackedBatch& batch, Workspace& workspace, float* hidden) const;

 private:
  Activation activation_;
  size_t kernel_size_;
  std::vector<Linear> groups_;  // [H / groups, kernel_size * H / groups] each
  Norm norm_;
};

}  // namespace sbert::nn
