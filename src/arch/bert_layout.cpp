#include "arch/bert_layout.h"

namespace sbert::arch {

Architecture read_bert_layout(const common::JsonObject& config, const std::string& prefix,
                              const BertDefaults& defaults) {
  require_string(config, "position_embedding_type", "absolute");

  Architecture bert;
  nn::EncoderSpec& spec = bert.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(defaults.hidden_size);
  const nn::NormSpec norm = read_norm(config, "layer_norm_eps", defaults.layer_norm_eps);
  nn::EmbeddingsSpec& embeddings = spec.embeddings;
  embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(defaults.vocab_size);
  embeddings.embedding_size = spec.hidden_size;
  embeddings.max_position_embeddings =
      config.integer_if("max_position_embeddings", 1, kMaxSize).value_or(defaults.max_position_embeddings);
  const int64_t fewest_types = defaults.type_vocab_size == 0 ? 0 : 1;
  embeddings.type_vocab_size =
      config.integer_if("type_vocab_size", fewest_types, kMaxSize).value_or(defaults.type_vocab_size);
  embeddings.norm = norm;
  bert.max_position_embeddings = embeddings.max_position_embeddings;
  nn::LayerSpec layer;
  layer.attention = read_attention(config, spec.hidden_size, defaults.num_attention_heads);
  if (config.boolean_if("is_decoder").value_or(false)) layer.attention.tokens_after = 0;
  layer.attention_norms.residual = norm;
  layer.mlp.intermediate_size =
      config.integer_if("intermediate_size", 1, kMaxSize).value_or(defaults.intermediate_size);
  layer.mlp.activation = read_activation(config, "hidden_act", defaults.hidden_act);
  layer.mlp_norms.residual = norm;
  spec.layers.assign(read_layer_count(config, "num_hidden_layers", defaults.num_hidden_layers), layer);

  TensorNames& names = bert.names;
  names.prefixes = {prefix};
  names.word_embeddings = {"embeddings.word_embeddings.weight"};
  names.position_embeddings = "embeddings.position_embeddings.weight";
  names.token_type_embeddings = "embeddings.token_type_embeddings.weight";
  names.embeddings_norm = "embeddings.LayerNorm";
  names.layer_prefixes = numbered_prefixes("encoder.layer.", spec.layers.size());
  names.layer.query = "attention.self.query";
  names.layer.key = "attention.self.key";
  names.layer.value = "attention.self.value";
  names.layer.attention_output = "attention.output.dense";
  names.layer.attention_norms.residual = "attention.output.LayerNorm";
  names.layer.mlp_up = "intermediate.dense";
  names.layer.mlp_down = "output.dense";
  names.layer.mlp_norms.residual = "output.LayerNorm";
  return bert;
}

void move_norms_before_sublayers(Architecture& architecture, const std::string& attention_norm,
                                 const std::string& mlp_norm, const std::string& final_norm) {
  architecture.spec.final_norm = architecture.spec.embeddings.norm;
  for (nn::LayerSpec& layer : architecture.spec.layers) {
    for (nn::SublayerNorms* norms : {&layer.attention_norms, &layer.mlp_norms}) {
      norms->input = norms->residual;
      norms->residual.reset();
    }
  }
  architecture.names.layer.attention_norms = {.input = attention_norm, .output = "", .residual = ""};
  architecture.names.layer.mlp_norms = {.input = mlp_norm, .output = "", .residual = ""};
  architecture.names.final_norm = final_norm;
}

void count_positions_from_padding(Architecture& architecture, int64_t pad_token_id) {
  architecture.spec.embeddings.padding_id = static_cast<int32_t>(pad_token_id);
  architecture.spec.embeddings.position_offset = pad_token_id + 1;
}

}  // namespace sbert::arch
