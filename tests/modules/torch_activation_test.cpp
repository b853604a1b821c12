#include "modules/torch_activation.h"

#include <cmath>

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "support/errors.h"
#include "support/floats.h"

namespace sbert::modules {
namespace {

using test::message_of;

class TorchActivationTest : public ModuleFixture {
 protected:
  TorchActivationTest() { write_weights(test::SafetensorsWriter().add("activation_function.weight", {1}, {0.25f})); }
  TorchActivation make(const std::string& path) const {
    return TorchActivation(path, "config.json", formats::TensorStore::open(folder.path()));
  }
  std::vector<float> apply(const std::string& name, const std::vector<float>& x, bool per_token = false) {
    set(features.sentence_embedding, x.size(), x);
    make("torch.nn.modules.activation." + name).apply(features.sentence_embedding, per_token);
    return values_of(features.sentence_embedding);
  }
};

// torch 2.13 in float64, printed with nine digits.
TEST_F(TorchActivationTest, ElementWise) {
  const std::vector<float> x = {-25, -3.5f, -1, -0.5f, -0.25f, 0, 0.25f, 0.5f, 1, 3.5f, 25};
  const std::vector<std::pair<std::string, std::vector<double>>> cases = {
      {"ELU", {-1, -0.969802617, -0.632120559, -0.39346934, -0.221199217, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"CELU", {-1, -0.969802617, -0.632120559, -0.39346934, -0.221199217, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"SELU",
       {-1.75809934, -1.70500934, -1.11133074, -0.691758188, -0.388890197, 0, 0.262675247, 0.525350494, 1.05070099,
        3.67745346, 26.2675247}},
      {"LeakyReLU", {-0.25, -0.035, -0.01, -0.005, -0.0025, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"RReLU", {-5.72916667, -0.802083333, -0.229166667, -0.114583333, -0.0572916667, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"ReLU6", {0, 0, 0, 0, 0, 0, 0.25, 0.5, 1, 3.5, 6}},
      {"Hardtanh", {-1, -1, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1, 1}},
      {"Hardsigmoid", {0, 0, 0.333333333, 0.416666667, 0.458333333, 0.5, 0.541666667, 0.583333333, 0.666666667, 1, 1}},
      {"Hardswish",
       {-0, -0, -0.333333333, -0.208333333, -0.114583333, 0, 0.135416667, 0.291666667, 0.666666667, 3.5, 25}},
      {"Hardshrink", {-25, -3.5, -1, 0, 0, 0, 0, 0, 1, 3.5, 25}},
      {"Softshrink", {-24.5, -3, -0.5, 0, 0, 0, 0, 0, 0.5, 3, 24.5}},
      {"Tanhshrink",
       {-24, -2.5018221, -0.238405844, -0.0378828427, -0.0050813376, 0, 0.0050813376, 0.0378828427, 0.238405844,
        2.5018221, 24}},
      {"Softplus",
       {1.38879439e-11, 0.0297504183, 0.313261688, 0.474076984, 0.57593942, 0.693147181, 0.82593942, 0.974076984,
        1.31326169, 3.52975042, 25}},
      {"Softsign",
       {-0.961538462, -0.777777778, -0.5, -0.333333333, -0.2, 0, 0.2, 0.333333333, 0.5, 0.777777778, 0.961538462}},
      {"LogSigmoid",
       {-25, -3.52975042, -1.31326169, -0.974076984, -0.82593942, -0.693147181, -0.57593942, -0.474076984, -0.313261688,
        -0.0297504183, -1.38879439e-11}},
      {"Mish",
       {-3.47198597e-10, -0.104095754, -0.303401461, -0.220743775, -0.129926964, 0, 0.16957241, 0.375245211,
        0.865098388, 3.49399072, 25}},
      {"GELU",
       {-0, -0.000814201777, -0.158655254, -0.154268769, -0.100323419, 0, 0.149676581, 0.345731231, 0.841344746,
        3.4991858, 25}},
      {"ReLU", {0, 0, 0, 0, 0, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"SiLU",
       {-3.47198597e-10, -0.102592808, -0.268941421, -0.188770334, -0.109455875, 0, 0.140544125, 0.311229666,
        0.731058579, 3.39740719, 25}},
      {"Sigmoid",
       {1.38879439e-11, 0.0293122308, 0.268941421, 0.377540669, 0.437823499, 0.5, 0.562176501, 0.622459331, 0.731058579,
        0.970687769, 1}},
      {"Tanh",
       {-1, -0.998177898, -0.761594156, -0.462117157, -0.244918662, 0, 0.244918662, 0.462117157, 0.761594156,
        0.998177898, 1}},
      {"Identity", {-25, -3.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 3.5, 25}},
      {"Dropout", {-25, -3.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 3.5, 25}},
  };
  for (const auto& [name, expected] : cases) {
    EXPECT_TRUE(test::all_close(apply(name, x), expected, 2e-6)) << name;
    EXPECT_TRUE(test::all_close(apply(name, x, true), expected, 2e-6)) << name << " of tokens";
  }
}

TEST_F(TorchActivationTest, OfWholeRows) {
  const std::vector<std::pair<std::string, std::vector<double>>> cases = {
      {"Softmax", {0.00865168976, 0.0387741834, 0.173773834, 0.778800293}},
      {"Softmin", {0.778800293, 0.173773834, 0.0387741834, 0.00865168976}},
      {"LogSoftmax", {-4.75000063, -3.25000063, -1.75000063, -0.25000063}},
      {"GLU", {-0.880797078, 0.485343885}},
  };
  for (const auto& [name, expected] : cases) {
    EXPECT_TRUE(test::all_close(apply(name, {-1, 0.5f, 2, 3.5f}), expected, 1e-6)) << name;
  }
  set(features.sentence_embedding, 2, {1, 1, 5, 1000});
  make("torch.nn.Softmax").apply(features.sentence_embedding, false);
  EXPECT_EQ(values_of(features.sentence_embedding), (std::vector<float>{0.5f, 0.5f, 0, 1})) << "each row by itself";
}

TEST_F(TorchActivationTest, PReluReadsItsSlope) {
  EXPECT_EQ(apply("PReLU", {-2, 0, 3}), (std::vector<float>{-0.5f, 0, 3}));
  EXPECT_EQ(make("torch.nn.PReLU").num_parameters(), 1u);
  write_weights(test::SafetensorsWriter().add("x", {1}, {0}));
  EXPECT_NE(message_of<InvalidModelError>([&] { make("torch.nn.PReLU"); }).find("'activation_function.weight'"),
            std::string::npos);
}

TEST_F(TorchActivationTest, NanStaysNan) {
  for (const char* name : {"ReLU6", "Hardtanh", "Hardsigmoid", "Hardswish", "ELU", "Softplus", "Mish", "Softshrink",
                           "Hardshrink", "LogSigmoid", "Softmax", "PReLU", "LeakyReLU"}) {
    EXPECT_TRUE(std::isnan(apply(name, {test::kNan, 1})[0])) << name;
  }
}

TEST_F(TorchActivationTest, WhatHasAKernelNamesIt) {
  EXPECT_EQ(make("torch.nn.modules.activation.GELU").kernel(), kernels::Activation::kGelu);
  EXPECT_EQ(make("torch.nn.modules.linear.Identity").kernel(), kernels::Activation::kIdentity);
  EXPECT_EQ(make("torch.nn.modules.activation.Mish").kernel(), std::nullopt);
}

TEST_F(TorchActivationTest, RefusesWhatItCannotCompute) {
  for (const char* path : {"torch.nn.modules.activation.MultiheadAttention", "torch.nn.Threshold", "torch.tanh",
                           "torch.nn.functional.relu", "torch.", "torch.nn.modules.activation.Softmax2d"}) {
    const std::string message = message_of<UnsupportedError>([&] { make(path); });
    EXPECT_TRUE(message.starts_with("config.json: activation_function '" + std::string(path) +
                                    "' is not supported by this version; supported: Tanh, Identity, GELU"))
        << message;
  }
  EXPECT_NE(message_of<UnsupportedError>([&] {
              apply("Softmax", {1, 2}, true);
            }).find("of token embeddings"),
            std::string::npos);
  EXPECT_EQ(message_of<InvalidModelError>([&] {
              apply("GLU", {1, 2, 3});
            }),
            "config.json: GLU needs an even number of dimensions, found 3");
}

}  // namespace
}  // namespace sbert::modules
