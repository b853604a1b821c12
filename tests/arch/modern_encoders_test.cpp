#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"
#include "support/safetensors_writer.h"
#include "support/temporary_folder.h"

// config.json of ModernBERT, NomicBERT, GTE, Jina and the text towers -> spec.
namespace sbert::arch {
namespace {

using kernels::Activation;
using test::message_of;

TEST(ModernBertTest, DefaultsAreThoseOfTransformers) {
  const Architecture model = read("modernbert");
  EXPECT_EQ(model.max_position_embeddings, 8192);
  const nn::EncoderSpec& spec = model.spec;
  EXPECT_EQ(spec.hidden_size, 768);
  EXPECT_EQ(spec.embeddings.vocab_size, 50368);
  EXPECT_EQ(spec.embeddings.norm->eps, 1e-5f);
  EXPECT_FALSE(spec.embeddings.norm->bias);
  ASSERT_EQ(spec.layers.size(), 22u);
  EXPECT_FALSE(spec.layers[0].attention_norms.input) << "the embeddings' norm is right before it";
  EXPECT_TRUE(spec.layers[1].attention_norms.input);
  for (size_t i = 0; i < 22; ++i) {
    const nn::AttentionSpec& attention = spec.layers[i].attention;
    const bool global = i % 3 == 0;
    EXPECT_EQ(attention.tokens_before, global ? std::nullopt : std::optional<int64_t>(64)) << i;
    EXPECT_EQ(attention.tokens_after, attention.tokens_before) << i;
    EXPECT_EQ(attention.rotary->theta, global ? 160000.0 : 10000.0) << i;
    EXPECT_FALSE(attention.bias);
    EXPECT_TRUE(spec.layers[i].mlp.gated);
    EXPECT_EQ(spec.layers[i].mlp.intermediate_size, 1152);
  }
  EXPECT_EQ(spec.final_norm, spec.embeddings.norm);
}

TEST(ModernBertTest, OldAndNewSpellings) {
  const std::string two = "\"num_hidden_layers\": 2, ";
  const auto old = read("modernbert", two + R"("global_rope_theta": 5.0, "local_rope_theta": 6.0,
      "global_attn_every_n_layers": 2, "local_attention": 9, "norm_bias": true)")
                       .spec;
  EXPECT_EQ(old.layers[0].attention.rotary->theta, 5.0);
  EXPECT_EQ(old.layers[1].attention.rotary->theta, 6.0);
  EXPECT_EQ(old.layers[1].attention.tokens_before, 4);
  EXPECT_TRUE(old.final_norm->bias);
  const auto today = read("modernbert", two + R"("layer_types": ["sliding_attention", "full_attention"],
      "rope_parameters": {"full_attention": {"rope_theta": 5.0}, "sliding_attention": {"rope_theta": 6.0}})")
                         .spec;
  EXPECT_EQ(today.layers[0].attention.rotary->theta, 6.0);
  EXPECT_EQ(today.layers[1].attention.rotary->theta, 5.0);
  EXPECT_THROW(read("modernbert", "\"is_causal\": true"), UnsupportedError);
}

TEST(NomicBertTest, FieldsOfThePublishedFolders) {
  const Architecture nomic = read("nomic_bert", R"("activation_function": "swiglu", "n_embd": 24, "n_head": 3,
      "n_layer": 2, "n_inner": 50, "layer_norm_epsilon": 1e-5, "rotary_emb_base": 777, "rotary_emb_fraction": 1.0,
      "qkv_proj_bias": false, "prenorm": false, "rotary_scaling_factor": null, "n_positions": 8192)");
  EXPECT_EQ(nomic.spec.hidden_size, 24);
  ASSERT_EQ(nomic.spec.layers.size(), 2u);
  const nn::LayerSpec& layer = nomic.spec.layers[1];
  EXPECT_EQ(layer.attention.head_size, 8);
  EXPECT_EQ(layer.attention.rotary->theta, 777.0);
  EXPECT_EQ(layer.mlp.intermediate_size, 50);
  EXPECT_EQ(layer.mlp.activation, Activation::kSilu);
  EXPECT_TRUE(layer.mlp.gated);
  EXPECT_FALSE(layer.attention.bias || layer.attention.output_bias || layer.mlp.bias || layer.mlp.output_bias);
  EXPECT_EQ(layer.mlp_norms.residual->eps, 1e-5f);
  EXPECT_EQ(nomic.max_position_embeddings, 2048) << "as transformers, which does not read n_positions";
  EXPECT_EQ(read("nomic_bert").spec.layers[0].attention.rotary->theta, 1000.0);
}

TEST(NomicBertTest, VariantsOfThePublishedCodeAreRefused) {
  for (const char* field : {"\"prenorm\": true", "\"activation_function\": \"geglu\"", "\"use_rms_norm\": true",
                            "\"qkv_proj_bias\": true", "\"rotary_emb_fraction\": 0.5", "\"rotary_scaling_factor\": 2.0",
                            "\"num_experts\": 8", "\"moe_every_n_layers\": 2", "\"causal\": true"}) {
    const std::string name = std::string(field).substr(1, std::string(field).find('"', 1) - 1);
    const std::string message = message_of<UnsupportedError>([&] { read("nomic_bert", field); });
    EXPECT_NE(message.find(name == "num_experts" ? "mixture of experts" : name), std::string::npos) << message;
  }
}

// The tensors of one layer, under the names of transformers' class or of the published folders.
class NomicNamesTest : public testing::Test {
 protected:
  static std::vector<std::string> own_names() {
    return {"embeddings.LayerNorm.weight",        "embeddings.LayerNorm.bias",
            "layers.0.self_attn.q_proj.weight",   "layers.0.self_attn.k_proj.weight",
            "layers.0.self_attn.v_proj.weight",   "layers.0.self_attn.o_proj.weight",
            "layers.0.mlp.gate_proj.weight",      "layers.0.mlp.up_proj.weight",
            "layers.0.mlp.down_proj.weight",      "layers.0.post_attention_layernorm.weight",
            "layers.0.post_mlp_layernorm.weight", "layers.0.post_attention_layernorm.bias",
            "layers.0.post_mlp_layernorm.bias"};
  }
  static std::vector<std::string> published_names() {
    const std::string layer = "encoder.layers.0.";
    return {"emb_ln.weight",
            "emb_ln.bias",
            layer + "attn.Wqkv.weight",
            layer + "attn.out_proj.weight",
            layer + "mlp.fc11.weight",
            layer + "mlp.fc12.weight",
            layer + "mlp.fc2.weight",
            layer + "norm1.weight",
            layer + "norm1.bias",
            layer + "norm2.weight",
            layer + "norm2.bias"};
  }
  nn::EncoderTensors resolve(const std::vector<std::string>& names, const std::string& prefix = "") {
    test::SafetensorsWriter writer;
    for (const char* name : {"embeddings.word_embeddings.weight", "embeddings.token_type_embeddings.weight"}) {
      writer.add(prefix + name, {1}, {0.0f});
    }
    for (const std::string& name : names) {
      const bool fused = name.ends_with("Wqkv.weight");
      writer.add(prefix + name, fused ? std::vector<int64_t>{12, 1} : std::vector<int64_t>{1},
                 std::vector<float>(fused ? 12 : 1));
    }
    folder_.write("model.safetensors", writer.bytes());
    store_.emplace(formats::TensorStore::open(folder_.path()));
    return resolve_tensors(read("nomic_bert", R"("n_embd": 4, "n_head": 2, "n_layer": 1)"), *store_);
  }

 private:
  test::TemporaryFolder folder_;
  std::optional<formats::TensorStore> store_;
};

TEST_F(NomicNamesTest, BothSetsOfNames) {
  EXPECT_EQ(resolve(own_names()).layers[0].mlp_gate->weight.name, "layers.0.mlp.gate_proj.weight");
  const nn::LayerTensors layer = resolve(published_names()).layers[0];
  EXPECT_EQ(layer.mlp_gate->weight.name, "encoder.layers.0.mlp.fc12.weight");
  EXPECT_EQ(layer.mlp_up.weight.name, "encoder.layers.0.mlp.fc11.weight");
  for (const nn::LinearTensors* part : {&layer.query, &layer.key, &layer.value}) {
    EXPECT_EQ(part->weight.name, "encoder.layers.0.attn.Wqkv.weight");
    EXPECT_EQ(part->weight.shape[0], 4);
  }
  EXPECT_EQ(layer.key.weight.bytes.data() - layer.query.weight.bytes.data(), 16);
  EXPECT_EQ(resolve(published_names(), "bert.").layers[0].mlp_down.weight.name, "bert.encoder.layers.0.mlp.fc2.weight");
  EXPECT_EQ(resolve(own_names(), "nomic_bert.").layers[0].mlp_down.weight.name,
            "nomic_bert.layers.0.mlp.down_proj.weight");
}

TEST_F(NomicNamesTest, AMissingTensorIsNamedAsItsNeighboursAre) {
  for (const auto& names : {own_names(), published_names()}) {
    for (size_t i = 0; i < names.size(); ++i) {
      std::vector<std::string> rest = names;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (names[i].find("out_proj") != std::string::npos) continue;  // it tells the layout
      const std::string message = message_of<InvalidModelError>([&] { resolve(rest); });
      EXPECT_NE(message.find("'" + names[i] + "'"), std::string::npos) << message;
    }
  }
}

TEST(GteTest, OwnAndPublishedDefaults) {
  const nn::EncoderSpec gte = read("gte").spec;
  EXPECT_EQ(gte.embeddings.vocab_size, 250048);
  EXPECT_EQ(gte.embeddings.type_vocab_size, 1);
  EXPECT_EQ(gte.layers[0].attention.rotary->theta, 160000.0);
  EXPECT_TRUE(gte.layers[0].attention.bias);
  EXPECT_FALSE(gte.layers[0].mlp.bias);
  EXPECT_TRUE(gte.layers[0].mlp.output_bias);
  EXPECT_EQ(read("gte", "\"type_vocab_size\": 0").spec.embeddings.type_vocab_size, 0);
  EXPECT_EQ(read("new").spec.layers[0].attention.rotary->theta, 10000.0);
}

// Fixed NTK: (theta f)^(-2i/d) / f^(2/d), as a larger base and a linear factor.
TEST(GteTest, NtkScaling) {
  for (const char* scaling : {R"("rope_theta": 1000, "rope_scaling": {"type": "ntk", "factor": 8.0})",
                              R"("rope_parameters": {"type": "ntk", "factor": 8.0, "rope_theta": 1000.0})"}) {
    const nn::RotarySpec rotary = *read("new", scaling).spec.layers[0].attention.rotary;
    EXPECT_EQ(rotary.size, 64);
    EXPECT_EQ(rotary.theta, 8000.0);
    EXPECT_EQ(rotary.scaling.kind, nn::RopeScaling::Kind::kLinear);
    EXPECT_DOUBLE_EQ(rotary.scaling.factor, std::pow(8.0, 2.0 / 64));
  }
  EXPECT_THROW(read("new", R"("rope_scaling": {"type": "dynamic", "factor": 8.0})"), UnsupportedError);
  EXPECT_THROW(read("new", R"("rope_scaling": {"type": "ntk", "factor": 8.0, "mixed_b": 0.6})"), UnsupportedError);
  EXPECT_THROW(read("new", R"("position_embedding_type": "absolute")"), UnsupportedError);
  EXPECT_THROW(read("new", R"("layer_norm_type": "rms_norm")"), UnsupportedError);
  EXPECT_THROW(read("new", R"("logn_attention_scale": true)"), UnsupportedError);
}

TEST(JinaTest, IsToldFromBert) {
  const std::string jina =
      R"("position_embedding_type": "alibi", "feed_forward_type": "geglu", "intermediate_size": 50)";
  const nn::EncoderSpec spec = read("bert", jina).spec;
  EXPECT_EQ(spec.embeddings.max_position_embeddings, 0);
  EXPECT_EQ(spec.embeddings.type_vocab_size, 2);
  EXPECT_TRUE(spec.layers[0].attention.alibi);
  EXPECT_TRUE(spec.layers[0].mlp.gated);
  EXPECT_FALSE(spec.layers[0].mlp.bias);
  EXPECT_TRUE(spec.layers[0].mlp.output_bias);
  EXPECT_EQ(spec.layers[0].mlp.activation, Activation::kGelu);
  EXPECT_FALSE(read("bert").spec.layers[0].attention.alibi);
  EXPECT_FALSE(
      read("bert", R"("auto_map": {"AutoModel": "other/code--modeling.MyModel"})").spec.layers[0].attention.alibi);
}

TEST(JinaTest, VariantsAreRefused) {
  const std::string alibi = R"("position_embedding_type": "alibi", )";
  EXPECT_NE(message_of<UnsupportedError>([&] {
              read("bert", alibi + R"("feed_forward_type": "geglu",
                   "auto_map": {"AutoModel": "jinaai/jina-bert-v2-qk-post-norm--modeling_bert.JinaBertModel"})");
            }).find("qk-post-norm"),
            std::string::npos);
  EXPECT_THROW(read("bert", alibi + R"("feed_forward_type": "original")"), UnsupportedError);
  EXPECT_THROW(read("bert", R"("auto_map": {"AutoModel": "x--modeling_bert.JinaBertModel"})"), UnsupportedError)
      << "Jina's code with learned positions";
  EXPECT_THROW(read("bert", alibi + "\"num_hidden_layers\": 1"), InvalidModelError) << "no feed_forward_type";
  EXPECT_THROW(read("jina_embeddings_v3", R"("lora_adaptations": ["retrieval.query"])"), UnsupportedError);
}

TEST(TextTowerTest, Clip) {
  const Architecture clip = read("clip", R"("projection_dim": 20, "text_config": {"hidden_size": 24,
      "num_attention_heads": 3, "num_hidden_layers": 2, "eos_token_id": 7, "max_position_embeddings": 9})");
  EXPECT_FALSE(clip.max_position_embeddings) << "CLIPConfig has no such field";
  EXPECT_EQ(clip.spec.embeddings.max_text_length(), 9u);
  EXPECT_EQ(clip.spec.layers[0].attention.tokens_after, 0) << "causal";
  EXPECT_EQ(clip.spec.layers[0].mlp.activation, Activation::kQuickGelu);
  ASSERT_TRUE(clip.spec.text_projection);
  EXPECT_EQ(clip.spec.text_projection->token, nn::TextProjectionSpec::Token::kFirstOfId);
  EXPECT_EQ(clip.spec.text_projection->id, 7);
  EXPECT_EQ(clip.spec.text_projection->projection_dim, 20);
  EXPECT_FALSE(clip.spec.text_projection->bias);
  EXPECT_EQ(clip.names.word_embeddings[0], "text_model.embeddings.token_embedding.weight");
  EXPECT_EQ(clip.names.text_projection, "text_projection");

  const auto defaults = read("clip").spec;
  EXPECT_EQ(defaults.hidden_size, 512);
  EXPECT_EQ(defaults.layers[0].attention.num_heads, 8);
  EXPECT_EQ(defaults.text_projection->id, 49407);
  EXPECT_EQ(read("clip", R"("text_config": {"eos_token_id": 2})").spec.text_projection->token,
            nn::TextProjectionSpec::Token::kHighestId);
  EXPECT_EQ(read("clip", R"("text_config": {"hidden_size": 64}, "text_config_dict": {"num_hidden_layers": 1})")
                .spec.hidden_size,
            512)
      << "text_config_dict is a whole set of values";
  EXPECT_FALSE(read("clip_text_model").spec.text_projection);
  EXPECT_EQ(read("clip_text_model").max_position_embeddings, 77);
}

TEST(TextTowerTest, Siglip) {
  for (const char* type : {"siglip", "siglip2"}) {
    const nn::EncoderSpec spec = read(type, R"("text_config": {"hidden_size": 24})").spec;
    EXPECT_FALSE(spec.layers[0].attention.tokens_after) << "not causal";
    EXPECT_EQ(spec.layers[0].mlp.activation, Activation::kGeluTanh);
    EXPECT_EQ(spec.text_projection->token, nn::TextProjectionSpec::Token::kLast);
    EXPECT_EQ(spec.text_projection->projection_dim, 24);
    EXPECT_TRUE(spec.text_projection->bias);
    EXPECT_EQ(read(type, R"("text_config": {"projection_size": 7})").spec.text_projection->projection_dim, 7);
  }
}

TEST(ReadArchitectureTest, CodeOfTheModelsOwnIsNamed) {
  const std::string message =
      message_of<UnsupportedError>([] { read("gpt9", R"("auto_map": {"AutoModel": "m.Model"})"); });
  EXPECT_NE(message.find("model_type 'gpt9' is not supported by this version (auto_map names code"), std::string::npos)
      << message;
}

}  // namespace
}  // namespace sbert::arch
