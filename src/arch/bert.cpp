// BERT (https://arxiv.org/abs/1810.04805); transformers.BertModel.
#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_bert(const common::JsonObject& config) {
  return read_bert_layout(config, "bert.");
}

// ERNIE (https://arxiv.org/abs/1904.09223) is BERT under another name, where it has no task embeddings.
Architecture read_ernie(const common::JsonObject& config) {
  require_boolean(config, "use_task_id", false);
  return read_bert_layout(config, "ernie.");
}

// Splinter (https://arxiv.org/abs/2101.00438) differs in its head only.
Architecture read_splinter(const common::JsonObject& config) {
  return read_bert_layout(config, "splinter.");
}

// https://arxiv.org/abs/1907.12461: BERT without token types, to initialise decoders from.
Architecture read_bert_generation(const common::JsonObject& config) {
  Architecture bert = read_bert_layout(config, "bert.",
                                       {.vocab_size = 50358,
                                        .hidden_size = 1024,
                                        .num_hidden_layers = 24,
                                        .num_attention_heads = 16,
                                        .intermediate_size = 4096});
  bert.spec.embeddings.type_vocab_size = 0;
  return bert;
}

// Megatron's BERT (https://arxiv.org/abs/1909.08053) has the norms before the sublayers and none behind the
// embeddings.
Architecture read_megatron_bert(const common::JsonObject& config) {
  Architecture megatron = read_bert_layout(config, "bert.",
                                           {.vocab_size = 29056,
                                            .hidden_size = 1024,
                                            .num_hidden_layers = 24,
                                            .num_attention_heads = 16,
                                            .intermediate_size = 4096});
  move_norms_before_sublayers(megatron, "attention.ln", "ln", "encoder.ln");
  megatron.spec.embeddings.norm.reset();
  return megatron;
}

}  // namespace sbert::arch
