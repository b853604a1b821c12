// SmolLM 3: Llama where every fourth layer has no positions (https://arxiv.org/abs/2501.18795).
// transformers.SmolLM3Model.
#include <nlohmann/json.hpp>

#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {
namespace {

// `no_rope_layers` says 1 of a layer that has positions, despite its name.
std::vector<bool> read_layers_with_positions(const common::JsonObject& config, size_t num_layers) {
  std::vector<bool> with(num_layers);
  if (config.has("no_rope_layers")) {
    const nlohmann::json& listed = config.raw().at("no_rope_layers");
    if (!listed.is_array() || listed.size() != num_layers) {
      config.fail("no_rope_layers", "must be an array of " + std::to_string(num_layers) + " numbers");
    }
    for (size_t i = 0; i < num_layers; ++i) {
      if (!listed[i].is_number_integer()) config.fail("no_rope_layers", "must hold only 0 and 1");
      with[i] = listed[i].get<int64_t>() != 0;
    }
    return with;
  }
  const auto interval = static_cast<size_t>(config.integer_if("no_rope_layer_interval", 1, kMaxSize).value_or(4));
  for (size_t i = 0; i < num_layers; ++i) with[i] = (i + 1) % interval != 0;
  return with;
}

}  // namespace

Architecture read_smollm3(const common::JsonObject& config) {
  Architecture smollm = read_decoder(config, {.vocab_size = 128256,
                                              .hidden_size = 2048,
                                              .intermediate_size = 11008,
                                              .num_hidden_layers = 36,
                                              .num_attention_heads = 16,
                                              .num_key_value_heads = 4,
                                              .head_dim = {},
                                              .max_position_embeddings = 32768});
  auto& layers = smollm.spec.layers;
  const std::vector<bool> positions = read_layers_with_positions(config, layers.size());
  const auto window =
      config.boolean_if("use_sliding_window").value_or(false) ? read_window(config, std::nullopt) : std::nullopt;
  const std::vector<bool> sliding =
      read_sliding_layers(config, layers.size(), [&](size_t i) { return window && !positions[i]; });
  for (size_t i = 0; i < layers.size(); ++i) {
    nn::LayerSpec& layer = layers[i];
    set_biases(config, layer);
    if (positions[i]) set_rotary(config, 2e6, layer.attention);
    if (!sliding[i]) continue;
    if (!window) config.fail("layer_types", "has 'sliding_attention', but there is no sliding window");
    set_window(is_causal(config), *window, layer.attention);
  }
  return smollm;
}

}  // namespace sbert::arch
