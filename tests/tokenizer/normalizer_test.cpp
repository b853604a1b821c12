#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using testing::ElementsAre;

Tokenizer with_normalizer(bool clean, bool chinese, nlohmann::json strip_accents, bool lowercase) {
  auto document = small_tokenizer_json();
  document["normalizer"] = {{"type", "BertNormalizer"},
                            {"clean_text", clean},
                            {"handle_chinese_chars", chinese},
                            {"strip_accents", strip_accents},
                            {"lowercase", lowercase}};
  return load_json(document);
}

TEST(BertNormalizer, LowercaseAndStripAccents) {
  const std::string text = "The CAF\xC3\x89";  // precomposed
  EXPECT_THAT(words(with_normalizer(true, true, nullptr, true), text), ElementsAre("the", "cafe"));
  EXPECT_THAT(words(with_normalizer(true, true, false, true), text), ElementsAre("the", "caf\xC3\xA9"));
  EXPECT_THAT(words(with_normalizer(true, true, nullptr, false), "The caf\xC3\xA9"), ElementsAre("The", "caf\xC3\xA9"));
  EXPECT_THAT(words(with_normalizer(true, true, true, false), "The caf\xC3\xA9"), ElementsAre("The", "cafe"));
}

TEST(BertNormalizer, CombiningMarksAreStrippedHoweverMany) {
  std::string text = "caf";
  text += "e";
  for (int i = 0; i < 1000; ++i) text += "\xCC\x81\xCC\xA3";
  EXPECT_THAT(words(with_normalizer(true, true, nullptr, true), text), ElementsAre("cafe"));
}

TEST(BertNormalizer, CleanTextDropsControlsAndMakesBlanks) {
  const std::string text =
      "a\x01\x7F\xE2\x80\x8B"
      "b\tb\xC2\xA0"
      "a";  // control, delete, zero-width space; tab, no-break space
  EXPECT_THAT(words(with_normalizer(true, true, nullptr, true), text), ElementsAre("a", "##b", "b", "a"));
  EXPECT_THAT(words(with_normalizer(false, true, nullptr, true), "a\x01"), ElementsAre("[UNK]"));
}

TEST(BertNormalizer, ChineseCharactersStandAlone) {
  EXPECT_THAT(words(with_normalizer(true, true, nullptr, true),
                    "a\xE4\xB8\xAD"
                    "b"),
              ElementsAre("a", "\xE4\xB8\xAD", "b"));
  EXPECT_THAT(words(with_normalizer(true, false, nullptr, true),
                    "a\xE4\xB8\xAD"
                    "b"),
              ElementsAre("[UNK]"));
}

TEST(LowercaseNormalizer, InFrontForDoLowerCase) {
  auto document = small_tokenizer_json();
  document["normalizer"]["lowercase"] = false;
  EXPECT_THAT(words(load_json(document), "THE"), ElementsAre("[UNK]"));
  EXPECT_THAT(words(load_json(document, {.do_lower_case = true}), "THE CAF\xC3\x89"),
              ElementsAre("the", "caf\xC3\xA9"));
  document["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "Lowercase"}}}}};
  EXPECT_THAT(words(load_json(document), "THE Caf\xC3\x89"), ElementsAre("the", "caf\xC3\xA9"));
}

TEST(BertPreTokenizer, PunctuationStandsAlone) {
  const Tokenizer tokenizer = load_json(small_tokenizer_json());
  EXPECT_THAT(words(tokenizer, "a,b.!a"), ElementsAre("a", ",", "b", ".", "!", "a"));
  EXPECT_THAT(words(tokenizer, "a$b"), ElementsAre("a", "[UNK]", "b")) << "every ASCII symbol counts";
  EXPECT_THAT(words(tokenizer,
                    "a\xE2\x80\x94"
                    "b"),
              ElementsAre("a", "[UNK]", "b"))
      << "em dash";
}

}  // namespace
}  // namespace sbert::tokenizer
