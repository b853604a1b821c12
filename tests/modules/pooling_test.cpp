#include "modules/pooling.h"

#include <cmath>

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/random.h"

namespace sbert::modules {
namespace {

using test::message_of;

constexpr float kTiny = 1e-6f;

class PoolingTest : public ModuleFixture {
 protected:
  static Pooling parse(const std::string& json) { return Pooling(common::JsonObject::parse(json, "config.json")); }

  // Texts of these lengths; `tokens` [T, cols] are their embeddings.
  void set_texts(const std::vector<size_t>& lengths, size_t cols, const std::vector<float>& tokens) {
    features.batch.clear();
    for (const size_t length : lengths) {
      const std::vector<int32_t> ids(length, 0);
      features.batch.add_text(ids, ids);
    }
    set(features.token_embeddings, cols, tokens);
  }
  std::vector<float> pool(const Pooling& pooling) {
    pooling.forward(features, workspace);
    return values_of(features.sentence_embedding);
  }
  std::vector<float> pool(PoolingMode mode, bool include_prompt = true) {
    return pool(Pooling(features.token_embeddings.cols, {mode}, include_prompt));
  }
};

TEST_F(PoolingTest, ModesByHand) {
  set_texts({3, 1}, 2, {1, -2, 3, 4, 5, -6, /* the second text */ 7, 8});
  const float root = std::sqrt(3.0f);
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kCls), std::vector<float>{1, -2, 7, 8}, 0));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMax), std::vector<float>{5, 4, 7, 8}, 0));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMean), std::vector<float>{3, -4.0f / 3, 7, 8}, kTiny));
  EXPECT_TRUE(
      test::all_close(pool(PoolingMode::kMeanSqrtLenTokens), std::vector<float>{9 / root, -4 / root, 7, 8}, kTiny));
  // (1 x1 + 2 x2 + 3 x3) / 6
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kWeightedMean), std::vector<float>{22.0f / 6, -2, 7, 8}, kTiny));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kLastToken), std::vector<float>{5, -6, 7, 8}, 0));
}

TEST_F(PoolingTest, ModesAreConcatenatedInOrder) {
  set_texts({2}, 2, {1, -2, 3, 4});
  EXPECT_EQ(pool(Pooling(2, {PoolingMode::kLastToken, PoolingMode::kCls, PoolingMode::kMean}, true)),
            (std::vector<float>{3, 4, 1, -2, 2, 1}));
  EXPECT_EQ(Pooling(2, {PoolingMode::kCls, PoolingMode::kMax}, true).embedding_dimension(), 4u);
}

// With the first token left out: tokens keep their positions, and so their weights.
TEST_F(PoolingTest, AnExcludedPromptIsLeftOut) {
  set_texts({3}, 2, {100, 100, 3, 4, 5, -6});
  features.prompt_length = 1;
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kCls, false), std::vector<float>{3, 4}, 0));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMax, false), std::vector<float>{5, 4}, 0));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMean, false), std::vector<float>{4, -1}, kTiny));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMeanSqrtLenTokens, false),
                              std::vector<float>{8 / std::sqrt(2.0f), -2 / std::sqrt(2.0f)}, kTiny));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kWeightedMean, false), std::vector<float>{21.0f / 5, -2}, kTiny));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kLastToken, false), std::vector<float>{5, -6}, 0));
  EXPECT_TRUE(test::all_close(pool(PoolingMode::kMax, true), std::vector<float>{100, 100}, 0)) << "included";
}

// A prompt may have more tokens alone than the whole text has with it ("abc" + "d" = "abcd").
TEST_F(PoolingTest, APromptLongerThanTheTextLeavesNothing) {
  set_texts({2}, 2, {1, 2, 3, 4});
  for (const size_t length : {2, 3, 100}) {
    features.prompt_length = length;
    for (const PoolingMode mode :
         {PoolingMode::kMean, PoolingMode::kMeanSqrtLenTokens, PoolingMode::kWeightedMean, PoolingMode::kLastToken}) {
      EXPECT_EQ(pool(mode, false), (std::vector<float>{0, 0})) << pooling_mode_name(mode);
    }
    EXPECT_EQ(pool(PoolingMode::kCls, false), (std::vector<float>{1, 2}));
    EXPECT_NE(message_of<InvalidArgumentError>([&] { pool(PoolingMode::kMax, false); }).find("without tokens"),
              std::string::npos);
  }
}

TEST_F(PoolingTest, NanOfAnyTokenReachesTheVector) {
  for (const size_t place : {0, 1, 2}) {
    std::vector<float> tokens(3, 1.0f);
    tokens[place] = test::kNan;
    set_texts({3}, 1, tokens);
    for (const PoolingMode mode :
         {PoolingMode::kMax, PoolingMode::kMean, PoolingMode::kMeanSqrtLenTokens, PoolingMode::kWeightedMean}) {
      EXPECT_TRUE(std::isnan(pool(mode)[0])) << pooling_mode_name(mode) << ", NaN at " << place;
    }
  }
}

TEST_F(PoolingTest, BitsDoNotDependOnOtherTexts) {
  constexpr size_t kCols = 19;
  const std::vector<size_t> lengths = {5, 1, 12};
  const std::vector<float> tokens = test::random_floats(1, 18 * kCols);
  for (const PoolingMode mode : {PoolingMode::kCls, PoolingMode::kMax, PoolingMode::kMean, PoolingMode::kWeightedMean,
                                 PoolingMode::kMeanSqrtLenTokens, PoolingMode::kLastToken}) {
    set_texts(lengths, kCols, tokens);
    const std::vector<float> together = pool(mode);
    for (size_t i = 0, first = 0; i < lengths.size(); first += lengths[i++]) {
      const auto own = std::span(tokens).subspan(first * kCols, lengths[i] * kCols);
      set_texts({lengths[i]}, kCols, {own.begin(), own.end()});
      EXPECT_TRUE(test::same_bits(pool(mode), std::span(together).subspan(i * kCols, kCols)));
    }
  }
}

TEST_F(PoolingTest, ConfigOfVersion6) {
  const Pooling one = parse(R"({"embedding_dimension": 7, "pooling_mode": "lasttoken", "include_prompt": false})");
  EXPECT_EQ(one.modes(), std::vector{PoolingMode::kLastToken});
  EXPECT_FALSE(one.include_prompt());
  EXPECT_EQ(one.embedding_dimension(), 7u);
  EXPECT_EQ(parse(R"({"embedding_dimension": 7, "pooling_mode": ["max", "cls"]})").modes(),
            (std::vector{PoolingMode::kMax, PoolingMode::kCls}))
      << "in the order of the file";
  for (const PoolingMode mode : {PoolingMode::kCls, PoolingMode::kMax, PoolingMode::kMean, PoolingMode::kWeightedMean,
                                 PoolingMode::kMeanSqrtLenTokens, PoolingMode::kLastToken}) {
    EXPECT_EQ(
        parse(R"({"embedding_dimension": 7, "pooling_mode": ")" + std::string(pooling_mode_name(mode)) + "\"}").modes(),
        std::vector{mode});
  }
}

TEST_F(PoolingTest, FlagsOfOlderVersionsHaveAFixedOrder) {
  const Pooling pooling = parse(R"({"word_embedding_dimension": 3, "pooling_mode_lasttoken": true,
      "pooling_mode_weightedmean_tokens": true, "pooling_mode_mean_sqrt_len_tokens": true,
      "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true, "pooling_mode_cls_token": true})");
  EXPECT_EQ(pooling.modes(),
            (std::vector{PoolingMode::kCls, PoolingMode::kMax, PoolingMode::kMean, PoolingMode::kMeanSqrtLenTokens,
                         PoolingMode::kWeightedMean, PoolingMode::kLastToken}));
  EXPECT_TRUE(pooling.include_prompt());
  EXPECT_EQ(pooling.embedding_dimension(), 18u);
  EXPECT_EQ(parse(R"({"word_embedding_dimension": 3, "pooling_mode_mean_tokens": false})").modes(),
            std::vector{PoolingMode::kMean});
  EXPECT_EQ(parse(R"({"word_embedding_dimension": 3})").modes(), std::vector{PoolingMode::kMean});
  EXPECT_EQ(parse(R"({"word_embedding_dimension": 3, "pooling_mode": "max", "pooling_mode_cls_token": true})").modes(),
            std::vector{PoolingMode::kMax})
      << "pooling_mode wins";
}

TEST_F(PoolingTest, RefusesABrokenConfig) {
  EXPECT_EQ(
      message_of<UnsupportedError>([] { parse(R"({"embedding_dimension": 7, "pooling_mode": "median"})"); }),
      "config.json: pooling_mode 'median' is not known; known: cls, max, mean, mean_sqrt_len_tokens, weightedmean, "
      "lasttoken");
  for (const char* fields : {R"("pooling_mode": [])", R"("pooling_mode": 3)", R"("pooling_mode": [3])",
                             R"("pooling_mode_cls_token": 1)", R"("include_prompt": "yes")"}) {
    EXPECT_NE(message_of<InvalidModelError>([&] {
                parse("{\"embedding_dimension\": 7, " + std::string(fields) + "}");
              }).find("config.json: field "),
              std::string::npos)
        << fields;
  }
  for (const char* size : {"0", "-3", "1e9", "99999999999", "null"}) {
    const std::string message =
        message_of<InvalidModelError>([&] { parse("{\"word_embedding_dimension\": " + std::string(size) + "}"); });
    EXPECT_NE(message.find("field 'word_embedding_dimension'"), std::string::npos) << message;
  }
}

TEST_F(PoolingTest, RefusesFeaturesThatDoNotFit) {
  const Pooling pooling = parse(R"({"embedding_dimension": 3})");
  EXPECT_EQ(message_of<InvalidModelError>([&] { pooling.forward(features, workspace); }),
            "Pooling needs 'token_embeddings', which no module before it in modules.json makes");
  set_texts({1}, 2, {1, 2});
  EXPECT_EQ(message_of<InvalidModelError>([&] { pooling.forward(features, workspace); }),
            "config.json: Pooling expects token embeddings of 3 dimensions, the module before it gives 2");
}

TEST_F(PoolingTest, DescribesItselfAsTheReference) {
  EXPECT_EQ(Pooling(7, {PoolingMode::kMean}, true).description(),
            "Pooling({'embedding_dimension': 7, 'pooling_mode': 'mean', 'include_prompt': True})");
  EXPECT_EQ(Pooling(7, {PoolingMode::kCls, PoolingMode::kMax}, false).description(),
            "Pooling({'embedding_dimension': 7, 'pooling_mode': ('cls', 'max'), 'include_prompt': False})");
}

}  // namespace
}  // namespace sbert::modules
