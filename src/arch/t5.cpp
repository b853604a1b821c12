// The encoders of T5 (https://arxiv.org/abs/1910.10683), mT5 (https://arxiv.org/abs/2010.11934) and UMT5
// (https://arxiv.org/abs/2304.09151); transformers.T5EncoderModel and its kin. Norms before the sublayers, no biases,
// and positions only as a bias of the attention scores, which are not scaled.
#include <sbert/error.h>

#include "arch/config_values.h"
#include "arch/families.h"

namespace sbert::arch {
namespace {

struct T5Defaults {
  int64_t vocab_size = 32128;
  int64_t d_ff = 2048;
  int64_t num_layers = 6;
  int64_t num_heads = 8;
  const char* feed_forward_proj = "relu";
};
constexpr T5Defaults kMT5Defaults = {
    .vocab_size = 250112, .d_ff = 1024, .num_layers = 8, .num_heads = 6, .feed_forward_proj = "gated-gelu"};

// "relu", or "gated-gelu" and the like. "gated-gelu" means the tanh form, "gelu" alone does not. A config.json that
// transformers saved has what it made of it beside it, and that is what counts.
void read_feed_forward(const common::JsonObject& config, const std::string& default_value, nn::MlpSpec& mlp) {
  const std::string key = "feed_forward_proj", prefix = "gated-";
  const std::string value = config.string_if(key).value_or(default_value);
  mlp.gated = value.starts_with(prefix);
  std::string activation = mlp.gated ? value.substr(prefix.size()) : value;
  if (value == "gated-gelu") activation = "gelu_new";
  if (activation.find('-') != std::string::npos) config.fail(key, "is neither ACTIVATION nor gated-ACTIVATION");
  mlp.gated = config.boolean_if("is_gated_act").value_or(mlp.gated);
  mlp.activation = read_activation(config, "dense_act_fn", activation);
}

Architecture read_t5_layout(const common::JsonObject& config, const T5Defaults& defaults) {
  require_boolean(config, "is_decoder", false);
  nn::NormSpec norm = read_norm(config, "layer_norm_epsilon", 1e-6);
  norm.kind = nn::NormKind::kRms;

  Architecture t5;
  nn::EncoderSpec& spec = t5.spec;
  spec.hidden_size = read_aliased_size(config, "hidden_size", "d_model", 512);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(defaults.vocab_size);
  spec.embeddings.embedding_size = spec.hidden_size;
  spec.final_norm = norm;
  // T5 has none of its own; the reference looks for it in the config all the same.
  t5.max_position_embeddings = config.integer_if("max_position_embeddings", 1, int64_t{1} << 40);

  nn::LayerSpec layer;
  nn::AttentionSpec& attention = layer.attention;
  attention.num_heads = read_aliased_size(config, "num_attention_heads", "num_heads", defaults.num_heads);
  attention.num_key_value_heads = attention.num_heads;
  attention.head_size = read_aliased_size(config, "head_dim", "d_kv", 64);  // need not be d_model / num_heads
  attention.bias = attention.output_bias = false;
  // At least 4, so that a direction has a bucket for small distances; some distance must lie beyond those.
  const int64_t buckets = config.integer_if("relative_attention_num_buckets", 4, kMaxSize).value_or(32);
  const int64_t max_distance = config.integer_if("relative_attention_max_distance", 1, kMaxSize).value_or(128);
  if (max_distance <= buckets / 4) {
    config.fail("relative_attention_max_distance",
                "is " + std::to_string(max_distance) + ", which " + std::to_string(buckets) + " buckets reach beyond");
  }
  attention.relative_buckets = nn::RelativeBucketsSpec{.num_buckets = buckets, .max_distance = max_distance};
  layer.attention_norms.input = norm;
  read_feed_forward(config, defaults.feed_forward_proj, layer.mlp);
  layer.mlp.intermediate_size = config.integer_if("d_ff", 1, kMaxSize).value_or(defaults.d_ff);
  layer.mlp.bias = layer.mlp.output_bias = false;
  layer.mlp_norms.input = norm;
  const bool has_alias = config.has("num_hidden_layers");
  spec.layers.assign(read_layer_count(config, has_alias ? "num_hidden_layers" : "num_layers", defaults.num_layers),
                     layer);

  TensorNames& names = t5.names;
  names.prefixes = {"transformer."};
  names.word_embeddings = {"shared.weight", "encoder.embed_tokens.weight"};
  names.layer_prefixes = numbered_prefixes("encoder.block.", spec.layers.size());
  names.layer.query = "layer.0.SelfAttention.q";
  names.layer.key = "layer.0.SelfAttention.k";
  names.layer.value = "layer.0.SelfAttention.v";
  names.layer.attention_output = "layer.0.SelfAttention.o";
  names.layer.attention_norms.input = "layer.0.layer_norm";
  names.layer.mlp_up = layer.mlp.gated ? "layer.1.DenseReluDense.wi_1" : "layer.1.DenseReluDense.wi";
  names.layer.mlp_gate = "layer.1.DenseReluDense.wi_0";
  names.layer.mlp_down = "layer.1.DenseReluDense.wo";
  names.layer.mlp_norms.input = "layer.1.layer_norm";
  names.relative_attention_bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  names.final_norm = "encoder.final_layer_norm";
  return t5;
}

}  // namespace

Architecture read_t5(const common::JsonObject& config) {
  return read_t5_layout(config, {});
}

Architecture read_mt5(const common::JsonObject& config) {
  return read_t5_layout(config, kMT5Defaults);
}

// Each layer has a bias of its own.
Architecture read_umt5(const common::JsonObject& config) {
  Architecture umt5 = read_t5_layout(config, kMT5Defaults);
  umt5.names.relative_attention_bias.clear();
  umt5.names.layer.relative_attention_bias = "layer.0.SelfAttention.relative_attention_bias.weight";
  return umt5;
}

}  // namespace sbert::arch
