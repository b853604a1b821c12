#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/text.h"
#include "tokenizer/vocabulary.h"

namespace sbert::tokenizer {

/// The entries of a vocabulary that are one character, behind `prefix` and before `suffix`: code point -> id. A table
/// of pages, so that finding one is two loads.
class CharacterIds {
 public:
  CharacterIds(const Vocabulary& vocabulary, std::string_view prefix, std::string_view suffix);

  /// Vocabulary::kNone where there is no such entry.
  int32_t find(char32_t c) const noexcept { return ids_[pages_[c / kPageSize] + c % kPageSize]; }

  /// Of the character at `word[i]`; moves `i` behind it. Most have one or two bytes.
  int32_t find_next(std::string_view word, size_t& i) const noexcept {
    const auto byte = static_cast<uint8_t>(word[i]);
    if (byte < 0x80) return ++i, find(byte);
    if (byte >= 0xE0) return find(common::next_code_point(word, i));
    const auto second = static_cast<uint8_t>(word[i + 1]);
    return i += 2, find(char32_t{byte & 0x1Fu} << 6 | (second & 0x3Fu));
  }

 private:
  static constexpr size_t kPageSize = 256, kPages = 0x110000 / kPageSize;
  std::vector<uint32_t> pages_;  // per page, where it starts in ids_; 0 is the page without entries
  std::vector<int32_t> ids_;
};

}  // namespace sbert::tokenizer
