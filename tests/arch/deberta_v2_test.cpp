#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

namespace sbert::arch {
namespace {

using test::message_of;

// The fields of microsoft/deberta-v3-base that say how it differs from BERT, with a smaller table.
constexpr const char* kV3 = R"("hidden_size": 64, "num_attention_heads": 4, "relative_attention": true,
    "pos_att_type": "p2c|c2p", "share_att_key": true, "position_buckets": 256, "max_relative_positions": -1,
    "norm_rel_ebd": "layer_norm", "position_biased_input": false, "type_vocab_size": 0)";

Architecture read_deberta(const std::string& fields) {
  return read("deberta-v2", fields);
}

TEST(DebertaTest, DefaultsAreThoseOfTransformers) {
  const Architecture deberta = read_deberta("");
  const nn::EncoderSpec& spec = deberta.spec;
  EXPECT_EQ(spec.hidden_size, 1536);
  EXPECT_EQ(spec.embeddings.vocab_size, 128100);
  EXPECT_EQ(spec.embeddings.embedding_size, 1536);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 0);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 512);
  EXPECT_FALSE(spec.embeddings.projection);
  EXPECT_EQ(spec.embeddings.norm->eps, 1e-7f);
  ASSERT_EQ(spec.layers.size(), 24u);
  EXPECT_EQ(spec.layers[0].attention.num_heads, 24);
  EXPECT_EQ(spec.layers[0].mlp.intermediate_size, 6144);
  EXPECT_EQ(spec.layers[0].attention.scale, 0.125f);
  EXPECT_FALSE(spec.layers[0].attention.disentangled || spec.convolution || spec.relative_embeddings_norm);
  EXPECT_EQ(deberta.names.prefixes, std::vector<std::string>{"deberta."});
}

TEST(DebertaTest, Version3SharesProjectionsAndHasBuckets) {
  const Architecture deberta = read_deberta(kV3);
  const nn::EncoderSpec& spec = deberta.spec;
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 0);
  EXPECT_FALSE(spec.embeddings.max_text_length());
  EXPECT_EQ(deberta.max_position_embeddings, 512);  // caps max_seq_length all the same
  EXPECT_EQ(spec.relative_embeddings_norm->eps, 1e-7f);
  for (const nn::LayerSpec& layer : spec.layers) {
    const auto& disentangled = layer.attention.disentangled;
    ASSERT_TRUE(disentangled);
    EXPECT_TRUE(disentangled->content_to_position && disentangled->position_to_content);
    EXPECT_TRUE(disentangled->shared_projections);
    EXPECT_EQ(disentangled->position_buckets, 256);
    EXPECT_EQ(disentangled->max_relative_positions, 512);
    EXPECT_EQ(disentangled->table_rows(), 512);
    EXPECT_EQ(layer.attention.scale, static_cast<float>(1 / std::sqrt(16 * 3.0)));
  }
}

TEST(DebertaTest, KindsOfPositionsAreAListOrAString) {
  auto attention = [](const std::string& value) {
    return read_deberta(R"("relative_attention": true, "hidden_size": 64, "num_attention_heads": 4, "pos_att_type": )" +
                        value)
        .spec.layers[0]
        .attention;
  };
  for (const char* value : {R"(["p2c", "c2p"])", R"("c2p|p2c")", R"("P2C | c2p")"}) {
    EXPECT_TRUE(attention(value).disentangled->content_to_position) << value;
    EXPECT_TRUE(attention(value).disentangled->position_to_content) << value;
  }
  EXPECT_FALSE(attention(R"(["p2c"])").disentangled->content_to_position);
  EXPECT_FALSE(attention(R"("c2p")").disentangled->position_to_content);
  EXPECT_EQ(attention(R"("c2p")").scale, static_cast<float>(1 / std::sqrt(16 * 2.0)));
  EXPECT_FALSE(attention(R"("c2p")").disentangled->shared_projections);
  EXPECT_EQ(attention(R"("c2p")").disentangled->table_rows(), 1024);
  // Without one of them nothing reads the table, which is then not needed.
  EXPECT_FALSE(attention("[]").disentangled);
  EXPECT_FALSE(attention("null").disentangled);
  EXPECT_EQ(attention("null").scale, 0.25f);
  EXPECT_NE(message_of<InvalidModelError>([&] { attention("3"); }).find("'pos_att_type'"), std::string::npos);
}

TEST(DebertaTest, KindsCountInTheScaleAlsoWithoutRelativeAttention) {
  const nn::AttentionSpec attention =
      read_deberta(R"("hidden_size": 64, "num_attention_heads": 4, "pos_att_type": ["p2c", "c2p"])")
          .spec.layers[0]
          .attention;
  EXPECT_FALSE(attention.disentangled);
  EXPECT_EQ(attention.scale, static_cast<float>(1 / std::sqrt(16 * 3.0)));
}

TEST(DebertaTest, EmbeddingsMayBeNarrower) {
  const nn::EmbeddingsSpec embeddings = read_deberta(R"("embedding_size": 128)").spec.embeddings;
  EXPECT_EQ(embeddings.embedding_size, 128);
  EXPECT_TRUE(embeddings.projection && embeddings.norm_after_projection);
  EXPECT_FALSE(embeddings.projection_bias);
}

TEST(DebertaTest, ConvolutionOfTheLargestModels) {
  const auto convolution =
      read_deberta(R"("conv_kernel_size": 5, "conv_groups": 2, "conv_act": "gelu")").spec.convolution;
  ASSERT_TRUE(convolution);
  EXPECT_EQ(convolution->kernel_size, 5);
  EXPECT_EQ(convolution->groups, 2);
  EXPECT_EQ(convolution->activation, kernels::Activation::kGelu);
  EXPECT_EQ(convolution->norm.eps, 1e-7f);
  EXPECT_EQ(read_deberta(R"("conv_kernel_size": 3)").spec.convolution->activation, kernels::Activation::kTanh);
  EXPECT_FALSE(read_deberta(R"("conv_kernel_size": 0)").spec.convolution);
  EXPECT_EQ(message_of<InvalidModelError>([] { read_deberta(R"("conv_kernel_size": 4)"); }),
            "config.json: field 'conv_kernel_size' is even: the text would not keep its length");
  EXPECT_EQ(message_of<InvalidModelError>([] { read_deberta(R"("conv_kernel_size": 3, "conv_groups": 7)"); }),
            "config.json: field 'conv_groups' is 7, which does not divide hidden_size");
}

TEST(DebertaTest, BucketsMustMakeAScale) {
  for (const char* fields : {R"("position_buckets": 1)", R"("position_buckets": 32, "max_relative_positions": 17)"}) {
    EXPECT_NE(message_of<InvalidModelError>([&] {
                read_deberta(R"("relative_attention": true, "pos_att_type": ["c2p"], )" + std::string(fields));
              }).find("field 'position_buckets' is "),
              std::string::npos);
  }
}

TEST(DebertaTest, HeadsOfAnotherSizeAreRefused) {
  EXPECT_EQ(message_of<InvalidModelError>([] { read_deberta(R"("attention_head_size": 32)"); }),
            "config.json: field 'attention_head_size' is not hidden_size / num_attention_heads");
}

}  // namespace
}  // namespace sbert::arch
