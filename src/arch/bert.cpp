// BERT (https://arxiv.org/abs/1810.04805); transformers.BertModel.
#include "arch/config_values.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_bert(const common::JsonObject& config) {
  require_string(config, "position_embedding_type", "absolute");
  require_boolean(config, "is_decoder", false);

  Architecture bert;
  nn::EncoderSpec& spec = bert.spec;
  spec.hidden_size = config.integer_if("hidden_size", 1, kMaxSize).value_or(768);
  const nn::NormSpec norm = read_norm(config, "layer_norm_eps", 1e-12);
  spec.embeddings = {
      .vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(30522),
      .max_position_embeddings = config.integer_if("max_position_embeddings", 1, kMaxSize).value_or(512),
      .type_vocab_size = config.integer_if("type_vocab_size", 1, kMaxSize).value_or(2),
      .norm = norm,
  };
  const nn::LayerSpec layer{
      .attention = read_attention(config, spec.hidden_size),
      .attention_norm = norm,
      .mlp = {.intermediate_size = config.integer_if("intermediate_size", 1, kMaxSize).value_or(3072),
              .activation = read_activation(config, "hidden_act", "gelu")},
      .mlp_norm = norm,
  };
  spec.layers.assign(static_cast<size_t>(config.integer_if("num_hidden_layers", 0, 10000).value_or(12)), layer);

  bert.names = {
      .prefixes = {"bert."},
      .word_embeddings = "embeddings.word_embeddings.weight",
      .position_embeddings = "embeddings.position_embeddings.weight",
      .token_type_embeddings = "embeddings.token_type_embeddings.weight",
      .embeddings_norm = "embeddings.LayerNorm",
      .layer = {.query = "encoder.layer.{}.attention.self.query",
                .key = "encoder.layer.{}.attention.self.key",
                .value = "encoder.layer.{}.attention.self.value",
                .attention_output = "encoder.layer.{}.attention.output.dense",
                .attention_norm = "encoder.layer.{}.attention.output.LayerNorm",
                .mlp_up = "encoder.layer.{}.intermediate.dense",
                .mlp_down = "encoder.layer.{}.output.dense",
                .mlp_norm = "encoder.layer.{}.output.LayerNorm"},
  };
  return bert;
}

}  // namespace sbert::arch
