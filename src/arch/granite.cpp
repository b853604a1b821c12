// Granite (https://arxiv.org/abs/2405.04324): Llama with a multiplier at every join. transformers.GraniteModel.
#include <cmath>

#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {

Architecture read_granite(const common::JsonObject& config) {
  Architecture granite = read_decoder(config, {.vocab_size = 32000,
                                               .hidden_size = 4096,
                                               .intermediate_size = 11008,
                                               .num_hidden_layers = 32,
                                               .num_attention_heads = 32,
                                               .num_key_value_heads = {},
                                               .head_dim = {},
                                               .max_position_embeddings = 2048});
  auto multiplier = [&](const char* key) { return static_cast<float>(config.number_if(key).value_or(1.0)); };
  granite.spec.embeddings.word_scale = multiplier("embedding_multiplier");
  for (nn::LayerSpec& layer : granite.spec.layers) {
    set_biases(config, layer);
    layer.attention.scale = multiplier("attention_multiplier");  // instead of 1 / sqrt(head size)
    layer.residual_scale = multiplier("residual_multiplier");
    set_rotary(config, 10000.0, layer.attention);
  }
  return granite;
}

}  // namespace sbert::arch
