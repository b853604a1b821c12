#pragma once

#include <cstddef>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"

namespace sbert::nn {

/// norm(word + token type + position). The word table stays in its file, mapped; the small tables are copied.
class Embeddings {
 public:
  Embeddings() = default;
  Embeddings(const EmbeddingsSpec& spec, const EncoderTensors& tensors, size_t hidden_size);

  /// -> out [T, H]. Throws InvalidModelError when the tokenizer gives an id that the tables lack, and
  /// InvalidArgumentError when a text is longer than the position table.
  void forward(const PackedBatch& batch, float* out) const;

 private:
  void check(const PackedBatch& batch) const;

  EmbeddingsSpec spec_;
  size_t hidden_size_ = 0;
  TensorView word_;
  std::vector<float> position_, token_type_;
  Norm norm_;
};

}  // namespace sbert::nn
