#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

// config.json of Llama and its kin -> spec: defaults of transformers' config classes, both spellings of the rotary
// parameters, windows, and what is refused.
namespace sbert::arch {
namespace {

using kernels::Activation;
using test::message_of;
using Kind = nn::RopeScaling::Kind;

nn::RotarySpec rotary_of(const std::string& fields) {
  return *read("llama", "\"num_hidden_layers\": 1, " + fields).spec.layers[0].attention.rotary;
}

TEST(DecodersTest, DefaultsOfLlama) {
  const Architecture llama = read("llama");
  EXPECT_EQ(llama.max_position_embeddings, 2048);
  const nn::EncoderSpec& spec = llama.spec;
  EXPECT_EQ(spec.hidden_size, 4096);
  EXPECT_EQ(spec.embeddings.vocab_size, 32000);
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 0) << "no table of positions";
  EXPECT_EQ(spec.embeddings.type_vocab_size, 0);
  EXPECT_EQ(spec.embeddings.word_scale, 1.0f);
  EXPECT_FALSE(spec.embeddings.norm);
  ASSERT_EQ(spec.layers.size(), 32u);
  const nn::LayerSpec& layer = spec.layers[31];
  EXPECT_EQ(layer.attention.num_heads, 32);
  EXPECT_EQ(layer.attention.num_key_value_heads, 32);
  EXPECT_EQ(layer.attention.head_size, 128);
  EXPECT_EQ(layer.attention.scale, static_cast<float>(1 / std::sqrt(128.0)));
  EXPECT_FALSE(layer.attention.bias);
  EXPECT_FALSE(layer.attention.output_bias);
  EXPECT_EQ(layer.attention.tokens_after, 0) << "causal";
  EXPECT_FALSE(layer.attention.tokens_before);
  EXPECT_EQ(*layer.attention.rotary, (nn::RotarySpec{.size = 128, .theta = 10000.0, .scaling = {}}));
  EXPECT_EQ(layer.mlp.intermediate_size, 11008);
  EXPECT_EQ(layer.mlp.activation, Activation::kSilu);
  EXPECT_TRUE(layer.mlp.gated);
  EXPECT_FALSE(layer.mlp.bias);
  ASSERT_TRUE(layer.attention_norms.input);
  EXPECT_EQ(layer.attention_norms.input->kind, nn::NormKind::kRms);
  EXPECT_EQ(layer.attention_norms.input->eps, 1e-6f);
  EXPECT_EQ(layer.attention_norms.input->weight_offset, 0.0f);
  EXPECT_EQ(layer.mlp_norms.input, layer.attention_norms.input);
  EXPECT_FALSE(layer.attention_norms.residual);
  EXPECT_EQ(spec.final_norm, layer.attention_norms.input);
}

TEST(DecodersTest, HeadsOfKeysAndValues) {
  const std::string sizes = R"("hidden_size": 24, "num_attention_heads": 6, "num_hidden_layers": 1)";
  auto heads = [&](const char* type, const std::string& more) {
    return read(type, sizes + more).spec.layers[0].attention.num_key_value_heads;
  };
  EXPECT_EQ(heads("llama", ""), 6);
  EXPECT_EQ(heads("llama", ", \"num_key_value_heads\": 2"), 2);
  EXPECT_EQ(heads("mistral", ", \"num_key_value_heads\": null"), 6) << "null is not the default of 8";
  EXPECT_EQ(message_of<InvalidModelError>([&] { heads("mistral", ""); }),
            "config.json: field 'num_key_value_heads' is 8, which does not divide the 6 attention heads");
  EXPECT_EQ(read("llama", sizes + ", \"head_dim\": 10").spec.layers[0].attention.head_size, 10);
  EXPECT_EQ(read("qwen3", sizes + ", \"num_key_value_heads\": 6").spec.layers[0].attention.head_size, 128)
      << "the default of Qwen3Config, whatever hidden_size is";
  EXPECT_EQ(message_of<InvalidModelError>([&] { read("llama", R"("hidden_size": 25, "num_attention_heads": 6)"); }),
            "config.json: field 'hidden_size' is 25, which 6 attention heads do not divide");
  EXPECT_EQ(message_of<InvalidModelError>([&] { read("llama", sizes + ", \"head_dim\": 5"); }),
            "config.json: field 'head_dim' gives rotary position embeddings of 5 values of each head, which must be an "
            "even number");
}

TEST(DecodersTest, RotaryParametersInBothSpellings) {
  EXPECT_EQ(rotary_of(R"("rope_theta": 500.0)").theta, 500.0);
  EXPECT_EQ(rotary_of(R"("rope_parameters": {"rope_theta": 500.0, "rope_type": "default"})").theta, 500.0);
  EXPECT_EQ(rotary_of(R"("rope_theta": 7.0, "rope_parameters": {"rope_type": "default"})").theta, 7.0);
  const nn::RopeScaling linear = {.kind = Kind::kLinear, .factor = 4.0};
  EXPECT_EQ(rotary_of(R"("rope_scaling": {"type": "linear", "factor": 4.0})").scaling, linear);
  EXPECT_EQ(rotary_of(R"("rope_parameters": {"rope_type": "linear", "factor": 4.0})").scaling, linear);
  EXPECT_EQ(rotary_of(R"("rope_scaling": {"type": "linear", "factor": 4}, "rope_parameters": {"rope_theta": 3.0})"),
            (nn::RotarySpec{.size = 128, .theta = 10000.0, .scaling = linear}))
      << "rope_scaling wins";
  EXPECT_EQ(rotary_of(R"("rope_scaling": null)").scaling, nn::RopeScaling{});
  EXPECT_EQ(rotary_of(R"("rope_scaling": {})").scaling, nn::RopeScaling{});
}

TEST(DecodersTest, Llama3Scaling) {
  const std::string fields =
      R"({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0)";
  nn::RopeScaling expected = {.kind = Kind::kLlama3, .factor = 8.0, .original_max_position_embeddings = 2048};
  EXPECT_EQ(rotary_of("\"max_position_embeddings\": 2048, \"rope_scaling\": " + fields + "}").scaling, expected);
  expected.original_max_position_embeddings = 512;
  EXPECT_EQ(rotary_of("\"rope_scaling\": " + fields + ", \"original_max_position_embeddings\": 512}").scaling,
            expected);
  EXPECT_EQ(message_of<InvalidModelError>([&] {
              rotary_of(R"("rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0})");
            }),
            "config.json field 'rope_scaling': field 'high_freq_factor' is missing");
}

TEST(DecodersTest, YarnScalesTheScores) {
  auto attention = [](const std::string& more) {
    return read("qwen2",
                R"("num_hidden_layers": 1, "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2,
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024)" +
                    more + "}")
        .spec.layers[0]
        .attention;
  };
  EXPECT_EQ(attention("").rotary->scaling,
            (nn::RopeScaling{.kind = Kind::kYarn, .factor = 4.0, .original_max_position_embeddings = 1024}));
  const double factor = 0.1 * std::log(4.0) + 1.0;
  EXPECT_FLOAT_EQ(attention("").scale, static_cast<float>(0.25 * factor * factor));
  EXPECT_FLOAT_EQ(attention(", \"attention_factor\": 2.0").scale, 1.0f);
  EXPECT_FLOAT_EQ(attention(", \"mscale\": 1.0, \"mscale_all_dim\": 1.0").scale, 0.25f);
}

TEST(DecodersTest, OtherScalingsAreRefusedByName) {
  for (const char* type : {"dynamic", "longrope", "su", "proportional", "axial"}) {
    EXPECT_EQ(message_of<UnsupportedError>(
                  [&] { rotary_of(R"("rope_scaling": {"type": ")" + std::string(type) + R"(", "factor": 2.0})"); }),
              "config.json field 'rope_scaling': rope_type '" + std::string(type) +
                  "' is not supported; supported: 'default', 'linear', 'llama3', 'yarn'");
  }
  EXPECT_NE(message_of<UnsupportedError>([] {
              rotary_of(R"("rope_parameters": {"full_attention": {"rope_theta": 1.0}})");
            }).find("'full_attention'"),
            std::string::npos);
  EXPECT_NE(message_of<UnsupportedError>([] { rotary_of(R"("partial_rotary_factor": 0.5)"); }).find("partial_rotary"),
            std::string::npos);
  for (const char* value : {"0", "-1", "\"1\"", "1e999"}) {
    EXPECT_THROW(rotary_of("\"rope_theta\": " + std::string(value)), InvalidModelError) << value;
  }
}

TEST(DecodersTest, BiasesOfEachFamily) {
  auto layer = [](const char* type, const std::string& fields = "") { return read(type, fields).spec.layers[0]; };
  const std::string both = R"("attention_bias": true, "mlp_bias": true)";
  EXPECT_TRUE(layer("llama", both).attention.output_bias);
  EXPECT_TRUE(layer("llama", both).mlp.output_bias);
  EXPECT_TRUE(layer("qwen2").attention.bias);
  EXPECT_FALSE(layer("qwen2").attention.output_bias);
  EXPECT_TRUE(layer("qwen3", both).attention.output_bias);
  EXPECT_FALSE(layer("qwen3", both).mlp.bias);
  EXPECT_FALSE(layer("mistral", both).attention.bias);
  EXPECT_TRUE(layer("starcoder2").mlp.bias);
  EXPECT_FALSE(layer("starcoder2", "\"use_bias\": false").attention.bias);
}

TEST(DecodersTest, CausalUnlessTheFileSaysNot) {
  for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "granite", "phi3",
                           "smollm3", "starcoder2"}) {
    EXPECT_EQ(read(type).spec.layers[0].attention.tokens_after, 0) << type;
    EXPECT_NE(read(type, "\"is_causal\": false").spec.layers[0].attention.tokens_after, 0) << type;
  }
  EXPECT_FALSE(read("eurobert").spec.layers[0].attention.tokens_after);
  EXPECT_EQ(message_of<UnsupportedError>([] { read("eurobert", "\"is_causal\": true"); }),
            "config.json: is_causal true is not supported");
}

TEST(DecodersTest, Windows) {
  using Window = std::pair<std::optional<int64_t>, std::optional<int64_t>>;
  auto window = [](const Architecture& model, size_t layer) {
    const nn::AttentionSpec& attention = model.spec.layers.at(layer).attention;
    return Window(attention.tokens_before, attention.tokens_after);
  };
  const Window causal(std::nullopt, 0);
  EXPECT_EQ(window(read("mistral"), 0), Window(4095, 0)) << "the default of MistralConfig";
  EXPECT_EQ(window(read("mistral", "\"sliding_window\": null"), 0), causal);
  EXPECT_EQ(window(read("mistral", R"("sliding_window": 5, "is_causal": false)"), 0), Window(5, 5));

  EXPECT_EQ(window(read("qwen2", "\"sliding_window\": 8"), 31), causal) << "use_sliding_window is false by default";
  const Architecture qwen = read("qwen3", R"("use_sliding_window": true, "sliding_window": 8, "max_window_layers": 3)");
  EXPECT_EQ(window(qwen, 2), causal);
  EXPECT_EQ(window(qwen, 3), Window(7, 0));
  const std::string two = R"("num_hidden_layers": 2, "use_sliding_window": true, "sliding_window": 8, "layer_types": )";
  EXPECT_EQ(window(read("qwen2", two + R"(["sliding_attention", "full_attention"])"), 0), Window(7, 0));
  EXPECT_EQ(message_of<InvalidModelError>([&] { read("qwen2", two + R"(["full_attention"])"); }),
            "config.json: field 'layer_types' has 1 entries for 2 layers");
  EXPECT_EQ(message_of<UnsupportedError>([&] { read("qwen2", two + R"(["full_attention", "chunked_attention"])"); }),
            "config.json: layer_types has 'chunked_attention'; supported: 'full_attention', 'sliding_attention'");
  EXPECT_NE(message_of<InvalidModelError>([] {
              read("qwen2", R"("num_hidden_layers": 1, "layer_types": ["sliding_attention"])");
            }).find("there is no sliding window"),
            std::string::npos);

  const Architecture gemma2 = read("gemma2");
  EXPECT_EQ(window(gemma2, 0), Window(4095, 0));
  EXPECT_EQ(window(gemma2, 1), causal);

  const Architecture gemma3 = read("gemma3_text", "\"sliding_window\": 512");
  EXPECT_EQ(window(gemma3, 4), Window(511, 0));
  EXPECT_EQ(window(gemma3, 5), causal);
  // EmbeddingGemma: the file has the width of the whole window.
  const Architecture both = read("gemma3_text", R"("sliding_window": 512, "use_bidirectional_attention": true)");
  EXPECT_EQ(window(both, 4), Window(256, 256));
  EXPECT_EQ(window(both, 5), Window(std::nullopt, std::nullopt));
}

TEST(DecodersTest, Gemma) {
  const nn::EncoderSpec gemma = read("gemma", "\"hidden_act\": \"gelu\"").spec;
  EXPECT_EQ(gemma.embeddings.word_scale, static_cast<float>(std::sqrt(3072.0)));
  EXPECT_EQ(gemma.final_norm->weight_offset, 1.0f);
  EXPECT_EQ(gemma.layers[0].mlp.activation, Activation::kGeluTanh) << "gelu of the first releases";
  EXPECT_EQ(gemma.layers[0].attention.head_size, 256);
  EXPECT_FALSE(gemma.layers[0].attention_norms.output);

  const nn::EncoderSpec gemma2 = read("gemma2", "\"query_pre_attn_scalar\": 144").spec;
  EXPECT_EQ(gemma2.layers[0].attention.scale, static_cast<float>(1 / 12.0));
  EXPECT_EQ(gemma2.layers[0].attention.score_softcap, 50.0f);
  EXPECT_EQ(gemma2.layers[0].attention_norms.output, gemma2.final_norm);
  EXPECT_EQ(gemma2.layers[0].mlp_norms.output, gemma2.final_norm);
  EXPECT_EQ(read("gemma2", "\"attn_logit_softcapping\": null").spec.layers[0].attention.score_softcap, 0.0f);
  EXPECT_THROW(read("gemma2", "\"use_bidirectional_attention\": true"), UnsupportedError);

  const nn::EncoderSpec gemma3 = read("gemma3_text", R"("rope_theta": 5e5, "rope_local_base_freq": 77,
      "rope_scaling": {"rope_type": "linear", "factor": 8.0})")
                                     .spec;
  EXPECT_EQ(gemma3.layers[0].attention.query_key_norm->weight_offset, 1.0f);
  EXPECT_EQ(gemma3.layers[0].attention.score_softcap, 0.0f);
  EXPECT_EQ(*gemma3.layers[0].attention.rotary, (nn::RotarySpec{.size = 256, .theta = 77.0, .scaling = {}}));
  EXPECT_EQ(*gemma3.layers[5].attention.rotary,
            (nn::RotarySpec{.size = 256, .theta = 5e5, .scaling = {.kind = Kind::kLinear, .factor = 8.0}}));
  const nn::EncoderSpec nested = read("gemma3_text", R"("rope_parameters": {"full_attention": {"rope_theta": 5e5},
      "sliding_attention": {"rope_type": "default"}})")
                                     .spec;
  EXPECT_EQ(nested.layers[0].attention.rotary->theta, 10000.0);
  EXPECT_EQ(nested.layers[5].attention.rotary->theta, 5e5);
  EXPECT_EQ(message_of<InvalidModelError>([] { read("gemma3_text", R"("rope_parameters": {"rope_theta": 5e5})"); }),
            "config.json field 'rope_parameters': field 'rope_theta' is not one of 'full_attention' and "
            "'sliding_attention', which this model_type has");
}

TEST(DecodersTest, MultipliersOfGranite) {
  const nn::EncoderSpec spec = read("granite", R"("embedding_multiplier": 12, "attention_multiplier": 0.015625,
      "residual_multiplier": 0.22, "logits_scaling": 8)")
                                   .spec;
  EXPECT_EQ(spec.embeddings.word_scale, 12.0f);
  EXPECT_EQ(spec.layers[0].attention.scale, 0.015625f);
  EXPECT_EQ(spec.layers[0].residual_scale, 0.22f);
  EXPECT_EQ(read("granite").spec.layers[0].attention.scale, 1.0f) << "not 1 / sqrt(head size)";
}

TEST(DecodersTest, LayersOfSmolLmWithoutPositions) {
  auto positions = [](const std::string& fields) {
    std::string text;
    for (const nn::LayerSpec& layer : read("smollm3", "\"num_hidden_layers\": 4" + fields).spec.layers) {
      text += layer.attention.rotary ? '1' : '0';
    }
    return text;
  };
  EXPECT_EQ(positions(""), "1110");
  EXPECT_EQ(positions(", \"no_rope_layer_interval\": 2"), "1010");
  EXPECT_EQ(positions(", \"no_rope_layers\": [0, 1, 1, 0]"), "0110");
  EXPECT_THROW(positions(", \"no_rope_layers\": [0, 1]"), InvalidModelError);
  EXPECT_THROW(positions(", \"no_rope_layers\": [0, 1, 1, \"0\"]"), InvalidModelError);
}

TEST(DecodersTest, PartOfEachHeadTurnsInPhi) {
  const nn::AttentionSpec attention = read("phi3", R"("partial_rotary_factor": 0.75)").spec.layers[0].attention;
  EXPECT_EQ(attention.head_size, 96);
  EXPECT_EQ(attention.rotary->size, 72);
  EXPECT_THROW(read("phi3", R"("rope_scaling": {"type": "linear", "factor": 2.0})"), UnsupportedError);
  EXPECT_THROW(read("phi3", R"("partial_rotary_factor": 1.5)"), InvalidModelError);
}

}  // namespace
}  // namespace sbert::arch
