#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

const Tokenizer& small() {
  static const Tokenizer tokenizer = load_json(small_tokenizer_json());
  return tokenizer;
}

TEST(TokenizerEncode, LongestPiecesFirstBetweenSpecialTokens) {
  EXPECT_THAT(tokens(small(), "unaffable running, b!"),
              ElementsAre("[CLS]", "un", "##aff", "##able", "run", "##ning", ",", "b", "!", "[SEP]"));
  EXPECT_THAT(tokens(small(), "unx"), ElementsAre("[CLS]", "[UNK]", "[SEP]"));
  EXPECT_THAT(tokens(small(), ""), ElementsAre("[CLS]", "[SEP]"));
  EXPECT_THAT(words(small(), "ab abb bb"), ElementsAre("a", "##b", "a", "##b", "##b", "b", "##b"));
}

TEST(TokenizerEncode, SegmentIdsOfAPair) {
  Encoding encoding;
  small().encode_pair("the a", "b", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(2, 8, 9, 3, 10, 3));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(0, 0, 0, 0, 1, 1));
  EXPECT_EQ(encoding.truncated, 0u);
}

TEST(TokenizerEncode, TruncatesTheTextAndKeepsTheSpecialTokens) {
  Encoding encoding;
  small().encode("a b a b a", {.max_length = 5}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(2, 9, 10, 9, 3));
  EXPECT_EQ(encoding.truncated, 2u);
  small().encode("a b a", {.max_length = 2}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(2, 3));
  EXPECT_EQ(encoding.truncated, 3u);
  EXPECT_THAT(message_of<InvalidArgumentError>([&] { small().encode("a", {.max_length = 1}, encoding); }),
              HasSubstr("max_length 1 leaves no room for the 2 special tokens"));
}

// The rule of `tokenizers`, as measured: (first, second, room) -> what is kept of each.
TEST(TokenizerEncode, PairsAreCutLongestFirst) {
  struct Case {
    size_t first, second, max_length, kept_first, kept_second;
  };
  for (const Case& c : {Case{20, 1, 10, 6, 1}, Case{1, 20, 10, 1, 6}, Case{20, 20, 10, 3, 4}, Case{5, 20, 10, 3, 4},
                        Case{20, 3, 10, 4, 3}, Case{7, 4, 10, 4, 3}, Case{4, 4, 10, 3, 4}, Case{9, 9, 3, 0, 0},
                        Case{9, 9, 4, 0, 1}, Case{120, 72, 48, 23, 22}, Case{72, 120, 48, 22, 23}}) {
    std::string first, second;
    for (size_t i = 0; i < c.first; ++i) first += "a ";
    for (size_t i = 0; i < c.second; ++i) second += "b ";
    Encoding encoding;
    small().encode_pair(first, second, {.max_length = c.max_length}, encoding);
    EXPECT_EQ(std::ranges::count(encoding.input_ids, 9), c.kept_first) << c.first << ", " << c.second;
    EXPECT_EQ(std::ranges::count(encoding.input_ids, 10), c.kept_second) << c.first << ", " << c.second;
    EXPECT_EQ(encoding.truncated, c.first + c.second - c.kept_first - c.kept_second);
  }
}

TEST(TokenizerEncode, CutsFromTheLeftWhereTheFileSaysSo) {
  auto document = small_tokenizer_json();
  document["truncation"] = {{"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 9}, {"direction", "Left"}};
  const Tokenizer tokenizer = load_json(document);
  EXPECT_EQ(tokenizer.stored_max_length(), 4u);
  EXPECT_THAT(tokens(tokenizer, "a b the", {.max_length = 4}), ElementsAre("[CLS]", "b", "the", "[SEP]"));
  EXPECT_EQ(tokens(tokenizer, "a b the").size(), 5u) << "the stored limit is not the caller's";
}

TEST(TokenizerEncode, IllFormedUtf8IsReadAsReplacementCharacters) {
  for (const std::string_view text : {"a\xC0\x80 b", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF\xFE", "a\xE4\xB8"}) {
    EXPECT_NO_THROW(tokens(small(), text));
  }
  EXPECT_THAT(words(small(), "a\xFF b"), ElementsAre("a", "b")) << "U+FFFD is dropped by clean_text";
  EXPECT_THAT(words(small(), std::string_view("a\0b", 3)), ElementsAre("a", "##b"));
}

TEST(TokenizerEncode, OneObjectServesManyThreads) {
  const auto expected = tokens(small(), "unaffable running, the cafe!");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) wrong += tokens(small(), "unaffable running, the cafe!") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(TokenizerEncode, WordsBeyondTheLimitOfCharactersAreUnknown) {
  std::string word = "a";
  for (int i = 1; i < 100; ++i) word += "b";
  EXPECT_EQ(words(small(), word).size(), 100u);
  EXPECT_THAT(words(small(), word + "b"), ElementsAre("[UNK]"));
}

}  // namespace
}  // namespace sbert::tokenizer
