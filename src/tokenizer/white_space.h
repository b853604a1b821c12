#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/text.h"
#include "tokenizer/unicode.h"

// White space at the ends of a text.
namespace sbert::tokenizer {

/// The code point that ends at `end` > 0; `start` is where it starts.
inline char32_t code_point_before(std::string_view text, size_t end, size_t& start) noexcept {
  start = end - 1;
  while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
  size_t i = start;
  return common::next_code_point(text, i);
}

/// The first place from `i` on that is no white space.
inline size_t skip_space(std::string_view text, size_t i) noexcept {
  while (i < text.size()) {
    size_t next = i;
    if (!unicode::is_whitespace(common::next_code_point(text, next))) break;
    i = next;
  }
  return i;
}

/// Where the white space in front of `end` starts, not before `limit`.
inline size_t skip_space_backwards(std::string_view text, size_t end, size_t limit) noexcept {
  while (end > limit) {
    size_t start = 0;
    if (!unicode::is_whitespace(code_point_before(text, end, start))) break;
    end = start;
  }
  return std::max(end, limit);
}

}  // namespace sbert::tokenizer
