// RemBERT (https://arxiv.org/abs/2010.12821): BERT with narrower embeddings; transformers.RemBertModel.
#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_rembert(const common::JsonObject& config) {
  Architecture rembert = read_bert_layout(config, "rembert.",
                                          {.vocab_size = 250300,
                                           .hidden_size = 1152,
                                           .num_hidden_layers = 32,
                                           .num_attention_heads = 18,
                                           .intermediate_size = 4608});
  nn::EmbeddingsSpec& embeddings = rembert.spec.embeddings;
  embeddings.embedding_size = config.integer_if("input_embedding_size", 1, kMaxSize).value_or(256);
  embeddings.projection = true;  // also between equal sizes
  embeddings.projection_bias = true;
  rembert.names.embeddings_projection = "encoder.embedding_hidden_mapping_in";
  return rembert;
}

}  // namespace sbert::arch
