// Gemma 1, 2 and 3 (https://arxiv.org/abs/2403.08295, 2408.00118, 2503.19786) and EmbeddingGemma (2509.20354), which is
// Gemma 3 looking both ways. transformers.GemmaModel, Gemma2Model, Gemma3TextModel.
#include <cmath>
#include <optional>

#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {
namespace {

// Scaled word embeddings, and norms that store the weight minus one.
Architecture read_any_gemma(const common::JsonObject& config, const DecoderDefaults& defaults) {
  Architecture gemma = read_decoder(config, defaults);
  gemma.spec.embeddings.word_scale = static_cast<float>(std::sqrt(static_cast<double>(gemma.spec.hidden_size)));
  gemma.spec.final_norm->weight_offset = 1.0f;
  const bool bias = config.boolean_if("attention_bias").value_or(false);
  for (nn::LayerSpec& layer : gemma.spec.layers) {
    layer.attention.bias = layer.attention.output_bias = bias;
    layer.attention_norms.input = layer.mlp_norms.input = gemma.spec.final_norm;
  }
  return gemma;
}

// Gemma 2 and 3: a norm behind each sublayer, too, and scores scaled by a value of their own.
void set_sandwich_norms(Architecture& gemma) {
  for (nn::LayerSpec& layer : gemma.spec.layers) {
    layer.attention_norms.output = layer.mlp_norms.output = gemma.spec.final_norm;
  }
  LayerNames& names = gemma.names.layer;
  names.attention_norms.output = "post_attention_layernorm";
  names.mlp_norms.input = "pre_feedforward_layernorm";
  names.mlp_norms.output = "post_feedforward_layernorm";
}

float query_scale(const common::JsonObject& config) {
  const double scalar = config.number_if("query_pre_attn_scalar").value_or(256.0);
  if (!(scalar > 0)) config.fail("query_pre_attn_scalar", "must be positive");
  return static_cast<float>(1.0 / std::sqrt(scalar));
}

int64_t required_window(const common::JsonObject& config) {
  const auto window = read_window(config, 4096);
  if (!window) config.fail("sliding_window", "is missing; layers with 'sliding_attention' need it");
  return *window;
}

}  // namespace

Architecture read_gemma(const common::JsonObject& config) {
  require_boolean(config, "use_bidirectional_attention", false);  // depends on padding in the reference
  Architecture gemma = read_any_gemma(config, {.vocab_size = 256000,
                                               .hidden_size = 3072,
                                               .intermediate_size = 24576,
                                               .num_hidden_layers = 28,
                                               .num_attention_heads = 16,
                                               .num_key_value_heads = 16,
                                               .head_dim = 256,
                                               .max_position_embeddings = 8192,
                                               .hidden_act = "gelu_pytorch_tanh"});
  for (nn::LayerSpec& layer : gemma.spec.layers) {
    // "gelu" of the first releases meant the approximation.
    if (layer.mlp.activation == nn::Activation::kGelu) layer.mlp.activation = nn::Activation::kGeluTanh;
    set_rotary(config, 10000.0, layer.attention);
  }
  return gemma;
}

Architecture read_gemma2(const common::JsonObject& config) {
  require_boolean(config, "use_bidirectional_attention", false);  // depends on the attention kernel in the reference
  Architecture gemma = read_any_gemma(config, {.vocab_size = 256000,
                                               .hidden_size = 2304,
                                               .intermediate_size = 9216,
                                               .num_hidden_layers = 26,
                                               .num_attention_heads = 8,
                                               .num_key_value_heads = 4,
                                               .head_dim = 256,
                                               .max_position_embeddings = 8192,
                                               .hidden_act_key = "hidden_activation",
                                               .hidden_act = "gelu_pytorch_tanh"});
  set_sandwich_norms(gemma);
  auto& layers = gemma.spec.layers;
  const double softcap =
      is_null(config, "attn_logit_softcapping") ? 0.0 : config.number_if("attn_logit_softcapping").value_or(50.0);
  const std::vector<bool> sliding = read_sliding_layers(config, layers.size(), [](size_t i) { return i % 2 == 0; });
  for (size_t i = 0; i < layers.size(); ++i) {
    nn::AttentionSpec& attention = layers[i].attention;
    attention.scale = query_scale(config);
    attention.score_softcap = static_cast<float>(softcap);
    set_rotary(config, 10000.0, attention);
    if (sliding[i]) set_window(is_causal(config), required_window(config), attention);
  }
  return gemma;
}

// The scores are not soft-capped: transformers ignores attn_logit_softcapping here, which is null in every checkpoint.
Architecture read_gemma3_text(const common::JsonObject& config) {
  Architecture gemma = read_any_gemma(config, {.vocab_size = 262208,
                                               .hidden_size = 2304,
                                               .intermediate_size = 9216,
                                               .num_hidden_layers = 26,
                                               .num_attention_heads = 8,
                                               .num_key_value_heads = 4,
                                               .head_dim = 256,
                                               .max_position_embeddings = 131072,
                                               .hidden_act_key = "hidden_activation",
                                               .hidden_act = "gelu_pytorch_tanh"});
  set_sandwich_norms(gemma);
  auto& layers = gemma.spec.layers;
  const bool both_ways = config.boolean_if("use_bidirectional_attention").value_or(false);
  const auto pattern = static_cast<size_t>(config.integer_if("sliding_window_pattern", 1, kMaxSize).value_or(6));
  const std::vector<bool> sliding =
      read_sliding_layers(config, layers.size(), [&](size_t i) { return (i + 1) % pattern != 0; });
  for (size_t i = 0; i < layers.size(); ++i) {
    nn::AttentionSpec& attention = layers[i].attention;
    attention.scale = query_scale(config);
    attention.query_key_norm = gemma.spec.final_norm;
    if (both_ways) attention.tokens_after.reset();
    if (sliding[i]) {
      set_rotary(config,
                 {.layer_type = "sliding_attention",
                  .theta_key = "rope_local_base_freq",
                  .default_theta = 10000.0,
                  .takes_rope_scaling = false},
                 attention);
      const int64_t window = required_window(config);
      // Both ways, the file gives the width of the whole window.
      const int64_t half = is_causal(config) ? window / 2 : window / 2 + 1;
      set_window(is_causal(config) && !both_ways, both_ways ? half : window, attention);
    } else {
      set_rotary(
          config,
          {.layer_type = "full_attention", .theta_key = "rope_theta", .default_theta = 1e6, .takes_rope_scaling = true},
          attention);
    }
  }
  return gemma;
}

}  // namespace sbert::arch
