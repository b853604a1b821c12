#include "nn/encoder.h"

#include <algorithm>

#include "common/assert.h"
#include "nn/attention.h"

namespace sbert::nn {
namespace {

// Rows of the MLP's wide intermediate that exist at once: 96 rows x 1536 floats are 576 KiB, which stays in a core's L2
// cache between the two products; a multiple of the row tiles of every level (8 and 6).
constexpr size_t kMlpRowBlock = 96;

}  // namespace

Encoder::Encoder(const EncoderSpec& spec, const EncoderTensors& tensors,
                 const std::function<void(const TensorView&)>& on_copied)
    : spec_(spec), embeddings_(spec.embeddings, tensors, static_cast<size_t>(spec.hidden_size)) {
  SBERT_ASSERT(spec.layers.size() == tensors.layers.size());
  const auto hidden_size = static_cast<size_t>(spec.hidden_size);
  layers_.reserve(spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer_spec = spec.layers[i];
    const LayerTensors& from = tensors.layers[i];
    const auto width = static_cast<size_t>(layer_spec.attention.num_heads * layer_spec.attention.head_size);
    const auto intermediate_size = static_cast<size_t>(layer_spec.mlp.intermediate_size);
    layers_.push_back({
        .qkv = Linear({&from.query, &from.key, &from.value}, hidden_size, width),
        .attention_output = Linear(from.attention_output, width, hidden_size),
        .attention_norm = Norm(layer_spec.attention_norm, from.attention_norm, hidden_size),
        .mlp_up = Linear(from.mlp_up, hidden_size, intermediate_size),
        .mlp_down = Linear(from.mlp_down, intermediate_size, hidden_size),
        .mlp_norm = Norm(layer_spec.mlp_norm, from.mlp_norm, hidden_size),
    });
    if (!on_copied) continue;
    for (const LinearTensors* linear :
         {&from.query, &from.key, &from.value, &from.attention_output, &from.mlp_up, &from.mlp_down}) {
      on_copied(linear->weight);
    }
  }
}

void Encoder::forward(const PackedBatch& batch, Workspace& workspace, float* hidden) const {
  const size_t num_tokens = batch.num_tokens();
  const auto hidden_size = static_cast<size_t>(spec_.hidden_size);
  embeddings_.forward(batch, hidden);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    workspace.qkv.reserve(num_tokens * layer.qkv.out_features());
    layer.qkv.forward(hidden, hidden_size, num_tokens, workspace.qkv.data());
    attend(spec_.layers[i].attention, batch, workspace);
    workspace.projection.reserve(num_tokens * hidden_size);
    layer.attention_output.forward(workspace.context.data(), layer.attention_output.in_features(), num_tokens,
                                   workspace.projection.data());
    layer.attention_norm.forward(workspace.projection.data(), hidden, num_tokens, hidden);
    forward_mlp(layer, spec_.layers[i].mlp, num_tokens, workspace, hidden);
  }
}

// hidden = norm(down(activation(up(hidden))) + hidden), one block of rows after the other.
void Encoder::forward_mlp(const Layer& layer, const MlpSpec& spec, size_t num_tokens, Workspace& workspace,
                          float* hidden) const {
  const auto hidden_size = static_cast<size_t>(spec_.hidden_size);
  const size_t intermediate_size = layer.mlp_up.out_features();
  workspace.mlp.reserve(std::min(kMlpRowBlock, num_tokens) * intermediate_size);
  for (size_t begin = 0; begin < num_tokens; begin += kMlpRowBlock) {
    const size_t rows = std::min(kMlpRowBlock, num_tokens - begin);
    float* block = hidden + begin * hidden_size;
    layer.mlp_up.forward(block, hidden_size, rows, workspace.mlp.data(), spec.activation);
    layer.mlp_down.forward(workspace.mlp.data(), intermediate_size, rows, workspace.projection.data());
    layer.mlp_norm.forward(workspace.projection.data(), block, rows, block);
  }
}

}  // namespace sbert::nn
