#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tokenizer/model.h"

namespace sbert::tokenizer {

/// The tokens "<0x00>" to "<0xFF>" that byte_fallback puts for text a vocabulary does not have. Entries that only
/// look alike ("<0x0a>", "<0xZZ>") are none of them.
class ByteTokens {
 public:
  /// `find(string)` gives an id or a negative number.
  template <class Find>
  explicit ByteTokens(const Find& find) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (size_t byte = 0; byte < ids_.size(); ++byte) {
      const char token[] = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
      ids_[byte] = find(std::string_view(token, sizeof token));
    }
  }

  bool has_all(std::string_view text) const noexcept {
    for (const char byte : text) {
      if (id_of(byte) < 0) return false;
    }
    return true;
  }
  int32_t id_of(char byte) const noexcept { return ids_[static_cast<uint8_t>(byte)]; }

 private:
  std::array<int32_t, 256> ids_;
};

}  // namespace sbert::tokenizer
