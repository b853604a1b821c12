#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "support/errors.h"
#include "support/safetensors_writer.h"
#include "support/temporary_folder.h"

// What other families than BERT need of resolve_tensors: several tensors in one, tensors that layers share, steps that
// are not there.
namespace sbert::arch {
namespace {

using test::message_of;
using Floats = std::vector<float>;

// One layer of the smallest sizes, without norms and biases: 2 heads of size 1, hidden size 2.
Architecture smallest() {
  Architecture architecture;
  nn::EncoderSpec& spec = architecture.spec;
  spec.hidden_size = 2;
  spec.embeddings.vocab_size = 1;
  spec.embeddings.embedding_size = 2;
  nn::LayerSpec layer;
  layer.attention.num_heads = layer.attention.num_key_value_heads = 2;
  layer.attention.head_size = 1;
  layer.attention.bias = layer.attention.output_bias = false;
  layer.mlp.intermediate_size = 3;
  layer.mlp.bias = layer.mlp.output_bias = false;
  spec.layers = {layer};
  TensorNames& names = architecture.names;
  names.word_embeddings = {"words"};
  names.layer_prefixes = numbered_prefixes("layer.", 1);
  names.layer.query = "q";
  names.layer.key = "k";
  names.layer.value = "v";
  names.layer.attention_output = "o";
  names.layer.mlp_up = "up";
  names.layer.mlp_gate = "gate";
  names.layer.mlp_down = "down";
  return architecture;
}

class ResolveVariantsTest : public testing::Test {
 protected:
  ResolveVariantsTest() {
    add("words", {1, 2});
    for (const char* name : {"q", "k", "v", "o"}) add("layer.0." + std::string(name) + ".weight", {2, 2});
    add("layer.0.up.weight", {3, 2});
    add("layer.0.down.weight", {2, 3});
  }

  // A tensor of the numbers 0, 1, 2, ...
  void add(const std::string& name, const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    Floats values;
    for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i));
    writer_.add(name, shape, values);
  }

  nn::EncoderTensors resolve(const Architecture& architecture) {
    folder_.write("model.safetensors", writer_.bytes());
    store_.emplace(formats::TensorStore::open(folder_.path()));
    return resolve_tensors(architecture, *store_);
  }

 private:
  test::SafetensorsWriter writer_;
  test::TemporaryFolder folder_;
  std::optional<formats::TensorStore> store_;
};

TEST_F(ResolveVariantsTest, WhatTheSpecHasNotIsAbsent) {
  const nn::EncoderTensors tensors = resolve(smallest());
  EXPECT_FALSE(tensors.position_embeddings || tensors.token_type_embeddings || tensors.embeddings_norm ||
               tensors.embeddings_projection || tensors.relative_embeddings || tensors.relative_embeddings_norm ||
               tensors.convolution || tensors.final_norm || tensors.text_projection);
  ASSERT_EQ(tensors.layers.size(), 1u);
  const nn::LayerTensors& layer = tensors.layers[0];
  EXPECT_EQ(layer.value.weight.name, "layer.0.v.weight");
  EXPECT_FALSE(layer.query.bias || layer.attention_output.bias || layer.mlp_up.bias || layer.mlp_down.bias);
  EXPECT_FALSE(layer.mlp_gate || layer.query_norm || layer.relative_attention_bias || layer.position_key);
  EXPECT_FALSE(layer.attention_norms.input || layer.attention_norms.output || layer.attention_norms.residual);
}

TEST_F(ResolveVariantsTest, QueryKeyAndValueInOneTensor) {
  Architecture architecture = smallest();
  architecture.names.layer.qkv = "qkv";
  nn::AttentionSpec& attention = architecture.spec.layers[0].attention;
  attention.num_heads = 3;  // with one head for keys and values: rows 0-2, 3, 4
  attention.num_key_value_heads = 1;
  attention.bias = true;
  add("layer.0.qkv.weight", {5, 2});
  add("layer.0.qkv.bias", {5});
  const nn::LayerTensors layer = resolve(architecture).layers[0];
  EXPECT_EQ(layer.query.weight.shape, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(formats::read_floats(layer.query.weight), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(formats::read_floats(layer.key.weight), (Floats{6, 7}));
  EXPECT_EQ(formats::read_floats(layer.value.weight), (Floats{8, 9}));
  EXPECT_EQ(formats::read_floats(*layer.query.bias), (Floats{0, 1, 2}));
  EXPECT_EQ(formats::read_floats(*layer.key.bias), (Floats{3}));
  EXPECT_EQ(formats::read_floats(*layer.value.bias), (Floats{4}));
}

TEST_F(ResolveVariantsTest, ATensorOfSeveralMustHaveTheirRows) {
  Architecture architecture = smallest();
  architecture.names.layer.qkv = "qkv";
  add("layer.0.qkv.weight", {7, 2});
  const std::string message = message_of<InvalidModelError>([&] { resolve(architecture); });
  EXPECT_NE(message.find("tensor 'layer.0.qkv.weight' has shape [7, 2], expected 6 rows"), std::string::npos)
      << message;
}

TEST_F(ResolveVariantsTest, GateAndUpInOneTensorInEitherOrder) {
  Architecture architecture = smallest();
  architecture.spec.layers[0].mlp.gated = true;
  add("layer.0.both.weight", {6, 2});
  architecture.names.layer.mlp_gate_up = "both";
  nn::LayerTensors layer = resolve(architecture).layers[0];
  EXPECT_EQ(formats::read_floats(layer.mlp_gate->weight), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(formats::read_floats(layer.mlp_up.weight), (Floats{6, 7, 8, 9, 10, 11}));
  architecture.names.layer.mlp_gate_up.clear();
  architecture.names.layer.mlp_up_gate = "both";
  layer = resolve(architecture).layers[0];
  EXPECT_EQ(formats::read_floats(layer.mlp_up.weight), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(formats::read_floats(layer.mlp_gate->weight), (Floats{6, 7, 8, 9, 10, 11}));
}

TEST_F(ResolveVariantsTest, GateOfItsOwn) {
  Architecture architecture = smallest();
  architecture.spec.layers[0].mlp.gated = true;
  EXPECT_NE(message_of<InvalidModelError>([&] { resolve(architecture); }).find("'layer.0.gate.weight'"),
            std::string::npos);
  add("layer.0.gate.weight", {3, 2});
  EXPECT_EQ(resolve(architecture).layers[0].mlp_gate->weight.name, "layer.0.gate.weight");
}

TEST_F(ResolveVariantsTest, TheFirstNameOfTheWordEmbeddingsThatIsThere) {
  Architecture architecture = smallest();
  architecture.names.word_embeddings = {"shared", "words"};
  EXPECT_EQ(resolve(architecture).word_embeddings.name, "words");
  add("shared", {1, 2});
  EXPECT_EQ(resolve(architecture).word_embeddings.name, "shared");
  architecture.names.word_embeddings = {"one", "another"};
  EXPECT_NE(message_of<InvalidModelError>([&] { resolve(architecture); }).find("'one'"), std::string::npos);
}

TEST_F(ResolveVariantsTest, ARmsNormHasNoBiasWhateverTheFileHas) {
  Architecture architecture = smallest();
  nn::NormSpec rms;
  rms.kind = nn::NormKind::kRms;
  architecture.spec.layers[0].attention_norms.input = rms;
  architecture.spec.layers[0].mlp_norms.output = rms;
  architecture.spec.layers[0].attention.query_key_norm = rms;
  architecture.names.layer.attention_norms.input = "before";
  architecture.names.layer.mlp_norms.output = "after";
  architecture.names.layer.query_norm = "q_norm";
  architecture.names.layer.key_norm = "k_norm";
  for (const char* name : {"before", "after"}) add("layer.0." + std::string(name) + ".weight", {2});
  for (const char* name : {"q_norm", "k_norm"}) add("layer.0." + std::string(name) + ".weight", {1});
  add("layer.0.before.bias", {2});
  const nn::LayerTensors layer = resolve(architecture).layers[0];
  EXPECT_EQ(layer.attention_norms.input->weight.name, "layer.0.before.weight");
  EXPECT_FALSE(layer.attention_norms.input->bias);
  EXPECT_EQ(layer.mlp_norms.output->weight.name, "layer.0.after.weight");
  EXPECT_EQ(layer.query_norm->weight.name, "layer.0.q_norm.weight");
  EXPECT_EQ(layer.key_norm->weight.name, "layer.0.k_norm.weight");
}

TEST_F(ResolveVariantsTest, ABiasOfDistancesIsSharedOrEachLayersOwn) {
  Architecture architecture = smallest();
  architecture.spec.layers[0].attention.relative_buckets = nn::RelativeBucketsSpec{};
  architecture.names.relative_attention_bias = "buckets";
  add("buckets", {32, 2});
  add("layer.0.buckets", {32, 2});
  EXPECT_EQ(resolve(architecture).layers[0].relative_attention_bias->name, "buckets");
  architecture.names.layer.relative_attention_bias = "buckets";
  EXPECT_EQ(resolve(architecture).layers[0].relative_attention_bias->name, "layer.0.buckets");
}

TEST_F(ResolveVariantsTest, DisentangledAttentionReadsWhatItsTermsNeed) {
  Architecture architecture = smallest();
  architecture.names.relative_embeddings = "rel";
  architecture.names.layer.position_key = "pos_k";
  architecture.names.layer.position_query = "pos_q";
  nn::DisentangledSpec& disentangled = architecture.spec.layers[0].attention.disentangled.emplace();
  add("rel", {4, 2});
  nn::EncoderTensors tensors = resolve(architecture);
  EXPECT_EQ(tensors.relative_embeddings->name, "rel");
  EXPECT_FALSE(tensors.layers[0].position_key || tensors.layers[0].position_query);
  disentangled.shared_projections = false;
  EXPECT_NE(message_of<InvalidModelError>([&] { resolve(architecture); }).find("'layer.0.pos_k.weight'"),
            std::string::npos);
  disentangled.content_to_position = false;
  add("layer.0.pos_q.weight", {2, 2});
  add("layer.0.pos_q.bias", {2});
  tensors = resolve(architecture);
  EXPECT_FALSE(tensors.layers[0].position_key);
  EXPECT_EQ(tensors.layers[0].position_query->bias->name, "layer.0.pos_q.bias");
}

TEST_F(ResolveVariantsTest, StepsAroundTheLayers) {
  Architecture architecture = smallest();
  architecture.spec.embeddings.projection = architecture.spec.embeddings.projection_bias = true;
  architecture.spec.final_norm = nn::NormSpec{};
  architecture.spec.convolution = nn::ConvolutionSpec{};
  architecture.spec.text_projection = nn::TextProjectionSpec{.projection_dim = 1};
  architecture.names.embeddings_projection = "project";
  architecture.names.final_norm = "final";
  architecture.names.convolution = "conv";
  architecture.names.convolution_norm = "conv_norm";
  architecture.names.text_projection = "text";
  add("project.weight", {2, 2});
  add("conv.weight", {2, 2, 3});
  add("text.weight", {1, 2});
  for (const char* name :
       {"project.bias", "conv.bias", "conv_norm.weight", "conv_norm.bias", "final.weight", "final.bias"}) {
    add(name, {2});
  }
  const nn::EncoderTensors tensors = resolve(architecture);
  EXPECT_EQ(tensors.embeddings_projection->bias->name, "project.bias");
  EXPECT_EQ(tensors.final_norm->bias->name, "final.bias");
  EXPECT_EQ(tensors.convolution->conv.bias->name, "conv.bias");
  EXPECT_EQ(tensors.convolution->norm.weight.name, "conv_norm.weight");
  EXPECT_EQ(tensors.text_projection->weight.name, "text.weight");
  EXPECT_FALSE(tensors.text_projection->bias);
}

}  // namespace
}  // namespace sbert::arch
