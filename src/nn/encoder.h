#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "nn/attention.h"
#include "nn/convolution.h"
#include "nn/embeddings.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"
#include "nn/residual_norms.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The one forward pass: runs any EncoderSpec on packed texts, on the CPU level in use. Immutable; one object serves
/// any number of threads, each with its own workspace.
class Encoder {
 public:
  /// Hears of hidden states [T, H] while they are computed, as transformers' output_hidden_states: index 0 is the
  /// embeddings, index i what layer i gives; the last one is behind the final norm.
  using HiddenStateHook = std::function<void(size_t index, const float* hidden)>;

  /// Checks the spec and every tensor's shape against it, and copies the weights into the kernels' layout; only the
  /// word embeddings stay where they are, so the files behind `tensors` must outlive the encoder. `on_copied` hears of
  /// each large tensor that is not needed any more: memory holds one copy of the weights, not two. Throws
  /// InvalidModelError.
  Encoder(const EncoderSpec& spec, const EncoderTensors& tensors,
          const std::function<void(const TensorView&)>& on_copied = {});

  const EncoderSpec& spec() const noexcept { return spec_; }

  /// hidden [T, H] = the last hidden states. Errors as Embeddings::forward.
  void forward(const PackedBatch& batch, Workspace& workspace, float* hidden,
               const HiddenStateHook& on_hidden_state = {}) const;

  /// out [N, projection_dim] = the text projection of `hidden` [T, H], for a spec that has one. A text without tokens
  /// is projected from zeros.
  void project(const PackedBatch& batch, const float* hidden, Workspace& workspace, float* out) const;

 private:
  struct Layer {
    Attention attention;
    ResidualNorms attention_norms;
    Mlp mlp;
    ResidualNorms mlp_norms;
  };
  void forward_attention(const Layer& layer, const PackedBatch& batch, Workspace& workspace, float* hidden) const;
  void forward_mlp(const Layer& layer, size_t num_tokens, Workspace& workspace, float* hidden) const;

  EncoderSpec spec_;
  Embeddings embeddings_;
  std::vector<Layer> layers_;
  std::optional<Convolution> convolution_;
  std::optional<Norm> final_norm_;
  std::optional<Linear> text_projection_;
};

}  // namespace sbert::nn
