// DistilBERT (https://arxiv.org/abs/1910.01108): BERT without token types; transformers.DistilBertModel.
#include "arch/config_values.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_distilbert(const common::JsonObject& config) {
  const nn::NormSpec norm;  // eps is 1e-12 whatever the config says
  Architecture distilbert;
  nn::EncoderSpec& spec = distilbert.spec;
  spec.hidden_size = read_aliased_size(config, "hidden_size", "dim", 768);
  spec.embeddings.vocab_size = config.integer_if("vocab_size", 1, kMaxVocabSize).value_or(30522);
  spec.embeddings.embedding_size = spec.hidden_size;
  // Sinusoidal or learned (sinusoidal_pos_embds), the table is in the checkpoint.
  spec.embeddings.max_position_embeddings = config.integer_if("max_position_embeddings", 1, kMaxSize).value_or(512);
  spec.embeddings.norm = norm;
  distilbert.max_position_embeddings = spec.embeddings.max_position_embeddings;
  nn::LayerSpec layer;
  layer.attention =
      attention_of(config, "dim", spec.hidden_size, read_aliased_size(config, "num_attention_heads", "n_heads", 12));
  layer.attention_norms.residual = norm;
  layer.mlp.intermediate_size = config.integer_if("hidden_dim", 1, kMaxSize).value_or(3072);
  layer.mlp.activation = read_activation(config, "activation", "gelu");
  layer.mlp_norms.residual = norm;
  const bool has_alias = config.has("num_hidden_layers");
  spec.layers.assign(read_layer_count(config, has_alias ? "num_hidden_layers" : "n_layers", 6), layer);

  TensorNames& names = distilbert.names;
  names.prefixes = {"distilbert."};
  names.word_embeddings = {"embeddings.word_embeddings.weight"};
  names.position_embeddings = "embeddings.position_embeddings.weight";
  names.embeddings_norm = "embeddings.LayerNorm";
  names.layer_prefixes = numbered_prefixes("transformer.layer.", spec.layers.size());
  names.layer.query = "attention.q_lin";
  names.layer.key = "attention.k_lin";
  names.layer.value = "attention.v_lin";
  names.layer.attention_output = "attention.out_lin";
  names.layer.attention_norms.residual = "sa_layer_norm";
  names.layer.mlp_up = "ffn.lin1";
  names.layer.mlp_down = "ffn.lin2";
  names.layer.mlp_norms.residual = "output_layer_norm";
  return distilbert;
}

}  // namespace sbert::arch
