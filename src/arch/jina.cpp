// Jina embeddings v2 (https://arxiv.org/abs/2310.19923): BERT with ALiBi and a gated MLP; code of its own, model_type
// "bert". Jina embeddings v3 (https://arxiv.org/abs/2409.10173): XLM-RoBERTa with rotary positions;
// transformers.JinaEmbeddingsV3Model, without the adapters of the published model.
#include <array>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "arch/config_values.h"
#include "arch/families.h"
#include "arch/rotary_encoder.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

// Where `auto_map` says that the model's code lives: "jinaai/jina-bert-implementation--modeling_bert.JinaBertModel".
std::string code_of(const common::JsonObject& config) {
  const auto map = config.object_if("auto_map");
  const bool named = map && map->raw().contains("AutoModel") && map->raw().at("AutoModel").is_string();
  return named ? map->string("AutoModel") : "";
}

nn::Activation gate_of(const common::JsonObject& config) {
  const std::string type = config.string("feed_forward_type");
  if (type == "geglu") return nn::Activation::kGelu;
  if (type == "reglu") return nn::Activation::kRelu;
  throw UnsupportedError(config.source() + ": feed_forward_type " + common::quote(type) +
                         " is not supported; supported: 'geglu', 'reglu'");
}

}  // namespace

bool is_jina_bert(const common::JsonObject& config) {
  const auto positions = config.string_if("position_embedding_type");
  return (positions && *positions == "alibi") || code_of(config).find("JinaBert") != std::string::npos;
}

Architecture read_jina_bert(const common::JsonObject& config) {
  // Some v2 models normalize queries and keys: other code under the same model_type.
  if (const std::string code = code_of(config); code.find("qk-post-norm") != std::string::npos) {
    throw UnsupportedError(config.source() + ": code " + common::quote(code) +
                           " in auto_map (normalized queries and keys) is not supported by this version");
  }
  for (const char* field : {"is_decoder", "is_causal"}) require_boolean(config, field, false);
  const auto positions = config.string_if("position_embedding_type");
  if (!positions || *positions != "alibi") {
    throw UnsupportedError(config.source() + ": JinaBERT with a position_embedding_type other than 'alibi' is not " +
                           "supported");
  }
  Architecture jina;
  nn::EncoderSpec& spec = jina.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(768);
  const nn::NormSpec norm = read_norm(config, "layer_norm_eps", 1e-12);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(30522);
  spec.embeddings.embedding_size = spec.hidden_size;
  spec.embeddings.type_vocab_size = config.integer_if("type_vocab_size", 1, kMaxSize).value_or(2);
  spec.embeddings.norm = norm;
  jina.max_position_embeddings = config.integer_if("max_position_embeddings", 1, int64_t{1} << 40).value_or(512);
  nn::LayerSpec layer;
  layer.attention = read_attention(config, spec.hidden_size);
  layer.attention.alibi = true;
  layer.attention_norms.residual = norm;
  layer.mlp.intermediate_size = config.integer_if("intermediate_size", 1, kMaxSize).value_or(3072);
  layer.mlp.activation = gate_of(config);
  layer.mlp.gated = true;
  layer.mlp.bias = false;
  layer.mlp_norms.residual = norm;
  spec.layers.assign(read_layer_count(config, "num_hidden_layers", 12), layer);

  TensorNames& names = jina.names;
  names.prefixes = {"bert."};
  names.word_embeddings = {"embeddings.word_embeddings.weight"};
  names.token_type_embeddings = "embeddings.token_type_embeddings.weight";
  names.embeddings_norm = "embeddings.LayerNorm";
  names.layer_prefixes = numbered_prefixes("encoder.layer.", spec.layers.size());
  names.layer.query = "attention.self.query";
  names.layer.key = "attention.self.key";
  names.layer.value = "attention.self.value";
  names.layer.attention_output = "attention.output.dense";
  names.layer.attention_norms.residual = "attention.output.LayerNorm";
  names.layer.mlp_gate_up = "mlp.gated_layers";
  names.layer.mlp_down = "mlp.wo";
  names.layer.mlp_norms.residual = "mlp.layernorm";
  return jina;
}

Architecture read_jina_embeddings_v3(const common::JsonObject& config) {
  if (config.has("lora_adaptations")) {
    throw UnsupportedError(config.source() + ": lora_adaptations (adapters that a task selects) are not supported");
  }
  Architecture jina = read_rotary_encoder(config, {.vocab_size = 250002,
                                                   .hidden_size = 1024,
                                                   .num_hidden_layers = 24,
                                                   .num_attention_heads = 16,
                                                   .intermediate_size = 4096,
                                                   .max_position_embeddings = 8194,
                                                   .type_vocab_size = 1,
                                                   .layer_norm_eps = 1e-5,
                                                   .rope_theta = 20000.0});
  jina.names.prefixes = {"roberta."};
  jina.names.layer.mlp_up = "mlp.fc1";
  jina.names.layer.mlp_down = "mlp.fc2";

  TensorNames published = jina.names;
  published.embeddings_norm = "emb_ln";
  published.layer_prefixes = numbered_prefixes("encoder.layers.", jina.spec.layers.size());
  published.layer.qkv = "mixer.Wqkv";
  published.layer.attention_output = "mixer.out_proj";
  published.layer.attention_norms.residual = "norm1";
  published.layer.mlp_norms.residual = "norm2";
  jina.other_names = {published};
  return jina;
}

}  // namespace sbert::arch
