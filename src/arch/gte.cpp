// GTE v1.5 and multilingual (https://arxiv.org/abs/2407.19669): BERT with rotary positions and a gated MLP.
// transformers.GteModel has model_type "gte"; the published folders have "new" and code of their own, whose field and
// tensor names are read here, too.
#include <cmath>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "arch/config_values.h"
#include "arch/families.h"
#include "arch/rotary_encoder.h"

namespace sbert::arch {
namespace {

TensorNames published_names(const Architecture& gte, bool pack_qkv) {
  TensorNames names = gte.names;
  names.prefixes = {"new.", "gte."};
  names.layer_prefixes = numbered_prefixes("encoder.layer.", gte.spec.layers.size());
  names.layer.qkv = pack_qkv ? "attention.qkv_proj" : "";
  names.layer.query = "attention.q_proj";
  names.layer.key = "attention.k_proj";
  names.layer.value = "attention.v_proj";
  names.layer.attention_output = "attention.o_proj";
  names.layer.attention_norms.residual = "attn_ln";
  names.layer.mlp_up_gate = "mlp.up_gate_proj";
  names.layer.mlp_norms.residual = "mlp_ln";
  return names;
}

Architecture read_unscaled(const common::JsonObject& config, double rope_theta) {
  Architecture gte = read_rotary_encoder(
      config, {.vocab_size = 250048, .max_position_embeddings = 8192, .type_vocab_size = 1, .rope_theta = rope_theta});
  for (nn::LayerSpec& layer : gte.spec.layers) {
    layer.mlp.gated = true;
    layer.mlp.bias = false;
  }
  gte.names.prefixes = {"gte."};
  gte.other_names = {published_names(gte, config.boolean_if("pack_qkv").value_or(true))};
  return gte;
}

// The published code's fixed NTK scaling is a larger base and a linear factor: for head size d and factor f,
// (theta f)^(-2i/d) / f^(2/d).
void set_ntk_scaling(const common::JsonObject& scaling, nn::EncoderSpec& spec) {
  if (scaling.has("mixed_b")) throw UnsupportedError(scaling.source() + ": mixed_b is not supported");
  const double factor = scaling.number("factor");
  if (!(factor >= 1) || !std::isfinite(factor)) scaling.fail("factor", "must be at least 1");
  for (nn::LayerSpec& layer : spec.layers) {
    nn::RotarySpec& rotary = *layer.attention.rotary;
    rotary.theta *= factor;
    rotary.scaling.kind = nn::RopeScaling::Kind::kLinear;
    rotary.scaling.factor = std::pow(factor, 2.0 / static_cast<double>(rotary.size));
  }
}

Architecture read_any_gte(const common::JsonObject& config, double rope_theta) {
  require_string(config, "position_embedding_type", "rope");
  require_string(config, "layer_norm_type", "layer_norm");
  require_boolean(config, "logn_attention_scale", false);
  for (const char* field : {"rope_scaling", "rope_parameters"}) {
    const auto scaling = config.object_if(field);
    if (!scaling || scaling->string_if("type").value_or("default") != "ntk") continue;
    nlohmann::json unscaled = config.raw();
    unscaled.erase(field);
    if (scaling->has("rope_theta")) unscaled["rope_theta"] = scaling->number("rope_theta");
    Architecture gte = read_unscaled(common::JsonObject::parse(unscaled.dump(), config.source()), rope_theta);
    set_ntk_scaling(*scaling, gte.spec);
    return gte;
  }
  return read_unscaled(config, rope_theta);
}

}  // namespace

Architecture read_gte(const common::JsonObject& config) {
  return read_any_gte(config, 160000.0);
}

Architecture read_new(const common::JsonObject& config) {
  return read_any_gte(config, 10000.0);
}

}  // namespace sbert::arch
