#include "nn/encoder.h"

#include <algorithm>
#include <utility>

#include "common/assert.h"
#include "nn/spec_checks.h"

namespace sbert::nn {
namespace {

EncoderSpec checked(EncoderSpec spec, const EncoderTensors& tensors) {
  check_spec(spec, tensors.word_embeddings.file);
  SBERT_ASSERT(spec.layers.size() == tensors.layers.size());
  if (spec.layer_order.empty()) {
    for (size_t i = 0; i < spec.layers.size(); ++i) spec.layer_order.push_back(i);
  }
  return spec;
}

// The table that all layers of disentangled attention share, behind its norm; empty where no layer has that.
std::vector<float> read_relative_embeddings(const EncoderSpec& spec, const EncoderTensors& tensors) {
  for (const LayerSpec& layer : spec.layers) {
    if (!layer.attention.disentangled) continue;
    const TensorView& table = given(tensors.relative_embeddings, "relative embeddings");
    const int64_t rows = layer.attention.disentangled->table_rows();
    require_shape(table, {rows, spec.hidden_size});
    std::vector<float> embeddings = formats::read_floats(table);
    if (spec.relative_embeddings_norm) {
      const Norm norm(*spec.relative_embeddings_norm,
                      given(tensors.relative_embeddings_norm, "the norm of relative embeddings"),
                      static_cast<size_t>(spec.hidden_size));
      norm.forward(embeddings.data(), nullptr, static_cast<size_t>(rows), embeddings.data());
    }
    return embeddings;
  }
  return {};
}

std::vector<const LinearTensors*> linears_of(const LayerTensors& layer) {
  std::vector<const LinearTensors*> linears = {&layer.query,  &layer.key,     &layer.value, &layer.attention_output,
                                               &layer.mlp_up, &layer.mlp_down};
  for (const auto* optional : {&layer.mlp_gate, &layer.position_query, &layer.position_key}) {
    if (*optional) linears.push_back(&**optional);
  }
  return linears;
}

}  // namespace

Encoder::Encoder(const EncoderSpec& spec, const EncoderTensors& tensors,
                 const std::function<void(const TensorView&)>& on_copied)
    : spec_(checked(spec, tensors)), embeddings_(spec_.embeddings, tensors, static_cast<size_t>(spec_.hidden_size)) {
  const auto hidden_size = static_cast<size_t>(spec_.hidden_size);
  const std::vector<float> relative_embeddings = read_relative_embeddings(spec_, tensors);
  layers_.reserve(spec_.layers.size());
  for (size_t i = 0; i < spec_.layers.size(); ++i) {
    const LayerSpec& layer = spec_.layers[i];
    const LayerTensors& from = tensors.layers[i];
    layers_.push_back({
        .attention = Attention(layer.attention, from, hidden_size, relative_embeddings),
        .attention_norms =
            ResidualNorms(layer.attention_norms, from.attention_norms, layer.residual_scale, hidden_size),
        .mlp = Mlp(layer.mlp, from, hidden_size),
        .mlp_norms = ResidualNorms(layer.mlp_norms, from.mlp_norms, layer.residual_scale, hidden_size),
    });
    if (!on_copied) continue;
    for (const LinearTensors* linear : linears_of(from)) on_copied(linear->weight);
  }
  auto copied = [&](const std::optional<LinearTensors>& linear) {
    if (linear && on_copied) on_copied(linear->weight);
  };
  copied(tensors.embeddings_projection);
  if (spec_.convolution) {
    convolution_.emplace(*spec_.convolution, given(tensors.convolution, "the convolution"), hidden_size);
    copied(tensors.convolution->conv);
  }
  if (spec_.final_norm)
    final_norm_.emplace(*spec_.final_norm, given(tensors.final_norm, "the final norm"), hidden_size);
  if (spec_.text_projection) {
    text_projection_.emplace(given(tensors.text_projection, "the text projection"), hidden_size,
                             static_cast<size_t>(spec_.text_projection->projection_dim));
    copied(tensors.text_projection);
  }
}

void Encoder::forward(const PackedBatch& batch, Workspace& workspace, float* hidden,
                      const HiddenStateHook& on_hidden_state) const {
  const size_t num_tokens = batch.num_tokens(), steps = spec_.layer_order.size();
  const size_t values = num_tokens * static_cast<size_t>(spec_.hidden_size);
  embeddings_.forward(batch, workspace, hidden);
  if (convolution_) std::copy(hidden, hidden + values, workspace.embeddings.reserve(values));
  if (on_hidden_state) on_hidden_state(0, hidden);
  for (size_t step = 0; step < steps; ++step) {
    const Layer& layer = layers_[spec_.layer_order[step]];
    forward_attention(layer, batch, workspace, hidden);
    forward_mlp(layer, num_tokens, workspace, hidden);
    if (convolution_ && step == 0) convolution_->forward(workspace.embeddings.data(), batch, workspace, hidden);
    if (on_hidden_state && step + 1 < steps) on_hidden_state(step + 1, hidden);
  }
  if (final_norm_) final_norm_->forward(hidden, nullptr, num_tokens, hidden);
  if (on_hidden_state && steps > 0) on_hidden_state(steps, hidden);
}

void Encoder::forward_attention(const Layer& layer, const PackedBatch& batch, Workspace& workspace,
                                float* hidden) const {
  const size_t num_tokens = batch.num_tokens();
  float* added = workspace.projection.reserve(num_tokens * static_cast<size_t>(spec_.hidden_size));
  const float* x = layer.attention_norms.before(hidden, num_tokens, workspace.normed);
  layer.attention.forward(x, batch, workspace, added);
  layer.attention_norms.after(added, num_tokens, hidden);
}

// One block of rows after the other, while it is in cache.
void Encoder::forward_mlp(const Layer& layer, size_t num_tokens, Workspace& workspace, float* hidden) const {
  const auto hidden_size = static_cast<size_t>(spec_.hidden_size);
  for (size_t begin = 0; begin < num_tokens; begin += Mlp::kRowBlock) {
    const size_t rows = std::min(Mlp::kRowBlock, num_tokens - begin);
    float* block = hidden + begin * hidden_size;
    float* added = workspace.projection.reserve(rows * hidden_size);
    const float* x = layer.mlp_norms.before(block, rows, workspace.normed);
    layer.mlp.forward(x, rows, workspace, added);
    layer.mlp_norms.after(added, rows, block);
  }
}

void Encoder::project(const PackedBatch& batch, const float* hidden, Workspace& workspace, float* out) const {
  SBERT_ASSERT(text_projection_.has_value());
  const TextProjectionSpec& spec = *spec_.text_projection;
  const auto hidden_size = static_cast<size_t>(spec_.hidden_size);
  float* chosen = workspace.projection.reserve(batch.num_texts() * hidden_size);
  std::fill(chosen, chosen + batch.num_texts() * hidden_size, 0.0f);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    if (batch.length(text) == 0) continue;
    const auto first = batch.token_ids.begin() + static_cast<std::ptrdiff_t>(batch.offsets[text]);
    const auto last = batch.token_ids.begin() + static_cast<std::ptrdiff_t>(batch.offsets[text + 1]);
    auto token = last - 1;
    if (spec.token == TextProjectionSpec::Token::kHighestId) token = std::max_element(first, last);
    if (spec.token == TextProjectionSpec::Token::kFirstOfId) {
      token = std::find(first, last, spec.id);
      if (token == last) token = first;  // as an argmax over "is this id" gives
    }
    const float* row = hidden + static_cast<size_t>(token - batch.token_ids.begin()) * hidden_size;
    std::copy(row, row + hidden_size, chosen + text * hidden_size);
  }
  text_projection_->forward(chosen, hidden_size, batch.num_texts(), out);
}

}  // namespace sbert::nn
