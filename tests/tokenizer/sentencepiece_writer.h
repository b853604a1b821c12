#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Writes sentencepiece models (protobuf messages) field by field, also broken ones.
namespace sbert::test {

inline std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  return out + static_cast<char>(value);
}

inline std::string number_field(uint64_t number, uint64_t value) {
  return varint(number << 3) + varint(value);
}

inline std::string bytes_field(uint64_t number, std::string_view bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

inline std::string float_field(uint64_t number, float value) {
  char bytes[4];
  std::memcpy(bytes, &value, 4);
  return varint(number << 3 | 5) + std::string(bytes, 4);
}

enum PieceType : uint64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kByte = 6 };

inline std::string piece(std::string_view text, float score = 0, uint64_t type = kNormal) {
  return bytes_field(1, bytes_field(1, text) + float_field(2, score) + number_field(3, type));
}

inline constexpr uint64_t kUnigram = 1, kBpe = 2;

/// TrainerSpec with the model type and the place of the unknown piece.
inline std::string trainer(uint64_t model_type, uint64_t unk_id = 0, bool byte_fallback = false) {
  return bytes_field(2,
                     number_field(3, model_type) + number_field(35, byte_fallback ? 1 : 0) + number_field(40, unk_id));
}

}  // namespace sbert::test
