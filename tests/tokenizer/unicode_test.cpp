// The tables of tokenizer/unicode.h against checksums that scripts/generate_unicode_differences.py took of the answers
// of `tokenizers`. A failure here with another utf8proc means: run that script again.
#include "tokenizer/unicode.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>

#include "tokenizer/unicode_tables.h"

namespace sbert::tokenizer::unicode {
namespace {

std::u32string text_of(const CodePoints& code_points) {
  return {code_points.begin(), code_points.end()};
}

// FNV-1a over the words that `answer` adds for each code point.
template <class Answer>
uint64_t checksum(const Answer& answer) {
  uint64_t value = 0xCBF29CE484222325;
  const auto add = [&](uint64_t word) { value = (value ^ word) * 0x100000001B3; };
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c < 0xD800 || c >= 0xE000) answer(c, add);
  }
  return value;
}

template <class Function>
uint64_t checksum_of_values(const Function& function) {
  return checksum([&](char32_t c, const auto& add) { add(static_cast<uint64_t>(function(c))); });
}

template <class Function>
uint64_t checksum_of_mappings(const Function& function) {
  return checksum([&](char32_t c, const auto& add) {
    const CodePoints to = function(c);
    add(to.size);
    for (const char32_t x : to) add(x);
  });
}

TEST(Unicode, EveryCodePointIsWhatTokenizersSees) {
  EXPECT_EQ(checksum_of_values(is_control), kControlChecksum);
  EXPECT_EQ(checksum_of_values(is_punctuation), kPunctuationChecksum);
  EXPECT_EQ(checksum_of_values(is_nonspacing_mark), kNonspacingMarkChecksum);
  EXPECT_EQ(checksum_of_values(is_word), kWordChecksum);
  EXPECT_EQ(checksum_of_values(is_mark), kMarkChecksum);
  EXPECT_EQ(checksum_of_values(is_numeric), kNumericChecksum);
  EXPECT_EQ(checksum_of_values(combining_class), kCombiningClassChecksum);
  EXPECT_EQ(checksum_of_mappings(decomposition), kDecompositionChecksum);
  EXPECT_EQ(checksum_of_mappings(compatibility_decomposition), kCompatibilityChecksum);
  EXPECT_EQ(checksum_of_mappings(lowercase), kLowercaseChecksum);
}

TEST(Unicode, CompositionIsTheInverseOfDecomposition) {
  size_t composed = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    const std::u32string parts = text_of(decomposition(c));
    if (parts.size() != 2) continue;
    const char32_t result = composition(parts[0], parts[1]);
    EXPECT_TRUE(result == 0 || text_of(decomposition(result)) == parts) << std::hex << static_cast<uint32_t>(c);
    composed += result == c;
  }
  EXPECT_EQ(composed, 1087u);  // what NFC of `tokenizers` composes of two parts
  EXPECT_EQ(composition('a', 'b'), 0u);
  EXPECT_EQ(composition(0xAC00, 0x11A7), 0u);    // not a trailing consonant
  EXPECT_EQ(composition(0x0915, 0x093C), 0u);    // excluded from composition
  EXPECT_EQ(composition(0x11935, 0x11930), 0u);  // younger than the tables of `tokenizers`
}

TEST(Unicode, Examples) {
  EXPECT_TRUE(is_whitespace(0x3000));
  EXPECT_FALSE(is_whitespace(0x200B));  // zero-width space
  EXPECT_TRUE(is_control(0x200B));
  EXPECT_TRUE(is_punctuation('$'));      // not P*, but ASCII
  EXPECT_FALSE(is_punctuation(0x20AC));  // euro
  EXPECT_TRUE(is_cjk(0x4E2D));
  EXPECT_FALSE(is_cjk(0x3042));  // hiragana
  EXPECT_TRUE(is_word('_'));
  EXPECT_FALSE(is_word('-'));
  EXPECT_EQ(text_of(decomposition(0x1E69)), U"s\u0323\u0307");
  EXPECT_EQ(text_of(decomposition(0xAC01)), U"\u1100\u1161\u11A8");
  EXPECT_EQ(text_of(lowercase(0x0130)), U"i\u0307");
  EXPECT_EQ(text_of(compatibility_decomposition(0x338F)), U"kg");
  EXPECT_TRUE(is_numeric(0x00BD));
  EXPECT_TRUE(is_mark(0x0903));
  EXPECT_EQ(script(0x30AB), script(0x4E2D));  // katakana counts as Han
  EXPECT_NE(script('a'), script(0x0430));
  EXPECT_EQ(script(' '), kNoScript);
  EXPECT_EQ(grapheme_class(0x094D), GraphemeClass::kLinker);
  EXPECT_EQ(grapheme_class(0x0915), GraphemeClass::kConsonant);
  EXPECT_EQ(grapheme_class(0x0301), GraphemeClass::kExtend);
  EXPECT_EQ(text_of(lowercase(0x03A3)), U"\u03C3");
}

}  // namespace
}  // namespace sbert::tokenizer::unicode
