#pragma once

#include <cstddef>
#include <cstdint>

namespace sbert::tokenizer {

/// Bytes of the character that starts with this byte, in well-formed UTF-8.
constexpr size_t character_length(char first_byte) noexcept {
  const auto byte = static_cast<uint8_t>(first_byte);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace sbert::tokenizer
