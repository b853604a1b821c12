// Llama (https://arxiv.org/abs/2302.13971) and what differs from it in a few words: Mistral, Qwen 2 and 3, EuroBERT.
// transformers.LlamaModel, MistralModel, Qwen2Model, Qwen3Model, EuroBertModel.
#include <sbert/error.h>

#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {
namespace {

constexpr int64_t kNoWindow = 0;

// use_sliding_window, sliding_window, max_window_layers and layer_types of Qwen 2 and 3.
void set_qwen_windows(const common::JsonObject& config, Architecture& qwen) {
  const bool use_window = config.boolean_if("use_sliding_window").value_or(false);
  const int64_t window = use_window ? read_window(config, 4096).value_or(kNoWindow) : kNoWindow;
  const auto first = static_cast<size_t>(config.integer_if("max_window_layers", 0, kMaxSize).value_or(28));
  auto& layers = qwen.spec.layers;
  const std::vector<bool> sliding =
      read_sliding_layers(config, layers.size(), [&](size_t layer) { return window != kNoWindow && layer >= first; });
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!sliding[i]) continue;
    if (window == kNoWindow) config.fail("layer_types", "has 'sliding_attention', but there is no sliding window");
    set_window(is_causal(config), window, layers[i].attention);
  }
}

}  // namespace

Architecture read_llama(const common::JsonObject& config) {
  Architecture llama = read_decoder(config, {.vocab_size = 32000,
                                             .hidden_size = 4096,
                                             .intermediate_size = 11008,
                                             .num_hidden_layers = 32,
                                             .num_attention_heads = 32,
                                             .num_key_value_heads = {},
                                             .head_dim = {},
                                             .max_position_embeddings = 2048});
  for (nn::LayerSpec& layer : llama.spec.layers) {
    set_biases(config, layer);
    set_rotary(config, 10000.0, layer.attention);
  }
  return llama;
}

Architecture read_mistral(const common::JsonObject& config) {
  Architecture mistral = read_decoder(config, {.vocab_size = 32000,
                                               .hidden_size = 4096,
                                               .intermediate_size = 14336,
                                               .num_hidden_layers = 32,
                                               .num_attention_heads = 32,
                                               .num_key_value_heads = 8,
                                               .head_dim = {},
                                               .max_position_embeddings = 131072});
  const auto window = read_window(config, 4096);  // of every layer; layer_types is not looked at
  for (nn::LayerSpec& layer : mistral.spec.layers) {
    set_rotary(config, 10000.0, layer.attention);
    if (window) set_window(is_causal(config), *window, layer.attention);
  }
  return mistral;
}

Architecture read_qwen2(const common::JsonObject& config) {
  Architecture qwen = read_decoder(config, {.vocab_size = 151936,
                                            .hidden_size = 4096,
                                            .intermediate_size = 22016,
                                            .num_hidden_layers = 32,
                                            .num_attention_heads = 32,
                                            .num_key_value_heads = 32,
                                            .head_dim = {},
                                            .max_position_embeddings = 32768});
  for (nn::LayerSpec& layer : qwen.spec.layers) {
    layer.attention.bias = true;
    set_rotary(config, 10000.0, layer.attention);
  }
  set_qwen_windows(config, qwen);
  return qwen;
}

Architecture read_qwen3(const common::JsonObject& config) {
  Architecture qwen = read_decoder(config, {.vocab_size = 151936,
                                            .hidden_size = 4096,
                                            .intermediate_size = 22016,
                                            .num_hidden_layers = 32,
                                            .num_attention_heads = 32,
                                            .num_key_value_heads = 32,
                                            .head_dim = 128,
                                            .max_position_embeddings = 32768});
  for (nn::LayerSpec& layer : qwen.spec.layers) {
    set_biases(config, layer);
    layer.mlp.bias = layer.mlp.output_bias = false;  // Qwen 3 has no mlp_bias
    layer.attention.query_key_norm = qwen.spec.final_norm;
    set_rotary(config, 10000.0, layer.attention);
  }
  set_qwen_windows(config, qwen);
  return qwen;
}

// https://arxiv.org/abs/2503.05500: Llama, looking both ways.
Architecture read_eurobert(const common::JsonObject& config) {
  require_boolean(config, "is_causal", false);
  Architecture eurobert = read_decoder(config, {.vocab_size = 128256,
                                                .hidden_size = 768,
                                                .intermediate_size = 3072,
                                                .num_hidden_layers = 12,
                                                .num_attention_heads = 12,
                                                .num_key_value_heads = {},
                                                .head_dim = {},
                                                .max_position_embeddings = 8192,
                                                .rms_norm_eps = 1e-5});
  for (nn::LayerSpec& layer : eurobert.spec.layers) {
    set_biases(config, layer);
    set_rotary(config, 10000.0, layer.attention);
    layer.attention.tokens_after.reset();
  }
  return eurobert;
}

}  // namespace sbert::arch
