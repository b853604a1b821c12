#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

// RoBERTa, its kin, and MPNet: positions that count from the padding id.
namespace sbert::arch {
namespace {

using test::message_of;

TEST(RobertaTest, PositionsCountFromThePaddingId) {
  const nn::EmbeddingsSpec embeddings = read("roberta", R"("max_position_embeddings": 514)").spec.embeddings;
  EXPECT_EQ(embeddings.vocab_size, 50265);
  EXPECT_EQ(embeddings.padding_id, 1);
  EXPECT_EQ(embeddings.position_offset, 2);
  EXPECT_EQ(embeddings.max_text_length(), 512u);
  EXPECT_EQ(read("roberta", R"("max_position_embeddings": 514)").max_position_embeddings, 514);
  const nn::EmbeddingsSpec other = read("xlm-roberta", R"("pad_token_id": 5)").spec.embeddings;
  EXPECT_EQ(other.vocab_size, 30522);
  EXPECT_EQ(other.padding_id, 5);
  EXPECT_EQ(other.position_offset, 6);
  EXPECT_EQ(other.max_text_length(), 506u);
}

TEST(RobertaTest, SomePositionMustBeLeft) {
  EXPECT_EQ(message_of<InvalidModelError>([] { read("roberta", R"("max_position_embeddings": 2)"); }),
            "config.json: field 'pad_token_id' is 1, which leaves no position of 2: they count from pad_token_id + 1");
  EXPECT_EQ(read("roberta", R"("max_position_embeddings": 3)").spec.embeddings.max_text_length(), 1u);
  EXPECT_NE(message_of<InvalidModelError>([] { read("camembert", R"("pad_token_id": -1)"); }).find("'pad_token_id'"),
            std::string::npos);
  EXPECT_NE(message_of<InvalidModelError>([] {
              read("mpnet", R"("max_position_embeddings": 2)");
            }).find("'max_position_embeddings'"),
            std::string::npos);
}

TEST(RobertaTest, PrefixesOfCheckpoints) {
  for (const char* type : {"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"}) {
    EXPECT_EQ(read(type).names.prefixes, std::vector<std::string>{"roberta."}) << type;
  }
  EXPECT_EQ(read("data2vec-text").names.prefixes, std::vector<std::string>{"data2vec_text."});
  EXPECT_EQ(read("roberta-prelayernorm").names.prefixes, std::vector<std::string>{"roberta_prelayernorm."});
}

TEST(XlmRobertaXlTest, HasItsNormsBeforeTheSublayersAndNoneBehindTheEmbeddings) {
  const Architecture xl = read("xlm-roberta-xl");
  EXPECT_EQ(xl.spec.hidden_size, 2560);
  EXPECT_EQ(xl.spec.embeddings.vocab_size, 250880);
  EXPECT_EQ(xl.spec.embeddings.type_vocab_size, 1);
  EXPECT_EQ(xl.spec.embeddings.max_text_length(), 512u);
  EXPECT_FALSE(xl.spec.embeddings.norm);
  EXPECT_EQ(xl.spec.final_norm->eps, 1e-5f);
  ASSERT_EQ(xl.spec.layers.size(), 36u);
  EXPECT_EQ(xl.spec.layers[0].attention.num_heads, 32);
  EXPECT_EQ(xl.spec.layers[0].mlp.intermediate_size, 10240);
  EXPECT_TRUE(xl.spec.layers[0].attention_norms.input && xl.spec.layers[0].mlp_norms.input);
  EXPECT_FALSE(xl.spec.layers[0].attention_norms.residual || xl.spec.layers[0].mlp_norms.residual);
  EXPECT_EQ(xl.names.layer.attention_norms.input, "attention.self_attn_layer_norm");
  EXPECT_EQ(xl.names.layer.mlp_norms.input, "LayerNorm");
  EXPECT_EQ(xl.names.final_norm, "encoder.LayerNorm");
}

TEST(RobertaPreLayerNormTest, HasOneBehindTheEmbeddingsToo) {
  const Architecture roberta = read("roberta-prelayernorm");
  EXPECT_TRUE(roberta.spec.embeddings.norm && roberta.spec.final_norm);
  EXPECT_EQ(roberta.names.layer.attention_norms.input, "attention.LayerNorm");
  EXPECT_EQ(roberta.names.layer.mlp_norms.input, "intermediate.LayerNorm");
  EXPECT_EQ(roberta.names.final_norm, "LayerNorm");
}

TEST(MpnetTest, HasBucketsThatAllLayersShareAndNoTokenTypes) {
  // Neither the padding id nor is_decoder of the file count.
  const Architecture mpnet = read("mpnet", R"("max_position_embeddings": 514, "pad_token_id": 7, "type_vocab_size": 2,
      "is_decoder": true, "relative_attention_num_buckets": 32)");
  EXPECT_EQ(mpnet.spec.embeddings.vocab_size, 30527);
  EXPECT_EQ(mpnet.spec.embeddings.type_vocab_size, 0);
  EXPECT_EQ(mpnet.spec.embeddings.padding_id, 1);
  EXPECT_EQ(mpnet.spec.embeddings.max_text_length(), 512u);
  ASSERT_EQ(mpnet.spec.layers.size(), 12u);
  for (const nn::LayerSpec& layer : mpnet.spec.layers) {
    EXPECT_EQ(layer.attention.relative_buckets, (nn::RelativeBucketsSpec{.num_buckets = 32, .max_distance = 128}));
    EXPECT_EQ(layer.attention.scale, 0.125f);
    EXPECT_FALSE(layer.attention.tokens_after);
  }
  EXPECT_EQ(mpnet.names.relative_attention_bias, "encoder.relative_attention_bias.weight");
  EXPECT_EQ(mpnet.names.layer.relative_attention_bias, "");
}

TEST(MpnetTest, AnotherNumberOfBucketsIsRefused) {
  EXPECT_EQ(message_of<UnsupportedError>([] { read("mpnet", R"("relative_attention_num_buckets": 64)"); }),
            "config.json: relative_attention_num_buckets 64 is not supported; supported: 32");
}

}  // namespace
}  // namespace sbert::arch
