#include "tokenizer/unigram.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/serde_number.h"
#include "tokenizer/small_tokenizer.h"

// Expectations come from tokenizers 0.23.3.
namespace sbert::tokenizer {
namespace {

using nlohmann::json;
using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// A vocabulary; nlohmann would make an object of {{"a", 0.0}}.
json pieces(const std::vector<std::pair<std::string, double>>& scores) {
  json array = json::array();
  for (const auto& [piece, score] : scores) array.push_back(json::array({piece, score}));
  return array;
}

json unigram(const json& vocab, const json& options = {{"unk_id", 0}}) {
  json model = {{"type", "Unigram"}, {"vocab", vocab}};
  model.update(options);
  return {{"model", model}};
}

std::vector<int32_t> ids_of(const Tokenizer& tokenizer, std::string_view text) {
  Encoding encoding;
  tokenizer.encode(text, {}, encoding);
  return encoding.input_ids;
}

const json kVocab = pieces({{"<unk>", 0.0},
                            {"a", 0.0},
                            {"b", 0.0},
                            {"c", 0.0},
                            {"d", 0.0},
                            {"cd", 1.0},
                            {"ab", 2.0},
                            {"abc", 5.0},
                            {"abcd", 10.0}});

TEST(Unigram, TheLargestSumWins) {
  const Tokenizer tokenizer = load_json(unigram(kVocab));
  EXPECT_EQ(tokenizer.model_type(), "Unigram");
  EXPECT_THAT(words(tokenizer, "abcd"), ElementsAre("abcd"));
  EXPECT_THAT(words(tokenizer, "abcacd"), ElementsAre("abc", "a", "cd"));
  EXPECT_THAT(words(tokenizer, "abab"), ElementsAre("ab", "ab"));
}

TEST(Unigram, AnEntryIsNotAlwaysOneToken) {
  const Tokenizer tokenizer = load_json(unigram(pieces({{"<unk>", 0.0}, {"a", -1.0}, {"b", -1.0}, {"ab", -2.5}})));
  EXPECT_THAT(words(tokenizer, "ab"), ElementsAre("a", "b"));
  EXPECT_THAT(words(tokenizer, "ab"), ElementsAre("a", "b"));
}

TEST(Unigram, OfEqualSumsTheOneMetFirstStays) {
  // "ab"+"c" and "a"+"bc": both end at 3, and the longer last piece starts earlier.
  EXPECT_THAT(
      words(load_json(unigram(pieces({{"<unk>", -9.0}, {"a", -1.0}, {"ab", -1.0}, {"bc", -1.0}, {"c", -1.0}}))), "abc"),
      ElementsAre("a", "bc"));
  EXPECT_THAT(words(load_json(unigram(pieces({{"<unk>", -9.0}, {"a", -1.0}, {"b", -1.0}, {"ab", -2.0}}))), "ab"),
              ElementsAre("ab"));
}

TEST(Unigram, NeighbouringUnknownCharactersAreOneToken) {
  const Tokenizer tokenizer = load_json(unigram(kVocab));
  EXPECT_THAT(words(tokenizer, "xyabz\xE4\xB8\xAD"), ElementsAre("<unk>", "ab", "<unk>"));
  EXPECT_THAT(words(tokenizer, "<unk>"), ElementsAre("<unk>"));
  EXPECT_THAT(words(tokenizer, "x<unk>yab"), ElementsAre("<unk>", "ab"));
}

TEST(Unigram, UnknownCharactersThatTogetherAreAPiece) {
  // With scores above 0 two unknown characters (lowest score less 10, each) may be worth more than a piece of both.
  EXPECT_EQ(ids_of(load_json(unigram(pieces({{"<unk>", 90.0}, {"a", 50.0}, {"xy", 60.0}}))), "axy"),
            (std::vector<int32_t>{1, 2}));
}

TEST(Unigram, WithoutAnUnknownTokenOnlyTextsThatNeedItFail) {
  const Tokenizer tokenizer = load_json(unigram(kVocab, {{"unk_id", nullptr}}));
  EXPECT_THAT(words(tokenizer, "abcd"), ElementsAre("abcd"));
  EXPECT_THAT(message_of<InvalidModelError>([&] { words(tokenizer, "abx"); }),
              HasSubstr("the text 'abx' needs the unknown token, and model.unk_id is not set"));
}

TEST(Unigram, ByteFallback) {
  json vocab = kVocab;
  for (const char* token : {"<0xC3>", "<0xA9>", "<0x78>", "<0xc4>", "<0x-1>", "<0xZZ>"})
    vocab.push_back(json::array({token, -5.0}));
  const Tokenizer tokenizer = load_json(unigram(vocab, {{"unk_id", 0}, {"byte_fallback", true}}));
  EXPECT_THAT(words(tokenizer, "ab\xC3\xA9x"), ElementsAre("ab", "<0xC3>", "<0xA9>", "<0x78>"));
  EXPECT_THAT(words(tokenizer, "\xC3\xA9zx"), ElementsAre("<unk>"));  // all of a run or none
}

TEST(Unigram, OddVocabularies) {
  // Of equal pieces the last counts, score and all; the empty one is never met.
  const Tokenizer tokenizer =
      load_json(unigram(pieces({{"<unk>", 0.0}, {"a", -1.0}, {"a", -3.0}, {"", 5.0}, {"aa", -5.0}})));
  EXPECT_EQ(ids_of(tokenizer, "aa"), (std::vector<int32_t>{4}));
  EXPECT_EQ(ids_of(tokenizer, "a"), (std::vector<int32_t>{2}));
  EXPECT_EQ(tokenizer.id_to_token(1), "a");
  EXPECT_EQ(tokenizer.vocab_size(), 5u);
  EXPECT_EQ(tokenizer.token_to_id("a"), 2);
  EXPECT_EQ(tokenizer.id_to_token(5), "");
  const Tokenizer empty = load_json(unigram(json::array(), {{"unk_id", nullptr}}));
  EXPECT_THAT(message_of<InvalidModelError>([&] { words(empty, "a"); }), HasSubstr("model.unk_id"));
}

TEST(Unigram, FilesThatCannotBeAreErrors) {
  const auto error_of = [](const json& document) {
    return message_of<InvalidModelError>([&] { load_json(document); });
  };
  EXPECT_THAT(error_of(unigram(kVocab, {{"unk_id", 9}})),
              HasSubstr("field 'model.unk_id' is 9, but model.vocab has 9 pieces"));
  EXPECT_THAT(error_of(unigram(json::array())), HasSubstr("model.vocab has 0 pieces"));
  EXPECT_THAT(error_of(unigram(json::array({json::array({"<unk>", 0.0}), json::array({"a", "x"})}))),
              HasSubstr("model.vocab[1] must be a pair of a string and a number"));
  EXPECT_THAT(error_of(unigram(json::array({json::array({"<unk>", 0.0, 1})}))),
              HasSubstr("model.vocab[0] must be a pair"));
  EXPECT_THAT(error_of(unigram(pieces({{"a", 1}, {"b", 2}}), {{"unk_id", -1}})),
              HasSubstr("field 'model.unk_id' is -1"));
  EXPECT_THAT(error_of(unigram(json::object())), HasSubstr("field 'model.vocab' must be an array, found an object"));
  EXPECT_THAT(message_of<UnsupportedError>([] {
                load_json(unigram(pieces({{"<unk>", 0.0}, {std::string(1000, 'x'), 0.0}})));
              }),
              HasSubstr("of 1000 bytes is not supported"));
}

TEST(Unigram, ShortAndLongWordsGoTheSameWay) {
  const Tokenizer tokenizer = load_json(unigram(kVocab));
  std::string text;
  std::vector<int32_t> expected;
  for (int i = 0; i < 200; ++i) {
    text += "abcacdx";
    expected.insert(expected.end(), {7, 1, 5, 0});
    EXPECT_EQ(ids_of(tokenizer, text), expected);
  }
}

// What `json.loads(Tokenizer.from_str(...).to_str())` has where the file has the number on the left.
TEST(SerdeNumber, IsReadInTwoRoundings) {
  EXPECT_EQ(as_serde_reads(-18.359100861754378), -18.359100861754374);
  EXPECT_EQ(as_serde_reads(-10.119075514208307), -10.119075514208308);
  EXPECT_EQ(as_serde_reads(-9.471757751702903), -9.471757751702905);
  EXPECT_EQ(as_serde_reads(-3.5948755741119385), -3.5948755741119385);
  EXPECT_EQ(as_serde_reads(0.0), 0.0);
  EXPECT_TRUE(std::signbit(as_serde_reads(-0.0)));
  EXPECT_EQ(as_serde_reads(-12.0), -12.0);
  EXPECT_EQ(as_serde_reads(1.7976931348623157e308), 1.7976931348623157e308);
  EXPECT_EQ(as_serde_reads(1e-310), 1e-310);
  EXPECT_EQ(as_serde_reads(5e-324), 5e-324);
}

}  // namespace
}  // namespace sbert::tokenizer
