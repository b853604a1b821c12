#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

namespace sbert::arch {
namespace {

using kernels::Activation;
using test::message_of;

TEST(T5Test, DefaultsAreThoseOfTransformers) {
  const Architecture t5 = read("t5");
  const nn::EncoderSpec& spec = t5.spec;
  EXPECT_EQ(spec.hidden_size, 512);
  EXPECT_EQ(spec.embeddings.vocab_size, 32128);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 0);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 0);
  EXPECT_FALSE(spec.embeddings.norm);
  EXPECT_FALSE(t5.max_position_embeddings || spec.embeddings.max_text_length());
  EXPECT_EQ(spec.final_norm->kind, nn::NormKind::kRms);
  EXPECT_EQ(spec.final_norm->eps, 1e-6f);
  ASSERT_EQ(spec.layers.size(), 6u);
  for (const nn::LayerSpec& layer : spec.layers) {
    EXPECT_EQ(layer.attention.num_heads, 8);
    EXPECT_EQ(layer.attention.head_size, 64);
    EXPECT_EQ(layer.attention.scale, 1.0f);
    EXPECT_FALSE(layer.attention.bias || layer.attention.output_bias || layer.mlp.bias || layer.mlp.output_bias);
    EXPECT_EQ(layer.attention.relative_buckets, (nn::RelativeBucketsSpec{.num_buckets = 32, .max_distance = 128}));
    EXPECT_EQ(layer.mlp.intermediate_size, 2048);
    EXPECT_EQ(layer.mlp.activation, Activation::kRelu);
    EXPECT_FALSE(layer.mlp.gated);
    EXPECT_EQ(layer.attention_norms.input, spec.final_norm);
    EXPECT_EQ(layer.mlp_norms.input, spec.final_norm);
    EXPECT_FALSE(layer.attention_norms.residual || layer.mlp_norms.residual);
  }
  EXPECT_EQ(t5.names.word_embeddings, (std::vector<std::string>{"shared.weight", "encoder.embed_tokens.weight"}));
  EXPECT_EQ(t5.names.layer.mlp_up, "layer.1.DenseReluDense.wi");
  EXPECT_EQ(t5.names.relative_attention_bias, "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
}

TEST(T5Test, HeadsNeedNotDivideTheHiddenSize) {
  const nn::AttentionSpec attention =
      read("t5", R"("d_model": 33, "num_heads": 3, "d_kv": 5)").spec.layers[0].attention;
  EXPECT_EQ(attention.num_heads, 3);
  EXPECT_EQ(attention.head_size, 5);
}

TEST(T5Test, FeedForwardByTheWordsOfTransformers) {
  auto mlp = [](const std::string& fields) { return read("t5", fields).spec.layers[0].mlp; };
  EXPECT_EQ(mlp(R"("feed_forward_proj": "gated-gelu")").activation, Activation::kGeluTanh);
  EXPECT_TRUE(mlp(R"("feed_forward_proj": "gated-gelu")").gated);
  EXPECT_EQ(read("t5", R"("feed_forward_proj": "gated-gelu")").names.layer.mlp_up, "layer.1.DenseReluDense.wi_1");
  EXPECT_EQ(read("t5", R"("feed_forward_proj": "gated-gelu")").names.layer.mlp_gate, "layer.1.DenseReluDense.wi_0");
  EXPECT_EQ(mlp(R"("feed_forward_proj": "gated-silu")").activation, Activation::kSilu);
  EXPECT_EQ(mlp(R"("feed_forward_proj": "gelu")").activation, Activation::kGelu);
  EXPECT_FALSE(mlp(R"("feed_forward_proj": "gelu")").gated);
  // Saved configs have what transformers made of it, and that overrules.
  EXPECT_EQ(mlp(R"("feed_forward_proj": "gated-gelu", "dense_act_fn": "relu")").activation, Activation::kRelu);
  EXPECT_FALSE(mlp(R"("feed_forward_proj": "gated-gelu", "is_gated_act": false)").gated);
  for (const char* value : {"gated-gelu-new", "relu-gated", "gelu-new"}) {
    EXPECT_EQ(message_of<InvalidModelError>([&] { mlp("\"feed_forward_proj\": \"" + std::string(value) + "\""); }),
              "config.json: field 'feed_forward_proj' is neither ACTIVATION nor gated-ACTIVATION");
  }
  EXPECT_EQ(message_of<UnsupportedError>([&] { mlp(R"("feed_forward_proj": "gated-xielu")"); }),
            "config.json: dense_act_fn 'xielu' is not supported by this version");
}

TEST(T5Test, ALimitOfItsOwnCapsOnlyMaxSeqLength) {
  const Architecture t5 = read("t5", R"("max_position_embeddings": 77)");
  EXPECT_EQ(t5.max_position_embeddings, 77);
  EXPECT_FALSE(t5.spec.embeddings.max_text_length());
}

TEST(T5Test, BucketsMustReachTheirDistance) {
  EXPECT_NE(message_of<InvalidModelError>([] {
              read("t5", R"("relative_attention_num_buckets": 3)");
            }).find("'relative_attention_num_buckets'"),
            std::string::npos);
  EXPECT_EQ(message_of<InvalidModelError>(
                [] { read("t5", R"("relative_attention_num_buckets": 32, "relative_attention_max_distance": 8)"); }),
            "config.json: field 'relative_attention_max_distance' is 8, which 32 buckets reach beyond");
}

TEST(T5Test, ADecoderIsRefused) {
  EXPECT_EQ(message_of<UnsupportedError>([] { read("t5", R"("is_decoder": true)"); }),
            "config.json: is_decoder true is not supported");
}

TEST(MT5Test, HasDefaultsOfItsOwn) {
  for (const char* type : {"mt5", "umt5"}) {
    const nn::EncoderSpec spec = read(type).spec;
    EXPECT_EQ(spec.embeddings.vocab_size, 250112);
    ASSERT_EQ(spec.layers.size(), 8u);
    EXPECT_EQ(spec.layers[0].attention.num_heads, 6);
    EXPECT_EQ(spec.layers[0].mlp.intermediate_size, 1024);
    EXPECT_TRUE(spec.layers[0].mlp.gated);
    EXPECT_EQ(spec.layers[0].mlp.activation, Activation::kGeluTanh);
  }
}

TEST(UMT5Test, EachLayerHasItsBias) {
  const TensorNames names = read("umt5").names;
  EXPECT_EQ(names.relative_attention_bias, "");
  EXPECT_EQ(names.layer.relative_attention_bias, "layer.0.SelfAttention.relative_attention_bias.weight");
}

}  // namespace
}  // namespace sbert::arch
