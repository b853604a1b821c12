// The text towers of CLIP (https://arxiv.org/abs/2103.00020) and SigLIP (https://arxiv.org/abs/2303.15343,
// 2502.14786): pre-norm layers, learned positions, one vector for each text from one of its tokens.
// transformers.CLIPModel, CLIPTextModel, SiglipModel, Siglip2Model.
#include <string>

#include "arch/config_values.h"
#include "arch/families.h"

namespace sbert::arch {
namespace {

struct TowerDefaults {
  int64_t vocab_size;
  int64_t hidden_size;
  int64_t intermediate_size;
  int64_t num_attention_heads;
  int64_t max_position_embeddings;
  const char* hidden_act;
  double layer_norm_eps;
};
constexpr TowerDefaults kClip{49408, 512, 2048, 8, 77, "quick_gelu", 1e-5};
constexpr TowerDefaults kSiglip{32000, 768, 3072, 12, 64, "gelu_pytorch_tanh", 1e-6};

/// `before`: what stands before every name of the tower.
Architecture read_tower(const common::JsonObject& config, const TowerDefaults& defaults, const std::string& before) {
  require_boolean(config, "is_causal", true);  // CLIP's attention is, SigLIP's is not, whatever this says
  Architecture tower;
  nn::EncoderSpec& spec = tower.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(defaults.hidden_size);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(defaults.vocab_size);
  spec.embeddings.embedding_size = spec.hidden_size;
  spec.embeddings.max_position_embeddings =
      config.integer_if("max_position_embeddings", 1, kMaxSize).value_or(defaults.max_position_embeddings);
  const nn::NormSpec norm = read_norm(config, "layer_norm_eps", defaults.layer_norm_eps);
  spec.final_norm = norm;
  nn::LayerSpec layer;
  layer.attention = read_attention(config, spec.hidden_size, defaults.num_attention_heads);
  layer.attention_norms.input = norm;
  layer.mlp.intermediate_size =
      config.integer_if("intermediate_size", 1, kMaxSize).value_or(defaults.intermediate_size);
  layer.mlp.activation = read_activation(config, "hidden_act", defaults.hidden_act);
  layer.mlp_norms.input = norm;
  spec.layers.assign(read_layer_count(config, "num_hidden_layers", 12), layer);

  TensorNames& names = tower.names;
  names.word_embeddings = {before + "embeddings.token_embedding.weight"};
  names.position_embeddings = before + "embeddings.position_embedding.weight";
  names.layer_prefixes = numbered_prefixes(before + "encoder.layers.", spec.layers.size());
  names.layer.query = "self_attn.q_proj";
  names.layer.key = "self_attn.k_proj";
  names.layer.value = "self_attn.v_proj";
  names.layer.attention_output = "self_attn.out_proj";
  names.layer.attention_norms.input = "layer_norm1";
  names.layer.mlp_up = "mlp.fc1";
  names.layer.mlp_down = "mlp.fc2";
  names.layer.mlp_norms.input = "layer_norm2";
  names.final_norm = before + "final_layer_norm";
  return tower;
}

void make_causal(nn::EncoderSpec& spec) {
  for (nn::LayerSpec& layer : spec.layers) layer.attention.tokens_after = 0;
}

// The text part of a config of two towers.
common::JsonObject text_config(const common::JsonObject& config) {
  return config.object_if("text_config")
      .value_or(common::JsonObject::parse("{}", config.source() + " field 'text_config'"));
}

}  // namespace

Architecture read_clip(const common::JsonObject& config) {
  // Written by early versions beside text_config: a full set of values that wins over it.
  const common::JsonObject text = config.object_if("text_config_dict").value_or(text_config(config));
  Architecture clip = read_tower(text, kClip, "text_model.");
  make_causal(clip.spec);
  nn::TextProjectionSpec projection;
  // 2 was a mistake in early configs; transformers keeps the meaning it had then.
  const int64_t eos = text.integer_if("eos_token_id", 0, kMaxVocabSize).value_or(49407);
  projection.token = eos == 2 ? nn::TextProjectionSpec::Token::kHighestId : nn::TextProjectionSpec::Token::kFirstOfId;
  projection.id = static_cast<int32_t>(eos);
  projection.projection_dim = config.integer_if("projection_dim", 1, kMaxSize).value_or(512);
  clip.spec.text_projection = projection;
  clip.names.text_projection = "text_projection";
  return clip;
}

Architecture read_clip_text_model(const common::JsonObject& config) {
  Architecture clip = read_tower(config, kClip, "");
  make_causal(clip.spec);
  clip.names.prefixes = {"text_model."};
  clip.max_position_embeddings = clip.spec.embeddings.max_position_embeddings;
  return clip;
}

Architecture read_siglip(const common::JsonObject& config) {
  const common::JsonObject text = text_config(config);
  Architecture siglip = read_tower(text, kSiglip, "text_model.");
  nn::TextProjectionSpec projection;
  projection.token = nn::TextProjectionSpec::Token::kLast;
  projection.projection_dim = text.integer_if("projection_size", 1, kMaxSize).value_or(siglip.spec.hidden_size);
  projection.bias = true;
  siglip.spec.text_projection = projection;
  siglip.names.text_projection = "text_model.head";
  return siglip;
}

}  // namespace sbert::arch
