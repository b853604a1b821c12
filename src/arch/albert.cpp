// ALBERT (https://arxiv.org/abs/1909.11942): narrow embeddings, and few layers that run many times;
// transformers.AlbertModel.
#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_albert(const common::JsonObject& config) {
  Architecture albert = read_bert_layout(config, "albert.",
                                         {.vocab_size = 30000,
                                          .hidden_size = 4096,
                                          .num_attention_heads = 64,
                                          .intermediate_size = 16384,
                                          .hidden_act = "gelu_new"});
  nn::EncoderSpec& spec = albert.spec;
  spec.embeddings.embedding_size = config.integer_if("embedding_size", 1, kMaxSize).value_or(128);
  spec.embeddings.projection = true;  // also between equal sizes
  spec.embeddings.projection_bias = true;

  // num_hidden_layers steps, each through all inner layers of one of the groups. Which group is a quotient of doubles
  // in the reference, so it is one here: rounding could pick another.
  const size_t steps = spec.layers.size();
  const auto groups = static_cast<size_t>(config.integer_if("num_hidden_groups", 1, kMaxLayers).value_or(1));
  const auto inner = static_cast<size_t>(config.integer_if("inner_group_num", 1, kMaxLayers).value_or(1));
  if (groups * inner > kMaxLayers || steps * inner > kMaxLayers) {
    config.fail("inner_group_num",
                "is " + std::to_string(inner) + ", which makes more than " + std::to_string(kMaxLayers) + " layers");
  }
  nn::LayerSpec layer;
  if (!spec.layers.empty()) layer = spec.layers.front();
  spec.layers.assign(steps == 0 ? 0 : groups * inner, layer);
  for (size_t step = 0; step < steps; ++step) {
    const double steps_per_group = static_cast<double>(steps) / static_cast<double>(groups);
    const auto group = static_cast<size_t>(static_cast<double>(step) / steps_per_group);
    for (size_t i = 0; i < inner; ++i) spec.layer_order.push_back(group * inner + i);
  }

  TensorNames& names = albert.names;
  names.embeddings_projection = "encoder.embedding_hidden_mapping_in";
  names.layer_prefixes.clear();
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    names.layer_prefixes.push_back("encoder.albert_layer_groups." + std::to_string(i / inner) + ".albert_layers." +
                                   std::to_string(i % inner) + ".");
  }
  names.layer.query = "attention.query";
  names.layer.key = "attention.key";
  names.layer.value = "attention.value";
  names.layer.attention_output = "attention.dense";
  names.layer.attention_norms.residual = "attention.LayerNorm";
  names.layer.mlp_up = "ffn";
  names.layer.mlp_down = "ffn_output";
  names.layer.mlp_norms.residual = "full_layer_layer_norm";
  return albert;
}

}  // namespace sbert::arch
