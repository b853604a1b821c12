// StarCoder 2 (https://arxiv.org/abs/2402.19173): a decoder with layer norms, biases and a plain MLP.
// transformers.Starcoder2Model.
#include "arch/config_values.h"
#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {

Architecture read_starcoder2(const common::JsonObject& config) {
  Architecture starcoder = read_decoder(config, {.vocab_size = 49152,
                                                 .hidden_size = 3072,
                                                 .intermediate_size = 12288,
                                                 .num_hidden_layers = 30,
                                                 .num_attention_heads = 24,
                                                 .num_key_value_heads = 2,
                                                 .head_dim = {},
                                                 .max_position_embeddings = 4096,
                                                 .hidden_act = "gelu_pytorch_tanh"});
  const nn::NormSpec norm = read_norm(config, "norm_epsilon", 1e-5);
  const bool bias = config.boolean_if("use_bias").value_or(true);
  const auto window = read_window(config, std::nullopt);
  starcoder.spec.final_norm = norm;
  for (nn::LayerSpec& layer : starcoder.spec.layers) {
    layer.attention.bias = layer.attention.output_bias = bias;
    layer.mlp.gated = false;
    layer.mlp.bias = layer.mlp.output_bias = bias;
    layer.attention_norms.input = layer.mlp_norms.input = norm;
    set_rotary(config, 10000.0, layer.attention);
    if (window) set_window(is_causal(config), *window, layer.attention);
  }
  starcoder.names.layer.mlp_up = "mlp.c_fc";
  starcoder.names.layer.mlp_down = "mlp.c_proj";
  return starcoder;
}

}  // namespace sbert::arch
