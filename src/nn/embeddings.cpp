#include "nn/embeddings.h"

#include <sbert/error.h>

#include "common/text.h"
#include "nn/spec_checks.h"

namespace sbert::nn {

Embeddings::Embeddings(const EmbeddingsSpec& spec, const EncoderTensors& tensors, size_t hidden_size)
    : spec_(spec), word_(tensors.word_embeddings) {
  const int64_t e = spec.embedding_size;
  const auto embedding_size = static_cast<size_t>(e);
  require_shape(word_, {spec.vocab_size, e});
  if (spec.max_position_embeddings > 0) {
    const TensorView& table = given(tensors.position_embeddings, "position embeddings");
    require_shape(table, {spec.max_position_embeddings, e});
    position_ = formats::read_floats(table);
  }
  if (spec.type_vocab_size > 0) {
    const TensorView& table = given(tensors.token_type_embeddings, "token type embeddings");
    require_shape(table, {spec.type_vocab_size, e});
    token_type_ = formats::read_floats(table);
  }
  if (spec.projection) {
    projection_.emplace(given(tensors.embeddings_projection, "the projection of embeddings"), embedding_size,
                        hidden_size);
  }
  if (spec.norm) {
    norm_.emplace(*spec.norm, given(tensors.embeddings_norm, "the norm of embeddings"),
                  spec.norm_after_projection ? hidden_size : embedding_size);
  }
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
  if (spec_.type_vocab_size > 0) {
    for (const int32_t id : batch.type_ids) require_row(id, spec_.type_vocab_size, "token type id");
  }
  const auto limit = spec_.max_text_length();
  for (size_t text = 0; limit && text < batch.num_texts(); ++text) {
    if (batch.length(text) > *limit) {
      throw InvalidArgumentError("a text of " + std::to_string(batch.length(text)) + " tokens is longer than the " +
                                 std::to_string(*limit) +
                                 " positions of the model: set max_seq_length to at most that");
    }
  }
}

// out [T, E] = word * scale + token type + position
void Embeddings::look_up(const PackedBatch& batch, float* out) const {
  const kernels::Kernels& kernel = kernels::active();
  const auto e = static_cast<size_t>(spec_.embedding_size), offset = static_cast<size_t>(spec_.position_offset);
  size_t next_position = 0;
  for (size_t t = 0; t < batch.num_tokens(); ++t) {
    float* row = out + t * e;
    formats::read_floats(word_, static_cast<size_t>(batch.token_ids[t]) * e, {row, e});
    if (spec_.word_scale != 1.0f) kernel.scale(spec_.word_scale, row, e);
    if (!token_type_.empty()) kernel.add(token_type_.data() + static_cast<size_t>(batch.type_ids[t]) * e, row, e);
    if (position_.empty()) continue;
    if (batch.positions[t] == 0) next_position = offset;
    const bool padding = spec_.padding_id && batch.token_ids[t] == *spec_.padding_id;
    const size_t position = padding ? offset - 1 : next_position++;
    kernel.add(position_.data() + position * e, row, e);
  }
}

void Embeddings::forward(const PackedBatch& batch, Workspace& workspace, float* out) const {
  check(batch);
  const size_t rows = batch.num_tokens();
  float* x = projection_ ? workspace.embeddings.reserve(rows * static_cast<size_t>(spec_.embedding_size)) : out;
  look_up(batch, x);
  if (norm_ && !spec_.norm_after_projection) norm_->forward(x, nullptr, rows, x);
  if (projection_) projection_->forward(x, projection_->in_features(), rows, out);
  if (norm_ && spec_.norm_after_projection) norm_->forward(out, nullptr, rows, out);
}

}  // namespace sbert::nn
