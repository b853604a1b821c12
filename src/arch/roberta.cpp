// RoBERTa (https://arxiv.org/abs/1907.11692) and its kin: BERT with positions that count from the padding id.
#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {
namespace {

Architecture read_roberta_layout(const common::JsonObject& config, const std::string& prefix,
                                 const BertDefaults& defaults) {
  Architecture roberta = read_bert_layout(config, prefix, defaults);
  const int64_t rows = roberta.spec.embeddings.max_position_embeddings;
  const int64_t pad_token_id = config.integer_if("pad_token_id", 0, kMaxVocabSize).value_or(1);
  if (pad_token_id + 1 >= rows) {
    config.fail("pad_token_id", "is " + std::to_string(pad_token_id) + ", which leaves no position of " +
                                    std::to_string(rows) + ": they count from pad_token_id + 1");
  }
  count_positions_from_padding(roberta, pad_token_id);
  return roberta;
}

}  // namespace

Architecture read_roberta(const common::JsonObject& config) {
  return read_roberta_layout(config, "roberta.", {.vocab_size = 50265});
}

// XLM-RoBERTa (https://arxiv.org/abs/1911.02116) and CamemBERT (https://arxiv.org/abs/1911.03894).
Architecture read_xlm_roberta(const common::JsonObject& config) {
  return read_roberta_layout(config, "roberta.", {});
}

Architecture read_data2vec_text(const common::JsonObject& config) {
  return read_roberta_layout(config, "data2vec_text.", {});
}

// LUKE (https://arxiv.org/abs/2010.01057) is RoBERTa where no entities are given, and Sentence Transformers gives none.
Architecture read_luke(const common::JsonObject& config) {
  return read_roberta_layout(config, "luke.", {.vocab_size = 50267});
}

// XLM-RoBERTa-XL (https://arxiv.org/abs/2105.00572): norms before the sublayers, none behind the embeddings.
Architecture read_xlm_roberta_xl(const common::JsonObject& config) {
  Architecture xl = read_roberta_layout(config, "roberta.",
                                        {.vocab_size = 250880,
                                         .hidden_size = 2560,
                                         .num_hidden_layers = 36,
                                         .num_attention_heads = 32,
                                         .intermediate_size = 10240,
                                         .max_position_embeddings = 514,
                                         .type_vocab_size = 1,
                                         .layer_norm_eps = 1e-5});
  move_norms_before_sublayers(xl, "attention.self_attn_layer_norm", "LayerNorm", "encoder.LayerNorm");
  xl.spec.embeddings.norm.reset();
  return xl;
}

// fairseq's --encoder-normalize-before: norms before the sublayers, and one behind the embeddings as well.
Architecture read_roberta_prelayernorm(const common::JsonObject& config) {
  Architecture roberta = read_roberta_layout(config, "roberta_prelayernorm.", {.vocab_size = 50265});
  move_norms_before_sublayers(roberta, "attention.LayerNorm", "intermediate.LayerNorm", "LayerNorm");
  return roberta;
}

}  // namespace sbert::arch
