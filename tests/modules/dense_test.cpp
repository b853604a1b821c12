#include "modules/dense.h"

#include <cmath>

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/log_capture.h"

// y = activation(W x + b) of hand-made weights: W x + b of x = (1, 2) is (1, -2, 4).
namespace sbert::modules {
namespace {

using test::message_of;

const std::vector<float> kWeight = {1, 0, 0, -1, 1, 1}, kBias = {0, 0, 1}, kInput = {1, 2};
const std::string kIdentity = R"("activation_function": "torch.nn.modules.linear.Identity")";

class DenseTest : public ModuleFixture {
 protected:
  void write(const std::string& more_fields, const test::SafetensorsWriter& weights) {
    write_config(R"({"in_features": 2, "out_features": 3)" + (more_fields.empty() ? "" : ", " + more_fields) + "}");
    write_weights(weights);
  }
  static test::SafetensorsWriter weights() {
    return test::SafetensorsWriter().add("linear.weight", {3, 2}, kWeight).add("linear.bias", {3}, kBias);
  }
  std::unique_ptr<Dense> load() const { return Dense::load(source()); }
};

TEST_F(DenseTest, EveryActivation) {
  const std::vector<std::pair<std::string, double (*)(double)>> activations = {
      {"torch.nn.modules.activation.Tanh", [](double x) { return std::tanh(x); }},
      {"torch.nn.modules.linear.Identity", [](double x) { return x; }},
      {"torch.nn.Identity", [](double x) { return x; }},
      {"torch.nn.modules.activation.GELU", [](double x) { return x * (1 + std::erf(x / std::sqrt(2.0))) / 2; }},
      {"torch.nn.modules.activation.ReLU", [](double x) { return std::max(x, 0.0); }},
      {"torch.nn.modules.activation.SiLU", [](double x) { return x / (1 + std::exp(-x)); }},
      {"torch.nn.modules.activation.Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
  };
  for (const auto& [path, exact] : activations) {
    write(R"("activation_function": ")" + path + "\"", weights());
    EXPECT_TRUE(test::all_close(forward(*load(), 2, kInput), std::vector{exact(1), exact(-2), exact(4)}, 1e-6)) << path;
  }
}

TEST_F(DenseTest, DefaultsAreTanhAndABias) {
  write("", weights());
  const auto dense = load();
  EXPECT_TRUE(
      test::all_close(forward(*dense, 2, kInput), std::vector{std::tanh(1.0), std::tanh(-2.0), std::tanh(4.0)}, 1e-6));
  EXPECT_EQ(dense->embedding_dimension(), 3u);
  EXPECT_EQ(dense->num_parameters(), 9u);
  EXPECT_EQ(dense->weight_files(), std::vector{folder / "model.safetensors"});
}

TEST_F(DenseTest, AnActivationThatIsNotTorchsIsTanhWithAWarning) {
  write(R"("activation_function": "my_module.Evil")", weights());
  const test::LogCapture log;
  EXPECT_TRUE(
      test::all_close(forward(*load(), 2, kInput), std::vector{std::tanh(1.0), std::tanh(-2.0), std::tanh(4.0)}, 1e-6));
  ASSERT_EQ(log.warnings().size(), 1u);
  EXPECT_NE(log.warnings()[0].find(config_name() + ": activation_function 'my_module.Evil'"), std::string::npos);
}

TEST_F(DenseTest, WithoutBias) {
  write(kIdentity + R"(, "bias": false)", test::SafetensorsWriter().add("linear.weight", {3, 2}, kWeight));
  EXPECT_EQ(forward(*load(), 2, kInput), (std::vector<float>{1, -2, 3}));
  EXPECT_EQ(load()->num_parameters(), 6u);
}

TEST_F(DenseTest, SeveralRows) {
  write(kIdentity, weights());
  EXPECT_EQ(forward(*load(), 2, {1, 2, 0, 0, -1, 5}), (std::vector<float>{1, -2, 4, 0, 0, 1, -1, -5, 5}));
}

TEST_F(DenseTest, AResidualOfAnotherSizeIsProjected) {
  write(kIdentity + R"(, "use_residual": true)", weights().add("residual.weight", {3, 2}, {10, 0, 0, 10, 100, 100}));
  const auto dense = load();
  EXPECT_EQ(forward(*dense, 2, kInput), (std::vector<float>{11, 18, 304}));
  EXPECT_EQ(dense->num_parameters(), 15u);
}

TEST_F(DenseTest, AResidualOfTheSameSizeIsTheInput) {
  write_config(R"({"in_features": 2, "out_features": 2, "use_residual": true, )" + kIdentity + "}");
  write_weights(test::SafetensorsWriter().add("linear.weight", {2, 2}, {1, 1, 1, -1}).add("linear.bias", {2}, {0, 5}));
  EXPECT_EQ(forward(*load(), 2, kInput), (std::vector<float>{4, 6}));
}

TEST_F(DenseTest, MayWorkOnTokenEmbeddings) {
  write(kIdentity + R"(, "module_input_name": "token_embeddings")", weights());
  set(features.token_embeddings, 2, {1, 2, 0, 0});
  load()->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), (std::vector<float>{1, -2, 4, 0, 0, 1}));
  EXPECT_EQ(features.sentence_embedding.cols, 0u);
}

TEST_F(DenseTest, RefusesWhatItCannotCompute) {
  write(R"("activation_function": "torch.nn.modules.activation.Threshold")", weights());
  EXPECT_TRUE(message_of<UnsupportedError>([&] { load(); })
                  .starts_with(config_name() + ": activation_function 'torch.nn.modules.activation.Threshold' is not "
                                               "supported by this version; supported: Tanh, Identity, GELU, ReLU"));
  write(R"("module_input_name": "token_embeddings", "module_output_name": "sentence_embedding")", weights());
  EXPECT_EQ(
      message_of<UnsupportedError>([&] { load(); }),
      config_name() + ": a Dense from 'token_embeddings' to 'sentence_embedding' is not supported by this version");
  write(R"("module_input_name": "image_embeds")", weights());
  EXPECT_EQ(message_of<InvalidModelError>([&] { load()->forward(features, workspace); }),
            "Dense needs 'image_embeds', which no module before it in modules.json makes");
}

TEST_F(DenseTest, ScalarActivationsAndGlu) {
  write(R"("activation_function": "torch.nn.modules.activation.Hardtanh")", weights());
  EXPECT_EQ(forward(*load(), 2, kInput), (std::vector<float>{1, -1, 1}));
  write_config(R"({"in_features": 2, "out_features": 2, "activation_function": "torch.nn.modules.activation.GLU",
                   "bias": false})");
  write_weights(test::SafetensorsWriter().add("linear.weight", {2, 2}, {1, 0, 0, 0}));
  EXPECT_EQ(forward(*load(), 2, kInput), (std::vector<float>{0.5f})) << "half as many dimensions";
  write_config(R"({"in_features": 2, "out_features": 2, "activation_function": "torch.nn.modules.activation.GLU",
                   "bias": false, "use_residual": true})");
  EXPECT_NE(message_of<InvalidModelError>([&] {
              forward(*load(), 2, kInput);
            }).find("use_residual adds 2 dimensions to the activation's 1"),
            std::string::npos);
}

TEST_F(DenseTest, MayWriteUnderANameOfItsOwn) {
  write(kIdentity + R"(, "module_output_name": "projected")", weights());
  forward(*load(), 2, kInput);
  EXPECT_EQ(values_of(features.sentence_embedding), kInput) << "unchanged";
  const FeatureMatrix* projected = find_feature(features, "projected");
  ASSERT_NE(projected, nullptr);
  EXPECT_EQ(values_of(*projected), (std::vector<float>{1, -2, 4}));
  features.clear_outputs();
  EXPECT_EQ(find_feature(features, "projected"), nullptr) << "it belonged to another batch";
}

TEST_F(DenseTest, TokensDoNotBecomeSentencesByAnotherName) {
  write(kIdentity + R"(, "module_input_name": "token_embeddings", "module_output_name": "x")", weights());
  set(features.token_embeddings, 2, {1, 2});
  load()->forward(features, workspace);
  write_config(R"({"in_features": 3, "out_features": 3, "module_input_name": "x",
                   "module_output_name": "sentence_embedding"})");
  write_weights(
      test::SafetensorsWriter().add("linear.weight", {3, 3}, std::vector<float>(9)).add("linear.bias", {3}, {0, 0, 0}));
  EXPECT_EQ(message_of<UnsupportedError>([&] { load()->forward(features, workspace); }),
            "modules.json: a Dense from 'x' to 'sentence_embedding' is not supported by this version");
}

TEST_F(DenseTest, UnknownFieldsAreIgnoredWithAWarning) {
  write(kIdentity + R"(, "pylate_option": 1)", weights());
  const test::LogCapture log;
  load();
  ASSERT_EQ(log.warnings().size(), 1u);
  EXPECT_NE(log.warnings()[0].find("ignoring the unknown field 'pylate_option'"), std::string::npos);
}

TEST_F(DenseTest, NamesWhatIsBroken) {
  write(kIdentity, test::SafetensorsWriter().add("linear.weight", {3, 2}, kWeight));
  EXPECT_NE(message_of<InvalidModelError>([&] { load(); }).find("'linear.bias'"), std::string::npos);
  write(kIdentity, test::SafetensorsWriter().add("linear.weight", {2, 3}, kWeight).add("linear.bias", {3}, kBias));
  EXPECT_NE(
      message_of<InvalidModelError>([&] { load(); }).find("tensor 'linear.weight' has shape [2, 3], expected [3, 2]"),
      std::string::npos);
  write(kIdentity + R"(, "use_residual": true)", weights());
  EXPECT_NE(message_of<InvalidModelError>([&] { load(); }).find("'residual.weight'"), std::string::npos);
  write_config(R"({"in_features": 0, "out_features": 3})");
  EXPECT_EQ(message_of<InvalidModelError>([&] { load(); }),
            config_name() + ": field 'in_features' is 0, expected 1 to 16777216");

  write(kIdentity, weights());
  set(features.sentence_embedding, 3, {1, 2, 3});
  EXPECT_EQ(message_of<InvalidModelError>([&] { load()->forward(features, workspace); }),
            config_name() + ": Dense expects 2 dimensions, the module before it gives 3");
}

}  // namespace
}  // namespace sbert::modules
