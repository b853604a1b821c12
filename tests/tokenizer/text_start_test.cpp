// Metaspace with prepend_scheme "first" asks what comes from the first character of the text, behind all normalizers
// and added tokens. The ids are those of `tokenizers` 0.23.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using testing::ElementsAre;

const std::string kSpace = "\xE2\x96\x81";  // U+2581

std::vector<std::string> pieces(const nlohmann::json& normalizer, std::string_view text) {
  auto document = small_tokenizer_json();
  document["normalizer"] = normalizer;
  document["pre_tokenizer"] = {{"type", "Metaspace"}, {"replacement", kSpace}, {"prepend_scheme", "first"}};
  document["added_tokens"].push_back(added_token(25, "k", {{"normalized", true}, {"special", false}}));
  nlohmann::json& vocab = document["model"]["vocab"];
  for (const std::string& word : {std::string("k"), std::string("g"), kSpace + "a", kSpace + "b", kSpace + "g"}) {
    const size_t id = vocab.size();
    vocab[word] = id;
  }
  return words(load_json(document), text);
}

TEST(TextStart, OnlyTheFirstWordHasAPrefix) {
  EXPECT_THAT(pieces(nullptr, "a b"), ElementsAre(kSpace + "a", kSpace + "b"));
  EXPECT_THAT(pieces(nullptr, "[MASK]a"), ElementsAre("[MASK]", "a"));
  EXPECT_THAT(pieces(nullptr, "a[MASK]b"), ElementsAre(kSpace + "a", "[MASK]", "b"));
}

TEST(TextStart, NormalizersThatDropTheFirstCharacter) {
  const nlohmann::json strip = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", false}};
  EXPECT_THAT(pieces(strip, " a"), ElementsAre("a"));
  EXPECT_THAT(pieces(strip, "a"), ElementsAre(kSpace + "a"));
  EXPECT_THAT(pieces({{"type", "Nmt"}},
                     "\x01"
                     "a"),
              ElementsAre("a"));
  EXPECT_THAT(pieces({{"type", "StripAccents"}},
                     "\xCC\x81"
                     "a"),
              ElementsAre("a"));
}

TEST(TextStart, ReplacementsStandAtTheLastByteOfWhatTheyReplace) {
  const auto replace = [](const std::string& what) -> nlohmann::json {
    return {{"type", "Replace"}, {"pattern", {{"String", what}}}, {"content", "a"}};
  };
  EXPECT_THAT(pieces(replace("x"), "x"), ElementsAre(kSpace + "a"));
  EXPECT_THAT(pieces(replace("xx"), "xx"), ElementsAre("a"));
}

TEST(TextStart, OneCharacterMayBecomeSeveralWords) {
  // U+338F becomes "kg"; behind the added token "k" the rest still comes from the first character.
  EXPECT_THAT(pieces({{"type", "NFKC"}}, "\xE3\x8E\x8F"), ElementsAre("k", kSpace + "g"));
  EXPECT_THAT(pieces({{"type", "NFKC"}}, "kg"), ElementsAre("k", "g"));
}

}  // namespace
}  // namespace sbert::tokenizer
