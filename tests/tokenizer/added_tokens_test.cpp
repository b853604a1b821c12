#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using testing::ElementsAre;

Tokenizer with_token(const nlohmann::json& flags, const std::string& content = "<x>") {
  auto document = small_tokenizer_json();
  document["added_tokens"].push_back(added_token(25, content, flags));
  return load_json(document);
}

TEST(AddedTokens, AreFoundInsideTextAndNotNormalized) {
  const Tokenizer tokenizer = load_json(small_tokenizer_json());
  EXPECT_THAT(words(tokenizer, "the[MASK]a"), ElementsAre("the", "[MASK]", "a"));
  EXPECT_THAT(words(tokenizer, "[mask]"), ElementsAre("[UNK]", "[UNK]", "[UNK]"));
  EXPECT_TRUE(tokenizer.is_special(4));
  EXPECT_TRUE(tokenizer.is_special(3));
  EXPECT_FALSE(tokenizer.is_special(8));
}

TEST(AddedTokens, SingleWord) {
  const Tokenizer tokenizer = with_token({{"single_word", true}}, "un");
  EXPECT_THAT(words(tokenizer, "un unaffable"), ElementsAre("un", "un", "##aff", "##able"));
  const Tokenizer inside = with_token({{"single_word", false}}, "aff");
  EXPECT_THAT(words(inside, "unaffable"), ElementsAre("un", "aff", "[UNK]"));
  EXPECT_THAT(words(with_token({{"single_word", true}}, "aff"), "unaffable"), ElementsAre("un", "##aff", "##able"));
}

// The blanks that a token takes along cannot be seen in the tokens; a token of a blank shows them.
TEST(AddedTokens, StripTakesBlanksAlong) {
  auto document = small_tokenizer_json();
  document["pre_tokenizer"] = nullptr;
  document["normalizer"] = nullptr;
  auto with = [&](const nlohmann::json& flags) {
    auto changed = document;
    changed["added_tokens"].push_back(added_token(25, "<x>", flags));
    return load_json(changed);
  };
  EXPECT_THAT(words(with({}), "a <x> b"), ElementsAre("[UNK]", "<x>", "[UNK]"));
  EXPECT_THAT(words(with({{"lstrip", true}}), "a <x> b"), ElementsAre("a", "<x>", "[UNK]"));
  EXPECT_THAT(words(with({{"rstrip", true}}), "a <x> b"), ElementsAre("[UNK]", "<x>", "b"));
}

TEST(AddedTokens, NormalizedOnesAreFoundInTheNormalizedText) {
  EXPECT_THAT(words(with_token({{"normalized", true}, {"special", false}}, "QQ"), "a qq"), ElementsAre("a", "QQ"));
  EXPECT_THAT(words(with_token({{"normalized", false}, {"special", false}}, "QQ"), "a qq"), ElementsAre("a", "[UNK]"));
}

TEST(AddedTokens, TheLongestWinsAndNewOnesAreNumberedBehindTheVocabulary) {
  auto document = small_tokenizer_json();
  document["added_tokens"].push_back(added_token(25, "<x>"));
  document["added_tokens"].push_back(added_token(26, "<x><y>"));
  const Tokenizer tokenizer = load_json(document);
  EXPECT_THAT(words(tokenizer, "<x><y><x>"), ElementsAre("<x><y>", "<x>"));
  EXPECT_EQ(tokenizer.token_to_id("<x><y>"), 26);
  EXPECT_EQ(tokenizer.vocab_size(), 27u);
}

}  // namespace
}  // namespace sbert::tokenizer
