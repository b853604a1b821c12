#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

// config.json of BERT and of those that differ in names, defaults and the place of the norms -> spec.
namespace sbert::arch {
namespace {

using kernels::Activation;
using test::message_of;

Architecture read_bert(const std::string& fields) {
  return read("bert", fields);
}

TEST(BertTest, DefaultsAreThoseOfTransformers) {
  const nn::EncoderSpec spec = read_bert("").spec;
  EXPECT_EQ(spec.hidden_size, 768);
  EXPECT_EQ(spec.embeddings.vocab_size, 30522);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 512);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 2);
  EXPECT_EQ(spec.embeddings.embedding_size, 768);
  EXPECT_FALSE(spec.embeddings.padding_id || spec.embeddings.projection);
  EXPECT_EQ(spec.embeddings.max_text_length(), 512u);
  ASSERT_TRUE(spec.embeddings.norm);
  EXPECT_EQ(spec.embeddings.norm->eps, 1e-12f);
  EXPECT_FALSE(spec.final_norm);
  EXPECT_TRUE(spec.layer_order.empty());
  ASSERT_EQ(spec.layers.size(), 12u);
  for (const nn::LayerSpec& layer : spec.layers) {
    EXPECT_EQ(layer.attention.num_heads, 12);
    EXPECT_EQ(layer.attention.head_size, 64);
    EXPECT_EQ(layer.attention.scale, 0.125f);
    EXPECT_TRUE(layer.attention.bias);
    EXPECT_EQ(layer.mlp.intermediate_size, 3072);
    EXPECT_EQ(layer.mlp.activation, Activation::kGelu);
    EXPECT_TRUE(layer.attention.output_bias && layer.mlp.bias && layer.mlp.output_bias);
    EXPECT_FALSE(layer.mlp.gated || layer.attention.tokens_before || layer.attention.tokens_after);
    EXPECT_EQ(layer.attention.num_key_value_heads, 12);
    EXPECT_EQ(layer.attention_norms.residual->eps, 1e-12f);
    EXPECT_EQ(layer.mlp_norms.residual->eps, 1e-12f);
    EXPECT_FALSE(layer.attention_norms.input || layer.attention_norms.output);
    EXPECT_FALSE(layer.mlp_norms.input || layer.mlp_norms.output);
  }
}

TEST(BertTest, TakesTheValuesOfTheFile) {
  const nn::EncoderSpec spec = read_bert(R"("hidden_size": 24, "num_attention_heads": 3, "num_hidden_layers": 2,
      "intermediate_size": 50, "vocab_size": 7, "max_position_embeddings": 9, "type_vocab_size": 1,
      "layer_norm_eps": 1e-5, "hidden_act": "relu", "position_embedding_type": "absolute", "is_decoder": false,
      "some_other_key": [1, {"a": null}])")
                                   .spec;
  EXPECT_EQ(spec.hidden_size, 24);
  EXPECT_EQ(spec.embeddings.vocab_size, 7);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 9);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 1);
  EXPECT_EQ(spec.embeddings.norm->eps, 1e-5f);
  ASSERT_EQ(spec.layers.size(), 2u);
  EXPECT_EQ(spec.layers[1].attention.num_heads, 3);
  EXPECT_EQ(spec.layers[1].attention.head_size, 8);
  EXPECT_EQ(spec.layers[1].attention.scale, static_cast<float>(1 / std::sqrt(8.0)));
  EXPECT_EQ(spec.layers[1].mlp.intermediate_size, 50);
  EXPECT_EQ(spec.layers[1].mlp.activation, Activation::kRelu);
  EXPECT_EQ(spec.layers[1].mlp_norms.residual->eps, 1e-5f);
  EXPECT_TRUE(read_bert(R"("num_hidden_layers": 0)").spec.layers.empty());
}

TEST(BertTest, NullIsAbsent) {
  EXPECT_EQ(read_bert(R"("hidden_size": null, "hidden_act": null, "position_embedding_type": null)").spec.hidden_size,
            768);
}

TEST(BertTest, ActivationsByTheNamesOfTransformers) {
  const std::vector<std::pair<const char*, Activation>> names = {
      {"gelu", Activation::kGelu},
      {"gelu_python", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"gelu_accurate", Activation::kGeluTanh},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"sigmoid", Activation::kSigmoid},
      {"tanh", Activation::kTanh},
      {"linear", Activation::kIdentity},
      {"quick_gelu", Activation::kQuickGelu},
      {"gelu_10", Activation::kGelu10},
      {"relu2", Activation::kReluSquared},
      {"mish", Activation::kMish},
      {"laplace", Activation::kLaplace},
  };
  for (const auto& [name, activation] : names) {
    EXPECT_EQ(read_bert(R"("hidden_act": ")" + std::string(name) + "\"").spec.layers[0].mlp.activation, activation)
        << name;
  }
  EXPECT_EQ(message_of<UnsupportedError>([] { read_bert(R"("hidden_act": "xielu")"); }),
            "config.json: hidden_act 'xielu' is not supported by this version");
  EXPECT_NE(message_of<InvalidModelError>([] {
              read_bert(R"("hidden_act": 3)");
            }).find("field 'hidden_act' must be a string"),
            std::string::npos);
}

TEST(BertTest, HeadsMustDivideTheHiddenSize) {
  EXPECT_EQ(message_of<InvalidModelError>([] { read_bert(R"("hidden_size": 25, "num_attention_heads": 4)"); }),
            "config.json: field 'hidden_size' is 25, which 4 attention heads do not divide");
}

TEST(BertTest, SizesMustBePositiveAndSane) {
  for (const char* field : {"hidden_size", "num_attention_heads", "intermediate_size", "vocab_size",
                            "max_position_embeddings", "type_vocab_size"}) {
    for (const char* value :
         {"0", "-1", "9223372036854775807", "18446744073709551615", "1e30", "1.5", "\"8\"", "true"}) {
      const std::string message =
          message_of<InvalidModelError>([&] { read_bert("\"" + std::string(field) + "\": " + value); });
      EXPECT_NE(message.find("config.json: field '" + std::string(field) + "' "), std::string::npos) << message;
    }
  }
  for (const char* value : {"-1", "10001", "9223372036854775807"}) {
    EXPECT_NE(message_of<InvalidModelError>([&] {
                read_bert("\"num_hidden_layers\": " + std::string(value));
              }).find("field 'num_hidden_layers' is"),
              std::string::npos);
  }
}

TEST(BertTest, LayerNormEpsMustBeAUsableNumber) {
  for (const char* value : {"\"1e-12\"", "-1e-12", "-1", "1e300"}) {
    const std::string message =
        message_of<InvalidModelError>([&] { read_bert("\"layer_norm_eps\": " + std::string(value)); });
    EXPECT_NE(message.find("config.json: field 'layer_norm_eps' "), std::string::npos) << message;
  }
  EXPECT_EQ(read_bert(R"("layer_norm_eps": 0)").spec.embeddings.norm->eps, 0.0f);
}

TEST(BertTest, ADecoderIsCausal) {
  const nn::AttentionSpec attention = read_bert(R"("is_decoder": true)").spec.layers.at(0).attention;
  EXPECT_EQ(attention.tokens_after, 0);
  EXPECT_FALSE(attention.tokens_before);
}

TEST(BertTest, VariantsThatComputeSomethingElseAreRefused) {
  EXPECT_EQ(message_of<UnsupportedError>([] { read_bert(R"("position_embedding_type": "rotary")"); }),
            "config.json: position_embedding_type 'rotary' is not supported; supported: 'absolute'");
}

TEST(ErnieTest, IsBertWithoutTaskEmbeddings) {
  const Architecture ernie = read("ernie", R"("use_task_id": false)");
  EXPECT_EQ(ernie.names.prefixes, std::vector<std::string>{"ernie."});
  EXPECT_EQ(ernie.spec.embeddings.vocab_size, 30522);
  EXPECT_EQ(message_of<UnsupportedError>([] { read("ernie", R"("use_task_id": true)"); }),
            "config.json: use_task_id true is not supported");
}

TEST(MegatronBertTest, HasItsNormsBeforeTheSublayers) {
  const Architecture megatron = read("megatron-bert", R"("layer_norm_eps": 1e-5)");
  EXPECT_EQ(megatron.spec.hidden_size, 1024);
  EXPECT_EQ(megatron.spec.embeddings.vocab_size, 29056);
  EXPECT_FALSE(megatron.spec.embeddings.norm);
  EXPECT_EQ(megatron.spec.final_norm->eps, 1e-5f);
  ASSERT_EQ(megatron.spec.layers.size(), 24u);
  const nn::LayerSpec& layer = megatron.spec.layers.back();
  EXPECT_EQ(layer.attention.num_heads, 16);
  EXPECT_EQ(layer.mlp.intermediate_size, 4096);
  EXPECT_EQ(layer.attention_norms.input->eps, 1e-5f);
  EXPECT_EQ(layer.mlp_norms.input->eps, 1e-5f);
  EXPECT_FALSE(layer.attention_norms.residual || layer.mlp_norms.residual);
  EXPECT_EQ(megatron.names.prefixes, std::vector<std::string>{"bert."});
  EXPECT_EQ(megatron.names.layer.attention_norms.input, "attention.ln");
  EXPECT_EQ(megatron.names.layer.mlp_norms.input, "ln");
  EXPECT_EQ(megatron.names.final_norm, "encoder.ln");
}

}  // namespace
}  // namespace sbert::arch
