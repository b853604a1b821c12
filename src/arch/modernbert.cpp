// ModernBERT (https://arxiv.org/abs/2412.13663); transformers.ModernBertModel.
#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {

Architecture read_modernbert(const common::JsonObject& config) {
  require_boolean(config, "is_causal", false);
  Architecture modernbert;
  nn::EncoderSpec& spec = modernbert.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(768);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(50368);
  spec.embeddings.embedding_size = spec.hidden_size;
  modernbert.max_position_embeddings = config.integer_if("max_position_embeddings", 1, int64_t{1} << 40).value_or(8192);
  nn::NormSpec norm = read_norm(config, "norm_eps", 1e-5);
  norm.bias = config.boolean_if("norm_bias").value_or(false);
  spec.embeddings.norm = norm;
  spec.final_norm = norm;

  nn::LayerSpec layer;
  layer.attention = read_attention(config, spec.hidden_size);
  layer.attention_norms.input = norm;
  layer.mlp.intermediate_size = config.integer_if("intermediate_size", 1, kMaxSize).value_or(1152);
  layer.mlp.activation = read_activation(config, "hidden_activation", "gelu");
  layer.mlp.gated = true;
  set_biases(config, layer);
  layer.mlp_norms.input = norm;
  spec.layers.assign(read_layer_count(config, "num_hidden_layers", 22), layer);
  if (!spec.layers.empty()) spec.layers[0].attention_norms.input.reset();  // the embeddings' norm is right before it

  const auto period = static_cast<size_t>(config.integer_if("global_attn_every_n_layers", 1, kMaxSize).value_or(3));
  const int64_t half_window = config.integer_if("local_attention", 0, kMaxSize).value_or(128) / 2;
  const std::vector<bool> local =
      read_sliding_layers(config, spec.layers.size(), [&](size_t i) { return i % period != 0; });
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    nn::AttentionSpec& attention = spec.layers[i].attention;
    if (local[i]) {
      set_window(false, half_window, attention);
      set_rotary(config, {.layer_type = "sliding_attention", .theta_key = "local_rope_theta", .default_theta = 10000.0},
                 attention);
    } else {
      set_rotary(config, {.layer_type = "full_attention", .theta_key = "global_rope_theta", .default_theta = 160000.0},
                 attention);
    }
  }

  TensorNames& names = modernbert.names;
  names.prefixes = {"model."};
  names.word_embeddings = {"embeddings.tok_embeddings.weight"};
  names.embeddings_norm = "embeddings.norm";
  names.layer_prefixes = numbered_prefixes("layers.", spec.layers.size());
  names.layer.qkv = "attn.Wqkv";
  names.layer.attention_output = "attn.Wo";
  names.layer.attention_norms.input = "attn_norm";
  names.layer.mlp_gate_up = "mlp.Wi";
  names.layer.mlp_down = "mlp.Wo";
  names.layer.mlp_norms.input = "mlp_norm";
  names.final_norm = "final_norm";
  return modernbert;
}

}  // namespace sbert::arch
