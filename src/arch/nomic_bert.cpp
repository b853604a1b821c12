// NomicBERT (https://arxiv.org/abs/2402.01613); transformers.NomicBertModel. The published folders have the config.json
// and the tensor names of the model's own code, which look like GPT-2's.
#include <sbert/error.h>

#include "arch/config_values.h"
#include "arch/families.h"
#include "arch/rotary_encoder.h"

namespace sbert::arch {
namespace {

// Variants that the published code has and transformers has not.
void require_published_defaults(const common::JsonObject& config) {
  require_string(config, "activation_function", "swiglu");
  for (const char* field : {"prenorm", "use_rms_norm", "parallel_block", "causal", "qkv_proj_bias", "mlp_fc1_bias",
                            "mlp_fc2_bias", "rotary_emb_interleaved", "scale_attn_by_inverse_layer_idx"}) {
    require_boolean(config, field, false);
  }
  if (config.number_if("rotary_emb_fraction").value_or(1.0) != 1.0) {
    throw UnsupportedError(config.source() + ": a rotary_emb_fraction other than 1 is not supported");
  }
  for (const char* field : {"rotary_scaling_factor", "rotary_emb_scale_base"}) {
    if (config.has(field)) throw UnsupportedError(config.source() + ": " + field + " is not supported");
  }
  if (config.integer_if("num_experts", 0, kMaxSize).value_or(0) > 0 ||
      config.integer_if("moe_every_n_layers", 0, kMaxSize).value_or(0) > 0) {
    throw UnsupportedError(config.source() + ": a mixture of experts (moe_every_n_layers) is not supported");
  }
}

TensorNames published_names(const Architecture& nomic) {
  TensorNames names = nomic.names;
  names.prefixes.emplace_back("bert.");
  names.embeddings_norm = "emb_ln";
  names.layer_prefixes = numbered_prefixes("encoder.layers.", nomic.spec.layers.size());
  names.layer.qkv = "attn.Wqkv";
  names.layer.attention_output = "attn.out_proj";
  names.layer.attention_norms.residual = "norm1";
  names.layer.mlp_up = "mlp.fc11";
  names.layer.mlp_gate = "mlp.fc12";
  names.layer.mlp_down = "mlp.fc2";
  names.layer.mlp_norms.residual = "norm2";
  return names;
}

}  // namespace

Architecture read_nomic_bert(const common::JsonObject& config) {
  require_published_defaults(config);
  auto spelled = [&](const char* own, const char* published) {
    return !config.has(own) && config.has(published) ? published : own;
  };
  Architecture nomic = read_rotary_encoder(config,
                                           {.vocab_size = 30528,
                                            .max_position_embeddings = 2048,
                                            .type_vocab_size = 2,
                                            .rope_theta = config.number_if("rotary_emb_base").value_or(1000.0),
                                            .hidden_act = "silu"},
                                           {.hidden_size = spelled("hidden_size", "n_embd"),
                                            .num_hidden_layers = spelled("num_hidden_layers", "n_layer"),
                                            .num_attention_heads = spelled("num_attention_heads", "n_head"),
                                            .intermediate_size = spelled("intermediate_size", "n_inner"),
                                            .layer_norm_eps = spelled("layer_norm_eps", "layer_norm_epsilon")});
  for (nn::LayerSpec& layer : nomic.spec.layers) {
    layer.attention.bias = layer.attention.output_bias = false;
    layer.mlp.gated = true;
    layer.mlp.bias = layer.mlp.output_bias = false;
  }
  nomic.names.prefixes = {"nomic_bert."};
  nomic.other_names = {published_names(nomic)};
  return nomic;
}

}  // namespace sbert::arch
