// strip_accents: NFD with canonical ordering, then the marks of an old Unicode table go.
#include <gtest/gtest.h>
#include <string>

#include "common/text.h"
#include "tokenizer/normalizer.h"

namespace sbert::tokenizer {
namespace {

std::string utf8(std::u32string_view text) {
  std::string bytes;
  for (const char32_t c : text) common::append_utf8(bytes, c);
  return bytes;
}

std::string stripped(std::u32string_view text) {
  const auto normalizer = make_bert_normalizer(
      {.clean_text = false, .handle_chinese_chars = false, .strip_accents = true, .lowercase = false});
  std::string out = "left over";
  normalizer->normalize(utf8(text), out);
  return out;
}

// Expected values are what `tokenizers` 0.23.3 gives. U+302E has class 224 and is a spacing mark, so it stays and must
// find its place; U+1D166 has 216.
TEST(StripAccents, MarksThatStayAreReordered) {
  EXPECT_EQ(stripped(U"a\u302E\u0301b"), utf8(U"a\u302Eb"));
  EXPECT_EQ(stripped(U"a\u302E\U0001D166b"), utf8(U"a\U0001D166\u302Eb"));
  EXPECT_EQ(stripped(U"\u302E\U0001D166"), utf8(U"\U0001D166\u302E"));
  EXPECT_EQ(stripped(U"a\u302E\u0301\U0001D166\u302Eb"), utf8(U"a\U0001D166\u302E\u302Eb"));
}

TEST(StripAccents, AStarterThatGoesStillStandsBetween) {  // U+034F: nonspacing, class 0
  EXPECT_EQ(stripped(U"a\u302E\u034F\U0001D166"), utf8(U"a\u302E\U0001D166"));
}

TEST(StripAccents, DecompositionAndLowercaseOfOneCodePoint) {
  EXPECT_EQ(stripped(U"\u1E69\u00C5\uAC01"), utf8(U"sA\u1100\u1161\u11A8"));
  EXPECT_EQ(stripped(U"\U0001D15E"), utf8(U"\U0001D157\U0001D165"));  // a musical note: its stem stays
}

TEST(StripAccents, AMillionMarksOnOneBase) {
  std::u32string text = U"a", marks[2];
  for (int i = 0; i < 500'000; ++i) {
    text += U"\u302E\U0001D166";
    marks[0] += U'\U0001D166';
    marks[1] += U'\u302E';
  }
  EXPECT_EQ(stripped(text), utf8(U"a" + marks[0] + marks[1]));
}

TEST(Normalizers, LongerResultsThanTheTextFit) {
  const auto bert = make_bert_normalizer({});
  std::u32string text, expected;
  for (int i = 0; i < 10'000; ++i) {
    text += U"\uAC01\u4E2DA\u0130";  // three jamo each, spaces around ideographs, i with a dot that goes
    expected += U"\u1100\u1161\u11A8 \u4E2D ai";
  }
  std::string out;
  bert->normalize(utf8(text), out);
  EXPECT_EQ(out, utf8(expected));
}

TEST(Normalizers, SequencesRunInOrder) {
  std::vector<std::unique_ptr<Normalizer>> list;
  list.push_back(make_lowercase_normalizer());
  list.push_back(make_bert_normalizer(
      {.clean_text = true, .handle_chinese_chars = false, .strip_accents = true, .lowercase = false}));
  const auto sequence = make_normalizer_sequence(std::move(list));
  std::string out;
  sequence->normalize(utf8(U"\u00C9\u0130\t"), out);
  EXPECT_EQ(out, "ei ");
  make_normalizer_sequence({})->normalize("same", out);
  EXPECT_EQ(out, "same");
}

}  // namespace
}  // namespace sbert::tokenizer
