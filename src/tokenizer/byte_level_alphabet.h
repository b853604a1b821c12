#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// The alphabet of byte-level vocabularies (GPT-2's `bytes_to_unicode`): every byte has a visible code point. Printable
/// bytes of Latin-1 stand for themselves, the other 68 are U+0100, U+0101 ... in order; 0x20 is U+0120.
namespace sbert::tokenizer::byte_level {

/// Bytes that are their own code point.
constexpr bool is_printable(uint8_t byte) noexcept {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

inline constexpr char32_t kEnd = 0x144;  ///< all code points of the alphabet are below

/// Per byte its code point.
inline constexpr std::array<char32_t, 256> kCodePoints = [] {
  std::array<char32_t, 256> table{};
  char32_t next = 0x100;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    table[byte] = is_printable(static_cast<uint8_t>(byte)) ? byte : next++;
  }
  return table;
}();

/// Per code point below kEnd its byte; -1 where the alphabet has none.
inline constexpr std::array<int16_t, kEnd> kBytes = [] {
  std::array<int16_t, kEnd> table{};
  for (int16_t& byte : table) byte = -1;
  for (uint32_t byte = 0; byte < 256; ++byte) table[kCodePoints[byte]] = static_cast<int16_t>(byte);
  return table;
}();

constexpr char32_t code_point_of(uint8_t byte) noexcept {
  return kCodePoints[byte];
}

/// The byte that the code point stands for, or -1.
constexpr int byte_of(char32_t c) noexcept {
  return c < kEnd ? kBytes[c] : -1;
}

/// The code point of a byte as UTF-8: one or two bytes.
struct EncodedByte {
  char bytes[2];
  uint8_t size;
  constexpr std::string_view view() const noexcept { return {bytes, size}; }
};

inline constexpr std::array<EncodedByte, 256> kEncoded = [] {
  std::array<EncodedByte, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const char32_t c = kCodePoints[byte];
    table[byte] = c < 0x80 ? EncodedByte{{static_cast<char>(c), 0}, 1}
                           : EncodedByte{{static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))}, 2};
  }
  return table;
}();

/// Appends every byte of `text` as its code point in UTF-8.
inline void append_encoded(std::string_view text, std::string& out) {
  for (const char byte : text) out += kEncoded[static_cast<uint8_t>(byte)].view();
}

}  // namespace sbert::tokenizer::byte_level
