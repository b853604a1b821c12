#include <sbert/error.h>

#include "modules/cnn.h"
#include "modules/lstm.h"
#include "modules/module_fixture.h"
#include "modules/weighted_layer_pooling.h"
#include "support/errors.h"
#include "support/floats.h"

// The modules that see the tokens of a text together: CNN, LSTM, and WeightedLayerPooling over layers. The expected
// numbers are torch's, in float64; the golden folders have larger ones.
namespace sbert::modules {
namespace {

using test::message_of;

class SequenceModulesTest : public ModuleFixture {
 protected:
  // Texts of three, no and one token.
  void set_texts() {
    features.batch.clear();
    for (const size_t length : {3, 0, 1}) {
      const std::vector<int32_t> ids(length, 0);
      features.batch.add_text(ids, ids);
    }
    set(features.token_embeddings, 2, {1, -2, 0.5f, 3, -1, 0.25f, /* the last text */ 2, 1});
  }
  std::vector<float> run(const Module& module) {
    set_texts();
    module.forward(features, workspace);
    return values_of(features.token_embeddings);
  }
};

class CnnTest : public SequenceModulesTest {
 protected:
  std::unique_ptr<CNN> load(const std::string& config) const {
    folder.write("cnn_config.json", config);
    return CNN::load(source());
  }
  std::string file() const { return "'" + (folder / "cnn_config.json").string() + "'"; }
};

TEST_F(CnnTest, KernelsSideBySide) {
  write_weights(
      test::SafetensorsWriter()
          .add("convs.0.weight", {2, 2, 1}, {-0.25f, 0.25f, 0.75f, 0.75f})
          .add("convs.0.bias", {2}, {-0.5f, -0.75f})
          .add("convs.1.weight", {2, 2, 3}, {-0.5f, -0.5f, -0.75f, 0.5f, -0.5f, -1, -0.75f, -0.5f, 0.5f, -1, 0, 0.5f})
          .add("convs.1.bias", {2}, {-0.75f, -0.5f}));
  const auto cnn = load(R"({"in_word_embedding_dimension": 2, "out_channels": 2, "kernel_sizes": [1, 3]})");
  EXPECT_TRUE(test::all_close(run(*cnn),
                              std::vector<float>{-1.25f, -1.5f, -3.625f, 0.75f, 0.125f, 1.875f, -3.5f, 0.125f, -0.1875f,
                                                 -1.3125f, 0.875f, -3.375f, -0.75f, 1.5f, -2.25f, -1.5f},
                              1e-6));
  EXPECT_EQ(cnn->embedding_dimension(), 4u);
  EXPECT_EQ(cnn->num_parameters(), 20u);
  EXPECT_EQ(cnn->description(), "CNN({'in_embedding_dimension': 2, 'out_channels': 2, 'kernel_sizes': [1, 3]})");
}

// Blocks of 64 tokens, and a kernel wider than the text: the identity of the middle token, so that places must fit.
TEST_F(CnnTest, LongTextsAndWideKernels) {
  std::vector<float> kernel(129, 0.0f);
  kernel[64] = 1;  // the token itself
  kernel[0] = 10;  // the one 64 before it
  write_weights(test::SafetensorsWriter().add("convs.0.weight", {1, 1, 129}, kernel).add("convs.0.bias", {1}, {0}));
  const auto cnn = load(R"({"in_embedding_dimension": 1, "out_channels": 1, "kernel_sizes": [129]})");
  features.batch.clear();
  std::vector<float> tokens, expected;
  for (const size_t length : {200, 1, 64}) {
    const std::vector<int32_t> ids(length, 0);
    features.batch.add_text(ids, ids);
    for (size_t i = 0; i < length; ++i) {
      tokens.push_back(static_cast<float>(i + 1));
      expected.push_back(static_cast<float>(i + 1 + (i >= 64 ? 10 * (i - 63) : 0)));
    }
  }
  set(features.token_embeddings, 1, tokens);
  cnn->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), expected);
}

TEST_F(CnnTest, RefusesWhatItCannotDo) {
  const std::string fields = R"({"in_embedding_dimension": 2, "out_channels": 2, "kernel_sizes": )";
  EXPECT_NE(message_of<UnsupportedError>([&] { load(fields + "[2]}"); }).find("even kernel_sizes"), std::string::npos);
  EXPECT_NE(message_of<UnsupportedError>([&] {
              load(fields + R"([3], "stride_sizes": [2]})");
            }).find("stride_sizes other than 1"),
            std::string::npos);
  for (const char* sizes : {"[0]", "[-1]", "[1e9]", "[100001]", "[]", "3", "[true]", "[\"3\"]"}) {
    const std::string message = message_of<InvalidModelError>([&] { load(fields + sizes + "}"); });
    EXPECT_TRUE(message.starts_with(file() + ": field 'kernel_sizes' ")) << message;
  }
  write_weights(test::SafetensorsWriter().add("convs.0.weight", {2, 2, 3}, std::vector<float>(12)));
  EXPECT_NE(message_of<InvalidModelError>([&] { load(fields + "[3]}"); }).find("'convs.0.bias'"), std::string::npos);
  write_weights(test::SafetensorsWriter()
                    .add("convs.0.weight", {2, 3, 2}, std::vector<float>(12))
                    .add("convs.0.bias", {2}, {0, 0}));
  EXPECT_NE(message_of<InvalidModelError>([&] { load(fields + "[3]}"); }).find("shape [2, 3, 2], expected [2, 2, 3]"),
            std::string::npos);
}

class LstmTest : public SequenceModulesTest {
 protected:
  std::unique_ptr<LSTM> load(const std::string& config) const {
    folder.write("lstm_config.json", config);
    return LSTM::load(source());
  }
};

TEST_F(LstmTest, OneDirection) {
  write_weights(test::SafetensorsWriter()
                    .add("encoder.weight_ih_l0", {4, 2}, {-0.75f, 0.25f, -0.5f, -0.25f, -1, 0, 1, 0.75f})
                    .add("encoder.weight_hh_l0", {4, 1}, {-0.25f, 1, -1, -0.75f})
                    .add("encoder.bias_ih_l0", {4}, {0.5f, 0.25f, -0.75f, 0})
                    .add("encoder.bias_hh_l0", {4}, {-0.75f, 0.25f, 1, -0.75f}));
  const auto lstm = load(R"({"word_embedding_dimension": 2, "hidden_dim": 1, "bidirectional": false})");
  const std::vector<float> out = run(*lstm);
  EXPECT_TRUE(test::all_close(std::span(out).first(3), std::vector{-0.0256888248, -0.140569707, 0.0811150274}, 1e-6));
  EXPECT_EQ(out.size(), 4u);
  EXPECT_EQ(lstm->embedding_dimension(), 1u);
  EXPECT_EQ(lstm->num_parameters(), 20u);
  EXPECT_EQ(lstm->description(),
            "LSTM({'embedding_dimension': 2, 'hidden_dim': 1, 'num_layers': 1, 'dropout': 0, 'bidirectional': False})");
}

TEST_F(LstmTest, NamesWhatIsBroken) {
  write_weights(test::SafetensorsWriter().add("encoder.weight_ih_l0", {4, 2}, std::vector<float>(8)));
  EXPECT_NE(message_of<InvalidModelError>([&] {
              load(R"({"embedding_dimension": 2, "hidden_dim": 1})");
            }).find("'encoder.bias_ih_l0' is missing"),
            std::string::npos);
  for (const char* fields : {R"("embedding_dimension": 0, "hidden_dim": 1)", R"("embedding_dimension": 2)",
                             R"("embedding_dimension": 2, "hidden_dim": 99999999999)",
                             R"("embedding_dimension": 2, "hidden_dim": 1, "num_layers": 1000000)"}) {
    EXPECT_NE(
        message_of<InvalidModelError>([&] { load("{" + std::string(fields) + "}"); }).find("lstm_config.json': field "),
        std::string::npos)
        << fields;
  }
}

class WeightedLayerPoolingTest : public SequenceModulesTest {
 protected:
  void set_layers(size_t count) {
    features.all_layer_embeddings.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      set(features.all_layer_embeddings[i], 2, {value, -value, 10 * value, 1});
    }
    set(features.token_embeddings, 2, {7, 7, 7, 7});
  }
};

TEST_F(WeightedLayerPoolingTest, WeighsTheLayers) {
  write_config(R"({"word_embedding_dimension": 2, "layer_start": 1, "num_hidden_layers": 3})");
  write_weights(test::SafetensorsWriter().add("layer_weights", {3}, {1, 2, 1}));
  const auto module = WeightedLayerPooling::load(source());
  EXPECT_TRUE(module->reads_all_layer_embeddings());
  set_layers(4);
  module->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), (std::vector<float>{2, -2, 20, 1}));
  EXPECT_EQ(module->embedding_dimension(), 2u);
  EXPECT_EQ(module->num_parameters(), 3u);
  set_layers(6);
  EXPECT_EQ(message_of<InvalidModelError>([&] { module->forward(features, workspace); }),
            config_name() + ": WeightedLayerPooling expects the embeddings and 3 layers, the model has 5 layers");
}

TEST_F(WeightedLayerPoolingTest, WithoutHiddenStatesNothingChanges) {
  write_config(R"({"embedding_dimension": 2, "layer_start": 0, "num_hidden_layers": 0})");
  write_weights(test::SafetensorsWriter().add("layer_weights", {1}, {1}));
  const auto module = WeightedLayerPooling::load(source());
  set(features.token_embeddings, 2, {1, 2});
  module->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), (std::vector<float>{1, 2}));
}

TEST_F(WeightedLayerPoolingTest, NamesWhatIsBroken) {
  write_config(R"({"embedding_dimension": 2, "layer_start": 5, "num_hidden_layers": 3})");
  write_weights(test::SafetensorsWriter().add("layer_weights", {2}, {1, 1}));
  EXPECT_EQ(message_of<InvalidModelError>([&] { WeightedLayerPooling::load(source()); }),
            config_name() + ": field 'layer_start' is 5, expected 0 to 3");
  write_config(R"({"embedding_dimension": 2, "num_hidden_layers": 3})");
  EXPECT_EQ(message_of<InvalidModelError>([&] { WeightedLayerPooling::load(source()); }),
            config_name() + ": field 'num_hidden_layers' is less than layer_start, 4");
  write_config(R"({"embedding_dimension": 2, "layer_start": 0, "num_hidden_layers": 3})");
  EXPECT_NE(message_of<InvalidModelError>([&] { WeightedLayerPooling::load(source()); }).find("expected [4]"),
            std::string::npos);
}

}  // namespace
}  // namespace sbert::modules
