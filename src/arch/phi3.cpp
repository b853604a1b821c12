// Phi 3 (https://arxiv.org/abs/2404.14219): Llama with fused tensors. transformers.Phi3Model.
#include <sbert/error.h>

#include "arch/decoder.h"
#include "arch/families.h"
#include "arch/rotary_config.h"

namespace sbert::arch {

Architecture read_phi3(const common::JsonObject& config) {
  Architecture phi = read_decoder(config, {.vocab_size = 32064,
                                           .hidden_size = 3072,
                                           .intermediate_size = 8192,
                                           .num_hidden_layers = 32,
                                           .num_attention_heads = 32,
                                           .num_key_value_heads = {},
                                           .head_dim = {},
                                           .max_position_embeddings = 4096,
                                           .rms_norm_eps = 1e-5});
  const auto window = read_window(config, std::nullopt);
  for (nn::LayerSpec& layer : phi.spec.layers) {
    set_partial_rotary(config, 10000.0, layer.attention);
    if (layer.attention.rotary->scaling.kind != nn::RopeScaling::Kind::kNone) {
      throw UnsupportedError(config.source() + ": of the rope types only 'default' is supported for this model_type");
    }
    if (window) set_window(is_causal(config), *window, layer.attention);
  }
  phi.names.layer.qkv = "self_attn.qkv_proj";
  phi.names.layer.mlp_gate_up = "mlp.gate_up_proj";
  return phi;
}

}  // namespace sbert::arch
