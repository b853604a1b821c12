#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

// ALBERT and ELECTRA: narrow embeddings; ALBERT's layers that run many times.
namespace sbert::arch {
namespace {

using test::message_of;

std::vector<size_t> order(int layers, int groups, int inner) {
  return read("albert", "\"num_hidden_layers\": " + std::to_string(layers) + ", \"num_hidden_groups\": " +
                            std::to_string(groups) + ", \"inner_group_num\": " + std::to_string(inner))
      .spec.layer_order;
}

TEST(AlbertTest, DefaultsAreThoseOfTransformers) {
  const nn::EncoderSpec spec = read("albert").spec;
  EXPECT_EQ(spec.hidden_size, 4096);
  EXPECT_EQ(spec.embeddings.vocab_size, 30000);
  EXPECT_EQ(spec.embeddings.embedding_size, 128);
  EXPECT_TRUE(spec.embeddings.projection && spec.embeddings.projection_bias);
  EXPECT_FALSE(spec.embeddings.norm_after_projection);
  ASSERT_EQ(spec.layers.size(), 1u);
  EXPECT_EQ(spec.layers[0].attention.num_heads, 64);
  EXPECT_EQ(spec.layers[0].mlp.intermediate_size, 16384);
  EXPECT_EQ(spec.layers[0].mlp.activation, kernels::Activation::kGeluTanh);
  EXPECT_EQ(spec.layer_order, std::vector<size_t>(12, 0));
}

TEST(AlbertTest, LayersRunGroupByGroupThroughTheirInnerLayers) {
  EXPECT_EQ(order(4, 2, 1), (std::vector<size_t>{0, 0, 1, 1}));
  EXPECT_EQ(order(3, 2, 2), (std::vector<size_t>{0, 1, 0, 1, 2, 3}));
  EXPECT_EQ(order(5, 3, 1), (std::vector<size_t>{0, 0, 1, 1, 2}));
  EXPECT_EQ(order(2, 4, 1), (std::vector<size_t>{0, 2}));
  EXPECT_EQ(order(0, 2, 1), std::vector<size_t>());
  // int(i / (L / G)) in doubles, as the reference has it: 49 layers in 49 groups would do, but 3 / (7 / 7) and
  // i / (L / G) just below a whole number must round alike.
  for (const int layers : {6, 12, 24, 49}) {
    for (const int groups : {1, 3, 7, 11}) {
      const std::vector<size_t> got = order(layers, groups, 1);
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i], static_cast<size_t>(static_cast<double>(i) / (static_cast<double>(layers) / groups)));
        EXPECT_LT(got[i], static_cast<size_t>(groups));
      }
    }
  }
}

TEST(AlbertTest, NamesOfGroupsAndInnerLayers) {
  const Architecture albert =
      read("albert", R"("num_hidden_layers": 3, "num_hidden_groups": 2, "inner_group_num": 2, "embedding_size": 16)");
  EXPECT_EQ(albert.names.layer_prefixes,
            (std::vector<std::string>{
                "encoder.albert_layer_groups.0.albert_layers.0.", "encoder.albert_layer_groups.0.albert_layers.1.",
                "encoder.albert_layer_groups.1.albert_layers.0.", "encoder.albert_layer_groups.1.albert_layers.1."}));
  EXPECT_EQ(albert.spec.layers.size(), 4u);
}

TEST(AlbertTest, ProjectsAlsoBetweenEqualSizes) {
  EXPECT_TRUE(read("albert", R"("embedding_size": 4096)").spec.embeddings.projection);
}

TEST(AlbertTest, TooManyLayersAreRefused) {
  EXPECT_NE(message_of<InvalidModelError>([] { order(10000, 1, 10000); }).find("'inner_group_num'"), std::string::npos);
  EXPECT_NE(message_of<InvalidModelError>([] { order(1, 10000, 10000); }).find("'inner_group_num'"), std::string::npos);
}

TEST(ElectraTest, ProjectsNarrowEmbeddings) {
  nn::EncoderSpec spec = read("electra").spec;
  EXPECT_EQ(spec.hidden_size, 256);
  EXPECT_EQ(spec.layers.at(0).attention.num_heads, 4);
  EXPECT_EQ(spec.layers.at(0).mlp.intermediate_size, 1024);
  EXPECT_EQ(spec.embeddings.embedding_size, 128);
  EXPECT_TRUE(spec.embeddings.projection && spec.embeddings.projection_bias);
  spec = read("electra", R"("embedding_size": 256)").spec;
  EXPECT_EQ(spec.embeddings.embedding_size, 256);
  EXPECT_FALSE(spec.embeddings.projection);
}

}  // namespace
}  // namespace sbert::arch
