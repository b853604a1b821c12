#include "arch/decoder.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "arch/config_values.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

nn::AttentionSpec read_grouped_attention(const common::JsonObject& config, int64_t hidden_size,
                                         const DecoderDefaults& defaults) {
  nn::AttentionSpec attention;
  attention.num_heads = config.integer_if("num_attention_heads", 1, kMaxSize).value_or(defaults.num_attention_heads);
  if (is_null(config, "num_key_value_heads") || (!config.has("num_key_value_heads") && !defaults.num_key_value_heads)) {
    attention.num_key_value_heads = attention.num_heads;
  } else {
    attention.num_key_value_heads =
        config.integer_if("num_key_value_heads", 1, kMaxSize).value_or(defaults.num_key_value_heads.value_or(1));
  }
  if (attention.num_heads % attention.num_key_value_heads != 0) {
    config.fail("num_key_value_heads", "is " + std::to_string(attention.num_key_value_heads) +
                                           ", which does not divide the " + std::to_string(attention.num_heads) +
                                           " attention heads");
  }
  if (const auto head_dim = config.integer_if("head_dim", 1, kMaxSize); head_dim || defaults.head_dim) {
    attention.head_size = head_dim ? *head_dim : *defaults.head_dim;
  } else if (hidden_size % attention.num_heads != 0) {
    config.fail("hidden_size", "is " + std::to_string(hidden_size) + ", which " + std::to_string(attention.num_heads) +
                                   " attention heads do not divide");
  } else {
    attention.head_size = hidden_size / attention.num_heads;
  }
  attention.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(attention.head_size)));
  attention.bias = attention.output_bias = false;
  return attention;
}

TensorNames decoder_names(size_t num_layers) {
  TensorNames names;
  names.prefixes = {"model."};
  names.word_embeddings = {"embed_tokens.weight"};
  names.layer_prefixes = numbered_prefixes("layers.", num_layers);
  names.layer.query = "self_attn.q_proj";
  names.layer.key = "self_attn.k_proj";
  names.layer.value = "self_attn.v_proj";
  names.layer.attention_output = "self_attn.o_proj";
  names.layer.query_norm = "self_attn.q_norm";
  names.layer.key_norm = "self_attn.k_norm";
  names.layer.attention_norms.input = "input_layernorm";
  names.layer.mlp_norms.input = "post_attention_layernorm";
  names.layer.mlp_gate = "mlp.gate_proj";
  names.layer.mlp_up = "mlp.up_proj";
  names.layer.mlp_down = "mlp.down_proj";
  names.final_norm = "norm";
  return names;
}

}  // namespace

bool is_null(const common::JsonObject& config, const char* key) {
  const auto found = config.raw().find(key);
  return found != config.raw().end() && found->is_null();
}

bool is_causal(const common::JsonObject& config) {
  return config.boolean_if("is_causal").value_or(true);
}

void set_window(bool causal, int64_t window, nn::AttentionSpec& attention) {
  attention.tokens_before = causal ? window - 1 : window;
  attention.tokens_after = causal ? 0 : window;
}

std::optional<int64_t> read_window(const common::JsonObject& config, std::optional<int64_t> default_window) {
  if (is_null(config, "sliding_window")) return std::nullopt;
  const auto window = config.integer_if("sliding_window", 1, int64_t{1} << 40);
  return window ? window : default_window;
}

std::vector<bool> read_sliding_layers(const common::JsonObject& config, size_t num_layers,
                                      const std::function<bool(size_t layer)>& by_default) {
  std::vector<bool> sliding(num_layers);
  if (!config.has("layer_types")) {
    for (size_t i = 0; i < num_layers; ++i) sliding[i] = by_default(i);
    return sliding;
  }
  const std::vector<std::string> types = config.strings("layer_types");
  if (types.size() != num_layers) {
    config.fail("layer_types",
                "has " + std::to_string(types.size()) + " entries for " + std::to_string(num_layers) + " layers");
  }
  for (size_t i = 0; i < num_layers; ++i) {
    sliding[i] = types[i] == "sliding_attention";
    if (!sliding[i] && types[i] != "full_attention") {
      throw UnsupportedError(config.source() + ": layer_types has " + common::quote(types[i]) +
                             "; supported: 'full_attention', 'sliding_attention'");
    }
  }
  return sliding;
}

Architecture read_decoder(const common::JsonObject& config, const DecoderDefaults& defaults) {
  Architecture decoder;
  nn::EncoderSpec& spec = decoder.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(defaults.hidden_size);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(defaults.vocab_size);
  spec.embeddings.embedding_size = spec.hidden_size;
  decoder.max_position_embeddings =
      config.integer_if("max_position_embeddings", 1, int64_t{1} << 40).value_or(defaults.max_position_embeddings);
  nn::NormSpec norm = read_norm(config, "rms_norm_eps", defaults.rms_norm_eps);
  norm.kind = nn::NormKind::kRms;
  norm.bias = false;
  spec.final_norm = norm;

  nn::LayerSpec layer;
  layer.attention = read_grouped_attention(config, spec.hidden_size, defaults);
  if (is_causal(config)) layer.attention.tokens_after = 0;
  layer.attention_norms.input = norm;
  layer.mlp.intermediate_size =
      config.integer_if("intermediate_size", 1, kMaxSize).value_or(defaults.intermediate_size);
  layer.mlp.activation = read_activation(config, defaults.hidden_act_key, defaults.hidden_act);
  layer.mlp.gated = true;
  layer.mlp.bias = layer.mlp.output_bias = false;
  layer.mlp_norms.input = norm;
  spec.layers.assign(read_layer_count(config, "num_hidden_layers", defaults.num_hidden_layers), layer);
  decoder.names = decoder_names(spec.layers.size());
  return decoder;
}

}  // namespace sbert::arch
