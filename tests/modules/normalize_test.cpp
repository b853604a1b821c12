#include "modules/normalize.h"

#include <cmath>

#include <sbert/error.h>

#include "modules/dropout.h"
#include "modules/layer_norm.h"
#include "modules/module_fixture.h"
#include "support/errors.h"
#include "support/floats.h"

// The modules without or with few weights: Normalize, LayerNorm, Dropout.
namespace sbert::modules {
namespace {

using test::message_of;

class NormalizeTest : public ModuleFixture {};
class LayerNormTest : public ModuleFixture {};
class DropoutTest : public ModuleFixture {};

TEST_F(NormalizeTest, DividesByTheLengthAndLeavesZeroAlone) {
  const auto normalize = Normalize::load(source());  // version 2 writes no config.json
  EXPECT_TRUE(
      test::all_close(forward(*normalize, 2, {3, 4, 0, 0, -2, 0}), std::vector<float>{0.6f, 0.8f, 0, 0, -1, 0}, 1e-7));
  EXPECT_FALSE(normalize->embedding_dimension());
  EXPECT_EQ(normalize->description(),
            "Normalize({'module_input_name': 'sentence_embedding', 'module_output_name': 'sentence_embedding'})");
}

TEST_F(NormalizeTest, MayWorkOnTokenEmbeddings) {
  write_config(R"({"module_input_name": "token_embeddings"})");
  set(features.token_embeddings, 2, {3, 4, 0, 5});
  set(features.sentence_embedding, 2, {3, 4});
  Normalize::load(source())->forward(features, workspace);
  EXPECT_TRUE(test::all_close(values_of(features.token_embeddings), std::vector<float>{0.6f, 0.8f, 0, 1}, 1e-7));
  EXPECT_EQ(values_of(features.sentence_embedding), (std::vector<float>{3, 4}));
}

TEST_F(NormalizeTest, RefusesWhatItCannotDo) {
  write_config(R"({"module_input_name": "token_embeddings", "module_output_name": "sentence_embedding"})");
  EXPECT_NE(message_of<UnsupportedError>([&] {
              Normalize::load(source());
            }).find("a Normalize from 'token_embeddings' to 'sentence_embedding' is not supported"),
            std::string::npos);
}

TEST_F(NormalizeTest, WhatIsNotThereIsNotNormalized) {
  Normalize().forward(features, workspace);
  EXPECT_EQ(features.sentence_embedding.cols, 0u);
}

TEST_F(NormalizeTest, MayWriteUnderANameOfItsOwn) {
  write_config(R"({"module_input_name": "sentence_embedding", "module_output_name": "unit"})");
  EXPECT_EQ(forward(*Normalize::load(source()), 2, {3, 4}), (std::vector<float>{3, 4}));
  EXPECT_TRUE(test::all_close(values_of(*find_feature(features, "unit")), std::vector<float>{0.6f, 0.8f}, 1e-7));
}

TEST_F(LayerNormTest, NormalizesWithTorchsEps) {
  write_config(R"({"dimension": 2})");
  write_weights(test::SafetensorsWriter().add("norm.weight", {2}, {2, 3}).add("norm.bias", {2}, {10, 20}));
  const auto layer_norm = LayerNorm::load(source());
  const double y = 1 / std::sqrt(1 + 1e-5);  // of (1, 3): mean 2, variance 1
  EXPECT_TRUE(test::all_close(forward(*layer_norm, 2, {1, 3}), std::vector{10 - 2 * y, 20 + 3 * y}, 4e-6));
  EXPECT_EQ(layer_norm->embedding_dimension(), 2u);
  EXPECT_EQ(layer_norm->num_parameters(), 4u);
  set(features.sentence_embedding, 3, {1, 2, 3});
  EXPECT_EQ(message_of<InvalidModelError>([&] { layer_norm->forward(features, workspace); }),
            config_name() + ": LayerNorm expects 2 dimensions, the module before it gives 3");
}

TEST_F(LayerNormTest, NamesWhatIsBroken) {
  write_config(R"({"dimension": 3})");
  write_weights(test::SafetensorsWriter().add("norm.weight", {2}, {2, 3}).add("norm.bias", {2}, {10, 20}));
  EXPECT_NE(message_of<InvalidModelError>([&] {
              LayerNorm::load(source());
            }).find("tensor 'norm.weight' has shape [2], expected [3]"),
            std::string::npos);
}

TEST_F(DropoutTest, ChangesNothing) {
  write_config(R"({"dropout": 0.5})");
  const auto dropout = Dropout::load(source());
  EXPECT_EQ(forward(*dropout, 2, {1, 2}), (std::vector<float>{1, 2}));
  EXPECT_EQ(dropout->description(), "Dropout({'dropout': 0.5})");
}

}  // namespace
}  // namespace sbert::modules
