#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

namespace sbert::arch {
namespace {

using test::message_of;

TEST(DistilbertTest, DefaultsAreThoseOfTransformers) {
  const Architecture distilbert = read("distilbert");
  EXPECT_EQ(distilbert.spec.hidden_size, 768);
  EXPECT_EQ(distilbert.spec.embeddings.vocab_size, 30522);
  EXPECT_EQ(distilbert.spec.embeddings.type_vocab_size, 0);
  EXPECT_EQ(distilbert.spec.embeddings.max_text_length(), 512u);
  EXPECT_EQ(distilbert.max_position_embeddings, 512);
  ASSERT_EQ(distilbert.spec.layers.size(), 6u);
  EXPECT_EQ(distilbert.spec.layers[5].attention.num_heads, 12);
  EXPECT_EQ(distilbert.spec.layers[5].mlp.intermediate_size, 3072);
  EXPECT_EQ(distilbert.spec.layers[5].mlp.activation, kernels::Activation::kGelu);
  EXPECT_EQ(distilbert.spec.layers[5].mlp_norms.residual->eps, 1e-12f);
  EXPECT_EQ(distilbert.names.layer_prefixes[5], "transformer.layer.5.");
}

TEST(DistilbertTest, TakesItsOwnNamesAndTheCommonOnes) {
  nn::EncoderSpec spec =
      read("distilbert", R"("dim": 24, "n_heads": 3, "n_layers": 2, "hidden_dim": 50, "activation": "relu")").spec;
  EXPECT_EQ(spec.hidden_size, 24);
  EXPECT_EQ(spec.layers.size(), 2u);
  EXPECT_EQ(spec.layers[0].attention.num_heads, 3);
  EXPECT_EQ(spec.layers[0].mlp.intermediate_size, 50);
  EXPECT_EQ(spec.layers[0].mlp.activation, kernels::Activation::kRelu);
  // transformers' attribute_map: the common name wins.
  spec = read("distilbert", R"("hidden_size": 36, "dim": 24, "n_heads": 3, "num_attention_heads": 4, "n_layers": 2,
      "num_hidden_layers": 3)")
             .spec;
  EXPECT_EQ(spec.hidden_size, 36);
  EXPECT_EQ(spec.layers.size(), 3u);
  EXPECT_EQ(spec.layers[0].attention.num_heads, 4);
}

TEST(DistilbertTest, TheTableOfSinusoidalPositionsIsInTheCheckpoint) {
  EXPECT_EQ(read("distilbert", R"("sinusoidal_pos_embds": true)").spec.embeddings.max_position_embeddings, 512);
}

TEST(DistilbertTest, WrongValuesAreNamed) {
  EXPECT_EQ(message_of<InvalidModelError>([] { read("distilbert", R"("dim": 25, "n_heads": 4)"); }),
            "config.json: field 'dim' is 25, which 4 attention heads do not divide");
  EXPECT_EQ(message_of<UnsupportedError>([] { read("distilbert", R"("activation": "xielu")"); }),
            "config.json: activation 'xielu' is not supported by this version");
}

}  // namespace
}  // namespace sbert::arch
