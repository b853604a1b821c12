#pragma once

#include <array>
#include <cstddef>

// What Hugging Face `tokenizers` believes about each code point. Its crates carry Unicode tables of several ages, so
// these are not the properties of one Unicode version: utf8proc answers, after the small tables of differences that
// scripts/generate_unicode_differences.py makes by probing `tokenizers`.
namespace sbert::tokenizer::unicode {

bool is_whitespace(char32_t c) noexcept;       ///< White_Space
bool is_control(char32_t c) noexcept;          ///< Cc, Cf, Co, as BertNormalizer's clean_text drops them
bool is_punctuation(char32_t c) noexcept;      ///< P* and all ASCII punctuation ('$', '+' ... too)
bool is_cjk(char32_t c) noexcept;              ///< what handle_chinese_chars puts spaces around
bool is_nonspacing_mark(char32_t c) noexcept;  ///< Mn, as strip_accents drops it
bool is_word(char32_t c) noexcept;             ///< \w of a regular expression (alphabetic, marks, digits, connectors)
int combining_class(char32_t c) noexcept;      ///< 0 for a starter

/// A few code points, without allocation.
struct CodePoints {
  std::array<char32_t, 4> values;
  size_t size;
  const char32_t* begin() const noexcept { return values.data(); }
  const char32_t* end() const noexcept { return values.data() + size; }
};

/// The full canonical decomposition (NFD) of one code point; itself where it has none.
CodePoints decomposition(char32_t c) noexcept;
/// Lowercase without regard to neighbours (no final sigma); U+0130 becomes two code points.
CodePoints lowercase(char32_t c) noexcept;

}  // namespace sbert::tokenizer::unicode
