#include "tokenizer/pattern_matcher.h"

#include <gtest/gtest.h>
#include <optional>
#include <random>

namespace sbert::tokenizer {
namespace {

// The longest pattern at each place, by trying all.
std::vector<std::optional<size_t>> longest_at_each_place(const std::vector<std::string>& patterns,
                                                         std::string_view text) {
  std::vector<std::optional<size_t>> longest(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    for (const std::string& pattern : patterns) {
      if (text.substr(i).starts_with(pattern) && pattern.size() > longest[i].value_or(0)) longest[i] = pattern.size();
    }
  }
  return longest;
}

void expect_the_same(const std::vector<std::string>& patterns, std::string_view text) {
  const PatternMatcher matcher(patterns);
  std::vector<PatternMatcher::Match> matches = {{99, 99}};  // must be overwritten
  matcher.find_backwards(text, matches);
  std::vector<std::optional<size_t>> found(text.size());
  size_t previous = text.size();
  for (const auto& match : matches) {
    ASSERT_LT(match.start, previous) << "from the last place to the first";
    previous = match.start;
    found[match.start] = matcher.pattern(match.pattern).size();
  }
  EXPECT_EQ(found, longest_at_each_place(patterns, text)) << "text " << text;
}

TEST(PatternMatcher, Examples) {
  expect_the_same({}, "abc");
  expect_the_same({"a"}, "");
  expect_the_same({"abcd", "bc", "b", "cde"}, "xabcdeabce");
  expect_the_same({"aaaa", "aa"}, "aaaaaaa");
  expect_the_same({"\xFF", "\x80\xFF"}, "a\x80\xFF\xFF");
}

TEST(PatternMatcher, RandomPatternsOfFewLetters) {
  std::mt19937 random(1);
  const auto word = [&](size_t longest) {
    std::string text(1 + random() % longest, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> patterns(1 + random() % 8);
    for (std::string& pattern : patterns) pattern = word(6);
    expect_the_same(patterns, word(60));
  }
}

TEST(PatternMatcher, OfEqualPatternsTheFirstIsFound) {
  const PatternMatcher matcher({"x", "ab", "ab"});
  std::vector<PatternMatcher::Match> matches;
  matcher.find_backwards("ab", matches);
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].pattern, 1u);
}

}  // namespace
}  // namespace sbert::tokenizer
