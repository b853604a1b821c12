#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "support/errors.h"

// config.json of BERT -> spec.
namespace sbert::arch {
namespace {

using kernels::Activation;
using test::message_of;

// A config.json with these fields beside model_type.
Architecture read(const std::string& fields) {
  return read_architecture(common::JsonObject::parse(
      "{\"model_type\": \"bert\"" + (fields.empty() ? "" : ", " + fields) + "}", "config.json"));
}

TEST(BertTest, DefaultsAreThoseOfTransformers) {
  const nn::EncoderSpec spec = read("").spec;
  EXPECT_EQ(spec.hidden_size, 768);
  EXPECT_EQ(spec.embeddings.vocab_size, 30522);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 512);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 2);
  EXPECT_EQ(spec.embeddings.norm.eps, 1e-12f);
  ASSERT_EQ(spec.layers.size(), 12u);
  for (const nn::LayerSpec& layer : spec.layers) {
    EXPECT_EQ(layer.attention.num_heads, 12);
    EXPECT_EQ(layer.attention.head_size, 64);
    EXPECT_EQ(layer.attention.scale, 0.125f);
    EXPECT_TRUE(layer.attention.bias);
    EXPECT_EQ(layer.mlp.intermediate_size, 3072);
    EXPECT_EQ(layer.mlp.activation, Activation::kGelu);
    EXPECT_TRUE(layer.mlp.bias);
    EXPECT_EQ(layer.attention_norm.eps, 1e-12f);
    EXPECT_EQ(layer.mlp_norm.eps, 1e-12f);
  }
}

TEST(BertTest, TakesTheValuesOfTheFile) {
  const nn::EncoderSpec spec = read(R"("hidden_size": 24, "num_attention_heads": 3, "num_hidden_layers": 2,
      "intermediate_size": 50, "vocab_size": 7, "max_position_embeddings": 9, "type_vocab_size": 1,
      "layer_norm_eps": 1e-5, "hidden_act": "relu", "position_embedding_type": "absolute", "is_decoder": false,
      "some_other_key": [1, {"a": null}])")
                                   .spec;
  EXPECT_EQ(spec.hidden_size, 24);
  EXPECT_EQ(spec.embeddings.vocab_size, 7);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 9);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 1);
  EXPECT_EQ(spec.embeddings.norm.eps, 1e-5f);
  ASSERT_EQ(spec.layers.size(), 2u);
  EXPECT_EQ(spec.layers[1].attention.num_heads, 3);
  EXPECT_EQ(spec.layers[1].attention.head_size, 8);
  EXPECT_EQ(spec.layers[1].attention.scale, static_cast<float>(1 / std::sqrt(8.0)));
  EXPECT_EQ(spec.layers[1].mlp.intermediate_size, 50);
  EXPECT_EQ(spec.layers[1].mlp.activation, Activation::kRelu);
  EXPECT_EQ(spec.layers[1].mlp_norm.eps, 1e-5f);
  EXPECT_TRUE(read(R"("num_hidden_layers": 0)").spec.layers.empty());
}

TEST(BertTest, NullIsAbsent) {
  EXPECT_EQ(read(R"("hidden_size": null, "hidden_act": null, "position_embedding_type": null)").spec.hidden_size, 768);
}

TEST(BertTest, ActivationsByTheNamesOfTransformers) {
  const std::vector<std::pair<const char*, Activation>> names = {
      {"gelu", Activation::kGelu},          {"gelu_python", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},  {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh}, {"gelu_accurate", Activation::kGeluTanh},
      {"relu", Activation::kRelu},          {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},         {"sigmoid", Activation::kSigmoid},
      {"tanh", Activation::kTanh},          {"linear", Activation::kIdentity},
  };
  for (const auto& [name, activation] : names) {
    EXPECT_EQ(read(R"("hidden_act": ")" + std::string(name) + "\"").spec.layers[0].mlp.activation, activation) << name;
  }
  EXPECT_EQ(message_of<UnsupportedError>([] { read(R"("hidden_act": "quick_gelu")"); }),
            "config.json: hidden_act 'quick_gelu' is not supported by this version");
  EXPECT_NE(
      message_of<InvalidModelError>([] { read(R"("hidden_act": 3)"); }).find("field 'hidden_act' must be a string"),
      std::string::npos);
}

TEST(BertTest, HeadsMustDivideTheHiddenSize) {
  EXPECT_EQ(message_of<InvalidModelError>([] { read(R"("hidden_size": 25, "num_attention_heads": 4)"); }),
            "config.json: field 'hidden_size' is 25, which 4 attention heads do not divide");
}

TEST(BertTest, SizesMustBePositiveAndSane) {
  for (const char* field : {"hidden_size", "num_attention_heads", "intermediate_size", "vocab_size",
                            "max_position_embeddings", "type_vocab_size"}) {
    for (const char* value :
         {"0", "-1", "9223372036854775807", "18446744073709551615", "1e30", "1.5", "\"8\"", "true"}) {
      const std::string message =
          message_of<InvalidModelError>([&] { read("\"" + std::string(field) + "\": " + value); });
      EXPECT_NE(message.find("config.json: field '" + std::string(field) + "' "), std::string::npos) << message;
    }
  }
  for (const char* value : {"-1", "10001", "9223372036854775807"}) {
    EXPECT_NE(message_of<InvalidModelError>([&] {
                read("\"num_hidden_layers\": " + std::string(value));
              }).find("field 'num_hidden_layers' is"),
              std::string::npos);
  }
}

TEST(BertTest, LayerNormEpsMustBeAUsableNumber) {
  for (const char* value : {"\"1e-12\"", "-1e-12", "-1", "1e300"}) {
    const std::string message =
        message_of<InvalidModelError>([&] { read("\"layer_norm_eps\": " + std::string(value)); });
    EXPECT_NE(message.find("config.json: field 'layer_norm_eps' "), std::string::npos) << message;
  }
  EXPECT_EQ(read(R"("layer_norm_eps": 0)").spec.embeddings.norm.eps, 0.0f);
}

TEST(BertTest, VariantsThatComputeSomethingElseAreRefused) {
  EXPECT_EQ(message_of<UnsupportedError>([] { read(R"("is_decoder": true)"); }),
            "config.json: is_decoder true is not supported");
  EXPECT_EQ(message_of<UnsupportedError>([] { read(R"("position_embedding_type": "rotary")"); }),
            "config.json: position_embedding_type 'rotary' is not supported; supported: 'absolute'");
}

TEST(ReadArchitectureTest, NamesAnUnknownModelType) {
  auto read_type = [](const std::string& config) {
    return [config] { read_architecture(common::JsonObject::parse(config, "'m/config.json'")); };
  };
  EXPECT_EQ(message_of<UnsupportedError>(read_type(R"({"model_type": "gpt9"})")),
            "'m/config.json': model_type 'gpt9' is not supported by this version; supported: bert");
  EXPECT_EQ(message_of<InvalidModelError>(read_type("{}")), "'m/config.json': field 'model_type' is missing");
  EXPECT_EQ(message_of<InvalidModelError>(read_type(R"({"model_type": ["bert"]})")),
            "'m/config.json': field 'model_type' must be a string, found an array");
  EXPECT_EQ(known_model_types(), std::vector<std::string>{"bert"});
}

}  // namespace
}  // namespace sbert::arch
