// Regular expressions that are none, and those that would never end.
#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "support/errors.h"
#include "tokenizer/regex_tables.h"
#include "tokenizer/regex_unicode.h"
#include "tokenizer/text_pattern.h"
#include "tokenizer/word_pattern.h"

namespace sbert::tokenizer {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class Matches final : public MatchSink {
 public:
  void match(size_t begin, size_t end) override { matches.emplace_back(begin, end); }
  std::vector<std::pair<size_t, size_t>> matches;
};

std::vector<std::pair<size_t, size_t>> matches_of(const std::string& pattern, std::string_view text) {
  Matches sink;
  make_regex_pattern(pattern, "'tokenizer.json'")->find(text, sink);
  return sink.matches;
}

TEST(Regex, MatchesAsTheIteratorOfTokenizers) {
  EXPECT_THAT(matches_of("a+", "baab"), ElementsAre(Pair(1, 3)));
  EXPECT_THAT(matches_of("x*", "ax"), ElementsAre(Pair(0, 0), Pair(1, 2)));  // none right behind the match
  EXPECT_THAT(matches_of("(?<=a)b|$", "abc"), ElementsAre(Pair(1, 2), Pair(3, 3)));
}

TEST(Regex, InvalidPatternsAreNamed) {
  for (const std::string pattern : {"(", "[a", "*", "\\p{Nothing}", "[[:nothing:]]", "(?<n>a)\\k<m>"}) {
    const std::string message = message_of<InvalidModelError>([&] { make_regex_pattern(pattern, "'f'"); });
    EXPECT_THAT(message, HasSubstr("'" + pattern + "'")) << pattern;
    EXPECT_THAT(message, HasSubstr("'f'"));
  }
  message_of<UnsupportedError>([] { make_regex_pattern(std::string(100'000, 'a'), "'f'"); });
  std::string properties;
  for (int i = 0; i < 3000; ++i) properties += R"(\b)";
  message_of<UnsupportedError>([&] { make_regex_pattern(properties, "'f'"); });
}

TEST(Regex, EvilPatternsAreErrorsAtOnce) {
  const std::string a28 = std::string(28, 'a') + "b";
  const std::string halves = std::string(100'000, 'a') + std::string(100'000, 'b');
  for (const auto& [pattern, text] : {std::pair<std::string, std::string>("(a+)+$", a28),
                                      {"(a|aa)+$", std::string(60, 'a') + "b"},
                                      {"(a+)+$", std::string(1 << 20, 'a') + "b"},
                                      {"(?<=a.*)b", halves}}) {
    const auto start = std::chrono::steady_clock::now();
    const std::string message = message_of<InvalidModelError>([&] { matches_of(pattern, text); });
    EXPECT_THAT(message, HasSubstr("'" + pattern + "' takes too long"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));  // about one; machines are busy
  }
}

TEST(Regex, AMegabyteOfOneCharacterIsFine) {
  for (const std::string pattern :
       {R"(\w+|[^\w\s]+)", R"(\s*[\r\n]+|\s+(?!\S)|\s+)", R"([\p{L}\p{M}]+|[\p{P}\p{S}]+)"}) {
    for (const char c : {'x', ' ', '\n', '.', '1'}) {
      EXPECT_NO_THROW(matches_of(pattern, std::string(1 << 20, c))) << pattern << " on " << static_cast<int>(c);
    }
  }
}

// FNV-1a over whether each code point matches.
uint64_t checksum_of(const std::string& pattern) {
  std::string text;
  std::vector<size_t> starts;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    starts.push_back(text.size());
    common::append_utf8(text, c);
  }
  std::vector<char> is_match(text.size(), 0);
  for (const auto& [begin, end] : matches_of("(?:" + pattern + ")+", text)) {
    std::fill(is_match.begin() + static_cast<ptrdiff_t>(begin), is_match.begin() + static_cast<ptrdiff_t>(end), 1);
  }
  uint64_t value = 0xCBF29CE484222325;
  for (const size_t start : starts) value = (value ^ static_cast<uint64_t>(is_match[start])) * 0x100000001B3;
  return value;
}

// A failure here with another Oniguruma means: run scripts/generate_regex_differences.py again.
TEST(RegexUnicode, EveryCodePointIsWhatTokenizersSees) {
  using namespace regex_unicode;
  EXPECT_EQ(checksum_of(R"(\p{L})"), kLChecksum);
  EXPECT_EQ(checksum_of(R"(\p{Uppercase_Letter})"), kLuChecksum);
  EXPECT_EQ(checksum_of(R"([\p{Ll}])"), kLlChecksum);
  EXPECT_EQ(checksum_of(R"(\p{Lt})"), kLtChecksum);
  EXPECT_EQ(checksum_of(R"([^\P{M}])"), kMChecksum);
  EXPECT_EQ(checksum_of(R"(\p{N})"), kNChecksum);
  EXPECT_EQ(checksum_of(R"(\p{P})"), kPChecksum);
  EXPECT_EQ(checksum_of(R"(\p{s})"), kSChecksum);
  EXPECT_EQ(checksum_of(R"(\w)"), kWordChecksum);
  EXPECT_EQ(checksum_of(R"([[:alpha:]])"), kAlphaChecksum);
  EXPECT_EQ(checksum_of(R"([^\S])"), kSpaceChecksum);
  EXPECT_EQ(checksum_of(R"(\p{Han})"), kHanChecksum);
  EXPECT_EQ(checksum_of(R"([\p{Cyrl}&&[^a]])"), kCyrillicChecksum);
}

// The matchers of our own go by category().
TEST(RegexUnicode, CategoriesAgreeWithTheProperties) {
  using regex_unicode::Category;
  const auto checksum = [](const auto& is_it) {
    uint64_t value = 0xCBF29CE484222325;
    for (char32_t c = 0; c < 0x110000; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      value = (value ^ static_cast<uint64_t>(is_it(regex_unicode::category(c)))) * 0x100000001B3;
    }
    return value;
  };
  EXPECT_EQ(checksum([](Category c) { return c <= Category::kOtherLetter; }), regex_unicode::kLChecksum);
  EXPECT_EQ(checksum([](Category c) { return c == Category::kUppercase; }), regex_unicode::kLuChecksum);
  EXPECT_EQ(checksum([](Category c) { return c == Category::kTitlecase; }), regex_unicode::kLtChecksum);
  EXPECT_EQ(checksum([](Category c) { return c == Category::kLowercase; }), regex_unicode::kLlChecksum);
  EXPECT_EQ(checksum([](Category c) { return c == Category::kMark; }), regex_unicode::kMChecksum);
  EXPECT_EQ(checksum([](Category c) { return c == Category::kNumber; }), regex_unicode::kNChecksum);
}

TEST(RegexUnicode, OnlyWhatDiffersIsRewritten) {
  using regex_unicode::for_system_oniguruma;
  EXPECT_EQ(for_system_oniguruma(R"(a\\p{L}\x{41}[\]])"), R"(a\\p{L}\x{41}[\]])");
  EXPECT_EQ(for_system_oniguruma(R"(\p{Cyrl}(?#\w)[[:ascii:]])").substr(0, 9), R"([\p{cyrl})");
  EXPECT_THAT(for_system_oniguruma(R"(\P{Cyrl})"), testing::StartsWith(R"([^\p{cyrl})"));
  EXPECT_THAT(for_system_oniguruma(R"((?i)\p{Cyrl})"), HasSubstr("(?-i:[")) << "a property does not fold case";
}

TEST(WordPattern, FamilyIsRecognized) {
  EXPECT_TRUE(WordPattern::recognize(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"));
  EXPECT_FALSE(WordPattern::recognize(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+)"));
  EXPECT_FALSE(WordPattern::recognize(R"( ?\p{L}+|\s+(?!\S)|\s+)")) << "does not match everywhere";
  EXPECT_FALSE(WordPattern::recognize(""));
}

}  // namespace
}  // namespace sbert::tokenizer
