#include "nn/attention.h"

#include "nn/rotary.h"
#include "nn/spec_checks.h"

namespace sbert::nn {

Attention::Attention(const AttentionSpec& spec, const LayerTensors& tensors, size_t hidden_size,
                     std::span<const float> relative_embeddings)
    : spec_(spec) {
  const auto heads = static_cast<size_t>(spec.num_heads), head_size = static_cast<size_t>(spec.head_size);
  const size_t width = heads * head_size, key_value_width = static_cast<size_t>(spec.num_key_value_heads) * head_size;
  qkv_ = Linear({{&tensors.query, width}, {&tensors.key, key_value_width}, {&tensors.value, key_value_width}},
                hidden_size);
  output_ = Linear(tensors.attention_output, width, hidden_size);
  if (spec.query_key_norm) {
    query_norm_.emplace(*spec.query_key_norm, given(tensors.query_norm, "the norm of queries"), head_size);
    key_norm_.emplace(*spec.query_key_norm, given(tensors.key_norm, "the norm of keys"), head_size);
  }
  if (spec.alibi) terms_.bias = PositionBias::alibi(heads);
  if (spec.relative_buckets) {
    terms_.bias.emplace(*spec.relative_buckets, given(tensors.relative_attention_bias, "relative attention"), heads);
  }
  if (spec.disentangled) terms_.disentangled.emplace(spec, tensors, qkv_, relative_embeddings);
}

void Attention::normalize_heads(const Norm& norm, size_t heads, size_t rows, float* x) const {
  for (size_t t = 0; t < rows; ++t)
    norm.forward(x + t * qkv_.out_features(), nullptr, heads, x + t * qkv_.out_features());
}

void Attention::forward(const float* x, const PackedBatch& batch, Workspace& workspace, float* out) const {
  const auto heads = static_cast<size_t>(spec_.num_heads), groups = static_cast<size_t>(spec_.num_key_value_heads);
  const auto head_size = static_cast<size_t>(spec_.head_size);
  const size_t rows = batch.num_tokens(), stride = qkv_.out_features();
  float* query = workspace.qkv.reserve(rows * stride);
  float* key = query + heads * head_size;
  qkv_.forward(x, qkv_.in_features(), rows, query);
  if (query_norm_) {
    normalize_heads(*query_norm_, heads, rows, query);
    normalize_heads(*key_norm_, groups, rows, key);
  }
  if (spec_.rotary) {
    rotate(*spec_.rotary, batch, heads, head_size, query, stride, workspace);
    rotate(*spec_.rotary, batch, groups, head_size, key, stride, workspace);
  }
  attend(spec_, terms_, batch, workspace);
  output_.forward(workspace.context.data(), output_.in_features(), rows, out);
}

}  // namespace sbert::nn
