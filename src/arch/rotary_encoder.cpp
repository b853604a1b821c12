#include "arch/rotary_encoder.h"

#include "arch/config_values.h"
#include "arch/rotary_config.h"

namespace sbert::arch {
namespace {

nn::AttentionSpec read_heads(const common::JsonObject& config, int64_t hidden_size,
                             const RotaryEncoderDefaults& defaults, const RotaryEncoderKeys& keys) {
  const int64_t heads = config.integer_if(keys.num_attention_heads, 1, kMaxSize).value_or(defaults.num_attention_heads);
  const auto head_dim = config.integer_if("head_dim", 1, kMaxSize);
  if (!head_dim) return attention_of(config, keys.hidden_size, hidden_size, heads);
  return attention_of(config, "head_dim", *head_dim * heads, heads);
}

}  // namespace

Architecture read_rotary_encoder(const common::JsonObject& config, const RotaryEncoderDefaults& defaults,
                                 const RotaryEncoderKeys& keys) {
  require_boolean(config, "is_causal", false);
  Architecture encoder;
  nn::EncoderSpec& spec = encoder.spec;
  spec.hidden_size = config.integer_if(keys.hidden_size, 1, kMaxSize).value_or(defaults.hidden_size);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(defaults.vocab_size);
  spec.embeddings.embedding_size = spec.hidden_size;
  spec.embeddings.type_vocab_size =
      config.integer_if("type_vocab_size", 0, kMaxSize).value_or(defaults.type_vocab_size);
  const nn::NormSpec norm = read_norm(config, keys.layer_norm_eps, defaults.layer_norm_eps);
  spec.embeddings.norm = norm;
  encoder.max_position_embeddings =
      config.integer_if("max_position_embeddings", 1, int64_t{1} << 40).value_or(defaults.max_position_embeddings);

  nn::LayerSpec layer;
  layer.attention = read_heads(config, spec.hidden_size, defaults, keys);
  set_rotary(config, defaults.rope_theta, layer.attention);
  layer.attention_norms.residual = norm;
  layer.mlp.intermediate_size =
      config.integer_if(keys.intermediate_size, 1, kMaxSize).value_or(defaults.intermediate_size);
  layer.mlp.activation = read_activation(config, "hidden_act", defaults.hidden_act);
  layer.mlp_norms.residual = norm;
  spec.layers.assign(read_layer_count(config, keys.num_hidden_layers, defaults.num_hidden_layers), layer);

  TensorNames& names = encoder.names;
  names.word_embeddings = {"embeddings.word_embeddings.weight"};
  names.token_type_embeddings = "embeddings.token_type_embeddings.weight";
  names.embeddings_norm = "embeddings.LayerNorm";
  names.layer_prefixes = numbered_prefixes("layers.", spec.layers.size());
  names.layer.query = "self_attn.q_proj";
  names.layer.key = "self_attn.k_proj";
  names.layer.value = "self_attn.v_proj";
  names.layer.attention_output = "self_attn.o_proj";
  names.layer.attention_norms.residual = "post_attention_layernorm";
  names.layer.mlp_gate = "mlp.gate_proj";
  names.layer.mlp_up = "mlp.up_proj";
  names.layer.mlp_down = "mlp.down_proj";
  names.layer.mlp_norms.residual = "post_mlp_layernorm";
  return encoder;
}

}  // namespace sbert::arch
