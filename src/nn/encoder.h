#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "nn/embeddings.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The one forward pass: runs any EncoderSpec on packed texts, on the CPU level in use. Immutable; one object serves
/// any number of threads, each with its own workspace.
class Encoder {
 public:
  /// Checks every tensor's shape against the spec and copies the weights into the kernels' layout; only the word
  /// embeddings stay where they are, so the files behind `tensors` must outlive the encoder. `on_copied` hears of each
  /// large tensor that is not needed any more: memory holds one copy of the weights, not two.
  Encoder(const EncoderSpec& spec, const EncoderTensors& tensors,
          const std::function<void(const TensorView&)>& on_copied = {});

  const EncoderSpec& spec() const noexcept { return spec_; }

  /// hidden [T, H] = the last layer's token embeddings. Errors as Embeddings::forward.
  void forward(const PackedBatch& batch, Workspace& workspace, float* hidden) const;

 private:
  struct Layer {
    Linear qkv, attention_output;
    Norm attention_norm;
    Linear mlp_up, mlp_down;
    Norm mlp_norm;
  };
  void forward_mlp(const Layer& layer, const MlpSpec& spec, size_t num_tokens, Workspace& workspace,
                   float* hidden) const;

  EncoderSpec spec_;
  Embeddings embeddings_;
  std::vector<Layer> layers_;
};

}  // namespace sbert::nn
