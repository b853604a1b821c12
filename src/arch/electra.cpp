// ELECTRA (https://arxiv.org/abs/2003.10555): BERT with narrower embeddings; transformers.ElectraModel.
#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_electra(const common::JsonObject& config) {
  Architecture electra =
      read_bert_layout(config, "electra.", {.hidden_size = 256, .num_attention_heads = 4, .intermediate_size = 1024});
  nn::EmbeddingsSpec& embeddings = electra.spec.embeddings;
  embeddings.embedding_size = config.integer_if("embedding_size", 1, kMaxSize).value_or(128);
  embeddings.projection = embeddings.embedding_size != electra.spec.hidden_size;
  embeddings.projection_bias = true;
  electra.names.embeddings_projection = "embeddings_project";
  return electra;
}

}  // namespace sbert::arch
