#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// What Hugging Face `tokenizers` believes about each code point. Its crates carry Unicode tables of several ages, so
// these are not the properties of one Unicode version: utf8proc answers, after the small tables of differences that
// scripts/generate_unicode_differences.py makes by probing `tokenizers`. Regular expressions see yet another Unicode:
// regex_unicode.h.
namespace sbert::tokenizer::unicode {

bool is_whitespace(char32_t c) noexcept;       ///< White_Space
bool is_control(char32_t c) noexcept;          ///< Cc, Cf, Co, as BertNormalizer's clean_text drops them
bool is_punctuation(char32_t c) noexcept;      ///< P* and all ASCII punctuation ('$', '+' ... too)
bool is_cjk(char32_t c) noexcept;              ///< what handle_chinese_chars puts spaces around
bool is_nonspacing_mark(char32_t c) noexcept;  ///< Mn, as strip_accents drops it
bool is_word(char32_t c) noexcept;             ///< \w of a regular expression (alphabetic, marks, digits, connectors)
bool is_mark(char32_t c) noexcept;             ///< M*, as StripAccents drops it
bool may_be_mark(char32_t c) noexcept;         ///< M* in the youngest tables
bool is_numeric(char32_t c) noexcept;          ///< N*, as Digits sees it
int combining_class(char32_t c) noexcept;      ///< 0 for a starter

/// A few code points, without allocation: no decomposition is longer.
struct CodePoints {
  std::array<char32_t, 18> values;
  size_t size;
  const char32_t* begin() const noexcept { return values.data(); }
  const char32_t* end() const noexcept { return values.data() + size; }
};

/// The full canonical decomposition (NFD) of one code point; itself where it has none.
CodePoints decomposition(char32_t c) noexcept;
/// The full compatibility decomposition (NFKD) of one code point.
CodePoints compatibility_decomposition(char32_t c) noexcept;
/// The code point that `a` and `b` compose to (NFC), or 0.
char32_t composition(char32_t a, char32_t b) noexcept;
/// Lowercase without regard to neighbours (no final sigma); U+0130 becomes two code points.
CodePoints lowercase(char32_t c) noexcept;

/// What the rules of extended grapheme clusters ask of a code point. Letters of Indic scripts may be joined by a linker
/// between them (rule GB9c).
enum class GraphemeClass : uint8_t {
  kOther,
  kCarriageReturn,
  kLineFeed,
  kControl,
  kExtend,
  kLinker,
  kExtendNoConjunct,
  kZeroWidthJoiner,
  kSpacingMark,
  kPrepend,
  kConsonant,
  kPictographic,
  kRegionalIndicator,
  kHangulL,
  kHangulV,
  kHangulT,
  kHangulLV,
  kHangulLVT,
};
GraphemeClass grapheme_class(char32_t c) noexcept;

/// A number for each script, as UnicodeScripts sees them; kNoScript for ' ' and unassigned code points, which belong to
/// any. Hiragana, katakana and U+30FC have the number of Han.
inline constexpr uint8_t kNoScript = 255;
uint8_t script(char32_t c) noexcept;

}  // namespace sbert::tokenizer::unicode
