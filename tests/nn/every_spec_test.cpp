#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include <sbert/error.h>

#include "nn/encoder.h"
#include "nn/naive_encoder.h"
#include "nn/random_encoder.h"
#include "support/floats.h"

// Specs drawn by seed, which mix every feature of EncoderSpec: each against the naive encoder, and with the promise
// that a text's bits do not depend on its company.
namespace sbert::nn {
namespace {

using test::naive_forward;
using test::NaiveResult;
using test::pack;
using test::random_text;
using test::RandomEncoder;
using test::TokenizedInput;

constexpr uint32_t kSpecs = 400;

struct Result {
  std::vector<float> hidden, projection;
  std::vector<std::vector<float>> hidden_states;
};

Result forward(const Encoder& encoder, const PackedBatch& batch, Workspace& workspace) {
  Result result;
  result.hidden.resize(batch.num_tokens() * static_cast<size_t>(encoder.spec().hidden_size));
  encoder.forward(batch, workspace, result.hidden.data(), [&](size_t index, const float* hidden) {
    EXPECT_EQ(index, result.hidden_states.size());
    result.hidden_states.emplace_back(hidden, hidden + result.hidden.size());
  });
  if (const auto& projection = encoder.spec().text_projection) {
    result.projection.resize(batch.num_texts() * static_cast<size_t>(projection->projection_dim));
    encoder.project(batch, result.hidden.data(), workspace, result.projection.data());
  }
  return result;
}

// A spec may magnify errors (a norm of values that are nearly equal, squares): how much shows in what becomes of the
// result when every weight is wrong by one rounding.
std::vector<double> tolerances(const std::vector<double>& want, const std::vector<double>& nudged) {
  double largest = 1, change = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::abs(want[i]));
    change = std::max(change, std::abs(want[i] - nudged[i]));
  }
  return std::vector<double>(want.size(), 8 * change + 2e-6 * largest);
}

TEST(EverySpecTest, IsTheNaiveResultAfterEachLayer) {
  for (uint32_t seed = 0; seed < kSpecs; ++seed) {
    const RandomEncoder random(test::random_spec(seed), seed);
    RandomEncoder nudged_random(random.spec, seed);
    nudged_random.nudge(seed);
    const Encoder encoder(random.spec, random.tensors);
    Workspace workspace;
    for (const size_t length : {size_t{60}, size_t{1}, size_t{1 + seed % 50}}) {
      const TokenizedInput text = random_text(random.spec, length, seed);
      const NaiveResult want = naive_forward(random, text), nudged = naive_forward(nudged_random, text);
      const Result got = forward(encoder, pack({text}), workspace);
      ASSERT_EQ(got.hidden_states.size(), want.hidden_states.size()) << "seed " << seed;
      for (size_t i = 0; i < got.hidden_states.size(); ++i) {
        const std::vector<double>& state = want.hidden_states[i];
        ASSERT_TRUE(test::all_close(got.hidden_states[i], state, tolerances(state, nudged.hidden_states[i])))
            << "seed " << seed << ", " << length << " tokens, hidden state " << i;
      }
      EXPECT_TRUE(test::same_bits(got.hidden, got.hidden_states.back()));
      ASSERT_TRUE(test::all_close(got.projection, want.projection, tolerances(want.projection, nudged.projection)))
          << "seed " << seed;
    }
  }
}

TEST(EverySpecTest, BitsOfATextDoNotDependOnItsCompany) {
  for (uint32_t seed = 0; seed < kSpecs; ++seed) {
    const RandomEncoder random(test::random_spec(seed), seed);
    const Encoder encoder(random.spec, random.tensors);
    const auto h = static_cast<size_t>(random.spec.hidden_size);
    std::mt19937 engine(seed);
    std::vector<TokenizedInput> texts;
    for (uint32_t i = 0; i < 6; ++i) texts.push_back(random_text(random.spec, engine() % 70, seed + i));
    texts.push_back({});
    std::shuffle(texts.begin(), texts.end(), engine);
    Workspace workspace;
    const PackedBatch batch = pack(texts);
    const Result together = forward(encoder, batch, workspace);
    for (size_t i = 0; i < texts.size(); ++i) {
      Workspace own;
      const Result alone = forward(encoder, pack({texts[i]}), own);
      const auto rows = std::span(together.hidden).subspan(batch.offsets[i] * h, batch.length(i) * h);
      ASSERT_TRUE(test::same_bits(rows, alone.hidden)) << "seed " << seed << ", text " << i;
      const size_t dim = alone.projection.size();
      ASSERT_TRUE(test::same_bits(std::span(together.projection).subspan(i * dim, dim), alone.projection))
          << "seed " << seed << ", text " << i;
    }
  }
}

TEST(EverySpecTest, OneWorkspaceServesManyEncoders) {
  Workspace shared;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomEncoder random(test::random_spec(seed), seed);
    const Encoder encoder(random.spec, random.tensors);
    const PackedBatch batch = pack({random_text(random.spec, 20 + seed % 40, seed)});
    Workspace own;
    EXPECT_TRUE(test::same_bits(forward(encoder, batch, shared).hidden, forward(encoder, batch, own).hidden))
        << "seed " << seed;
  }
}

TEST(EverySpecTest, EveryTensorIsRead) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomEncoder random(test::random_spec(seed), seed);
    for (TensorView* tensor : random.all()) {
      const std::vector<int64_t> shape = tensor->shape;
      tensor->shape.push_back(2);
      EXPECT_THROW(Encoder(random.spec, random.tensors), InvalidModelError) << "seed " << seed << ", " << tensor->name;
      tensor->shape = shape;
    }
    EXPECT_NO_THROW(Encoder(random.spec, random.tensors));
  }
}

}  // namespace
}  // namespace sbert::nn
