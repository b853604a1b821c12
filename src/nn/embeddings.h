#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// Token ids -> the first hidden states; the formula stands at EmbeddingsSpec. The word table stays in its file,
/// mapped; the small tables are copied.
class Embeddings {
 public:
  /// Throws InvalidModelError where a tensor has another shape than the spec (which check_spec has seen).
  Embeddings(const EmbeddingsSpec& spec, const EncoderTensors& tensors, size_t hidden_size);

  /// -> out [T, H]. Throws InvalidModelError when the tokenizer gives an id that the tables lack, and
  /// InvalidArgumentError when a text is longer than the position table.
  void forward(const PackedBatch& batch, Workspace& workspace, float* out) const;

 private:
  void check(const PackedBatch& batch) const;
  void look_up(const PackedBatch& batch, float* out) const;

  EmbeddingsSpec spec_;
  TensorView word_;
  std::vector<float> position_, token_type_;
  std::optional<Norm> norm_;
  std::optional<Linear> projection_;
};

}  // namespace sbert::nn
