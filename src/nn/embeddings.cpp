#include "nn/embeddings.h"

#include <sbert/error.h>

#include "common/text.h"
#include "nn/linear.h"

namespace sbert::nn {

Embeddings::Embeddings(const EmbeddingsSpec& spec, const EncoderTensors& tensors, size_t hidden_size)
    : spec_(spec), hidden_size_(hidden_size), word_(tensors.word_embeddings) {
  const auto h = static_cast<int64_t>(hidden_size);
  require_shape(tensors.word_embeddings, {spec.vocab_size, h});
  require_shape(tensors.position_embeddings, {spec.max_position_embeddings, h});
  require_shape(tensors.token_type_embeddings, {spec.type_vocab_size, h});
  position_ = formats::read_floats(tensors.position_embeddings);
  token_type_ = formats::read_floats(tensors.token_type_embeddings);
  norm_ = Norm(spec.norm, tensors.embeddings_norm, hidden_size);
}

void Embeddings::check(const PackedBatch& batch) const {
  auto require_row = [&](int32_t id, int64_t rows, const char* what) {
    if (id < 0 || id >= rows) {
      throw InvalidModelError("the tokenizer gives " + std::string(what) + " " + std::to_string(id) +
                              ", but the model in " + common::quote(word_.file) + " has " + std::to_string(rows) +
                              ": tokenizer and weights do not belong together");
    }
  };
  for (const int32_t id : batch.token_ids) require_row(id, spec_.vocab_size, "token id");
  for (const int32_t id : batch.type_ids) require_row(id, spec_.type_vocab_size, "token type id");
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    if (batch.length(text) > static_cast<size_t>(spec_.max_position_embeddings)) {
      throw InvalidArgumentError("a text of " + std::to_string(batch.length(text)) + " tokens is longer than the " +
                                 std::to_string(spec_.max_position_embeddings) +
                                 " positions of the model: set max_seq_length to at most that");
    }
  }
}

void Embeddings::forward(const PackedBatch& batch, float* out) const {
  check(batch);
  const kernels::Kernels& kernel = kernels::active();
  const size_t h = hidden_size_;
  for (size_t t = 0; t < batch.num_tokens(); ++t) {
    float* row = out + t * h;
    formats::read_floats(word_, static_cast<size_t>(batch.token_ids[t]) * h, {row, h});
    kernel.add(token_type_.data() + static_cast<size_t>(batch.type_ids[t]) * h, row, h);
    kernel.add(position_.data() + static_cast<size_t>(batch.positions[t]) * h, row, h);
  }
  norm_.forward(out, nullptr, batch.num_tokens(), out);
}

}  // namespace sbert::nn
