// MPNet (https://arxiv.org/abs/2004.09297): RoBERTa with relative position buckets that all layers share and without
// token types; transformers.MPNetModel.
#include <sbert/error.h>

#include "arch/bert_layout.h"
#include "arch/families.h"

namespace sbert::arch {

Architecture read_mpnet(const common::JsonObject& config) {
  Architecture mpnet = read_bert_layout(config, "mpnet.", {.vocab_size = 30527});
  // transformers reads relative_attention_num_buckets for the size of the table only, and counts 32 buckets always.
  const nn::RelativeBucketsSpec buckets{.num_buckets = 32, .max_distance = 128};
  const int64_t rows = config.integer_if("relative_attention_num_buckets", 1, kMaxSize).value_or(buckets.num_buckets);
  if (rows != buckets.num_buckets) {
    throw UnsupportedError(config.source() + ": relative_attention_num_buckets " + std::to_string(rows) +
                           " is not supported; supported: 32");
  }
  mpnet.spec.embeddings.type_vocab_size = 0;
  if (mpnet.spec.embeddings.max_position_embeddings < 3) {
    config.fail("max_position_embeddings", "leaves no position: the first is in row 2");
  }
  count_positions_from_padding(mpnet, 1);  // whatever pad_token_id says
  for (nn::LayerSpec& layer : mpnet.spec.layers) {
    layer.attention.relative_buckets = buckets;
    layer.attention.tokens_after.reset();  // it knows no is_decoder
  }

  TensorNames& names = mpnet.names;
  names.relative_attention_bias = "encoder.relative_attention_bias.weight";
  names.layer.query = "attention.attn.q";
  names.layer.key = "attention.attn.k";
  names.layer.value = "attention.attn.v";
  names.layer.attention_output = "attention.attn.o";
  names.layer.attention_norms.residual = "attention.LayerNorm";
  return mpnet;
}

}  // namespace sbert::arch
