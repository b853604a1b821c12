#include "nn/encoder.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include <sbert/error.h>

#include "nn/naive_encoder.h"
#include "nn/random_encoder.h"
#include "support/errors.h"
#include "support/floats.h"

// The forward pass against the naive one in double, and the promise that a text's bits do not depend on its company.
namespace sbert::nn {
namespace {

using test::EncoderSizes;
using test::message_of;
using test::pack;
using test::random_text;
using test::RandomEncoder;
using test::TokenizedInput;

// What the project promises of fp32 vectors; layer norms keep the states near 1.
constexpr double kTolerance = 1e-5;

std::vector<float> forward(const Encoder& encoder, const PackedBatch& batch, Workspace& workspace) {
  std::vector<float> hidden(batch.num_tokens() * static_cast<size_t>(encoder.spec().hidden_size));
  encoder.forward(batch, workspace, hidden.data());
  return hidden;
}

std::vector<float> forward(const Encoder& encoder, const PackedBatch& batch) {
  Workspace workspace;
  return forward(encoder, batch, workspace);
}

TEST(EncoderTest, EveryLengthIsTheNaiveResult) {
  const RandomEncoder random(EncoderSizes{}, 1);
  const Encoder encoder(random.spec, random.tensors);
  Workspace workspace;  // kept, as the library keeps it
  for (size_t length = 1; length <= 70; ++length) {
    const TokenizedInput text = random_text(random.spec, length, static_cast<uint32_t>(length));
    ASSERT_TRUE(test::all_close(forward(encoder, pack({text}), workspace), test::naive_forward(random, text).last(),
                                kTolerance))
        << length << " tokens";
  }
}

TEST(EncoderTest, EverySpecIsTheNaiveResult) {
  const std::vector<EncoderSizes> all = {
      {.heads = 1, .head_size = 1},
      {.heads = 1, .head_size = 5, .intermediate_size = 1, .layers = 1},
      {.heads = 3, .head_size = 5, .intermediate_size = 17},
      {.heads = 2, .head_size = 16, .intermediate_size = 64, .activation = Activation::kRelu},
      {.heads = 7, .head_size = 7, .intermediate_size = 97, .activation = Activation::kGeluTanh},
      {.heads = 1, .head_size = 64, .intermediate_size = 48, .activation = Activation::kSilu},
      {.heads = 2, .head_size = 25, .intermediate_size = 49, .bias = false},
      {.layers = 0},
      {.layers = 5},
  };
  for (size_t i = 0; i < all.size(); ++i) {
    const auto seed = static_cast<uint32_t>(100 * i);
    const RandomEncoder random(all[i], seed);
    const Encoder encoder(random.spec, random.tensors);
    for (const size_t length : {1, 9, 50}) {
      const TokenizedInput text = random_text(random.spec, length, seed);
      EXPECT_TRUE(test::all_close(forward(encoder, pack({text})), test::naive_forward(random, text).last(), kTolerance))
          << "spec " << i << ", " << length << " tokens";
    }
  }
}

TEST(EncoderTest, TextsTogetherAreTheNaiveResultsOfEach) {
  const RandomEncoder random(EncoderSizes{}, 2);
  const Encoder encoder(random.spec, random.tensors);
  std::vector<TokenizedInput> texts;
  std::vector<double> want;
  for (const size_t length : {3, 1, 49, 0, 70, 8, 0, 48, 2}) {
    texts.push_back(random_text(random.spec, length, static_cast<uint32_t>(texts.size())));
    const std::vector<double> alone = test::naive_forward(random, texts.back()).last();
    want.insert(want.end(), alone.begin(), alone.end());
  }
  EXPECT_TRUE(test::all_close(forward(encoder, pack(texts)), want, kTolerance));
}

TEST(EncoderTest, BitsOfATextDoNotDependOnItsCompany) {
  const RandomEncoder random({.heads = 3, .head_size = 8}, 3);
  const Encoder encoder(random.spec, random.tensors);
  const size_t h = static_cast<size_t>(random.spec.hidden_size);
  std::vector<TokenizedInput> texts;
  std::vector<std::vector<float>> alone;
  for (const size_t length : {1, 2, 5, 7, 8, 9, 13, 31, 47, 48, 49, 64, 70, 80}) {
    texts.push_back(random_text(random.spec, length, static_cast<uint32_t>(length)));
    alone.push_back(forward(encoder, pack({texts.back()})));
  }
  Workspace workspace;
  std::mt19937 engine(4);
  for (int round = 0; round < 40; ++round) {
    std::vector<size_t> order(1 + engine() % texts.size());
    for (size_t& number : order) number = engine() % texts.size();
    std::vector<TokenizedInput> chosen;
    for (const size_t number : order) chosen.push_back(texts[number]);
    const PackedBatch batch = pack(chosen);
    const std::vector<float> together = forward(encoder, batch, workspace);
    for (size_t i = 0; i < order.size(); ++i) {
      const auto rows = std::span(together).subspan(batch.offsets[i] * h, batch.length(i) * h);
      ASSERT_TRUE(test::same_bits(rows, alone[order[i]]))
          << "round " << round << ", text " << i << " of " << batch.length(i) << " tokens";
    }
  }
}

TEST(EncoderTest, ALongTextIsTheNaiveResult) {
  const RandomEncoder random({.heads = 2, .head_size = 4, .intermediate_size = 8, .layers = 1, .max_positions = 700},
                             5);
  const Encoder encoder(random.spec, random.tensors);
  const TokenizedInput text = random_text(random.spec, 700, 6);
  EXPECT_TRUE(test::all_close(forward(encoder, pack({text})), test::naive_forward(random, text).last(), kTolerance));
}

TEST(EncoderTest, NoTextsOrOnlyEmptyOnesAreNothing) {
  const RandomEncoder random(EncoderSizes{}, 1);
  const Encoder encoder(random.spec, random.tensors);
  EXPECT_TRUE(forward(encoder, {}).empty());
  EXPECT_TRUE(forward(encoder, pack({{}, {}})).empty());
}

TEST(EncoderTest, TellsOfEveryLargeTensorThatItCopied) {
  const RandomEncoder random({.layers = 2}, 1);
  std::vector<std::string> names;
  const Encoder encoder(random.spec, random.tensors, [&](const TensorView& tensor) { names.push_back(tensor.name); });
  EXPECT_EQ(names.size(), 12u);
  EXPECT_EQ(std::count(names.begin(), names.end(), "layer.1.mlp_down.weight"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "word_embeddings"), 0) << "these are read where they are";
}

TEST(EncoderTest, NamesTheTensorOfAWrongShape) {
  RandomEncoder random({.layers = 1}, 1);
  for (TensorView* tensor : random.all()) {
    const std::vector<int64_t> shape = tensor->shape;
    std::vector<std::vector<int64_t>> wrong = {{}, {shape[0] + 1}, {1, shape[0]}, {shape[0], shape.back(), 1}};
    if (shape.size() == 2 && shape[0] != shape[1]) wrong.push_back({shape[1], shape[0]});
    for (const std::vector<int64_t>& other : wrong) {
      tensor->shape = other;
      const std::string message = message_of<InvalidModelError>([&] { Encoder(random.spec, random.tensors); });
      EXPECT_EQ(message, "'test.safetensors': tensor '" + tensor->name + "' has shape " +
                             formats::shape_to_string(other) + ", expected " + formats::shape_to_string(shape) +
                             " from the configuration");
    }
    tensor->shape = shape;
    tensor->dtype = formats::DType::kI32;
    EXPECT_EQ(message_of<InvalidModelError>([&] { Encoder(random.spec, random.tensors); }),
              "'test.safetensors': tensor '" + tensor->name + "' is I32; weights must be F64, F32, F16 or BF16");
    tensor->dtype = formats::DType::kF32;
  }
  Encoder(random.spec, random.tensors);  // all is well again
}

TEST(EncoderTest, RefusesIdsThatTheTablesLack) {
  const RandomEncoder random(EncoderSizes{}, 1);
  const Encoder encoder(random.spec, random.tensors);
  auto error_of = [&](std::vector<int32_t> ids, std::vector<int32_t> types) {
    return message_of<InvalidModelError>([&] { forward(encoder, pack({{{1, 2}, {0, 1}}, {ids, types}})); });
  };
  EXPECT_EQ(error_of({50}, {0}),
            "the tokenizer gives token id 50, but the model in 'test.safetensors' has 50: tokenizer and weights do not "
            "belong together");
  EXPECT_NE(error_of({-1}, {0}).find("token id -1"), std::string::npos);
  EXPECT_NE(error_of({3, INT32_MAX}, {0, 0}).find("token id 2147483647"), std::string::npos);
  EXPECT_NE(error_of({3}, {2}).find("token type id 2, but the model in 'test.safetensors' has 2"), std::string::npos);
  EXPECT_NE(error_of({3}, {-1}).find("token type id -1"), std::string::npos);
  EXPECT_NO_THROW(forward(encoder, pack({{{49, 0}, {1, 0}}})));
}

TEST(EncoderTest, RefusesATextLongerThanThePositions) {
  const RandomEncoder random(EncoderSizes{}, 1);
  const Encoder encoder(random.spec, random.tensors);
  EXPECT_NO_THROW(forward(encoder, pack({random_text(random.spec, 80, 1)})));
  EXPECT_EQ(message_of<InvalidArgumentError>([&] {
              forward(encoder, pack({random_text(random.spec, 3, 1), random_text(random.spec, 81, 1)}));
            }),
            "a text of 81 tokens is longer than the 80 positions of the model: set max_seq_length to at most that");
}

}  // namespace
}  // namespace sbert::nn
