#include "tokenizer/sentencepiece_model.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::tokenizer {
namespace {

// A protobuf message is a list of fields: a key (number of the field and wire type, as varint) and a value. Of a field
// that occurs twice the last value counts (of a nested message: both, one after the other); fields of another number or
// another wire type than expected are skipped.
enum class Wire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  uint64_t number = 0;
  Wire wire = Wire::kVarint;
  uint64_t value = 0;      // kVarint, kFixed32, kFixed64
  std::string_view bytes;  // kBytes

  bool is(uint64_t wanted, Wire type) const noexcept { return number == wanted && wire == type; }
};

class MessageReader {
 public:
  MessageReader(std::string_view bytes, const std::string& source) : rest_(bytes), source_(source) {}

  /// False at the end of the message.
  bool next(Field& field) {
    if (rest_.empty()) return false;
    const uint64_t key = varint();
    field.number = key >> 3;
    field.wire = static_cast<Wire>(key & 7);
    if (field.number == 0 || field.number > kMaxFieldNumber) fail();
    switch (field.wire) {
      case Wire::kVarint:
        field.value = varint();
        return true;
      case Wire::kFixed64:
        field.value = little_endian(take(8));
        return true;
      case Wire::kFixed32:
        field.value = little_endian(take(4));
        return true;
      case Wire::kBytes:
        field.bytes = take(varint());
        return true;
    }
    fail();  // groups, which the format has none of, and numbers that are no wire types
  }

 private:
  static constexpr uint64_t kMaxFieldNumber = (uint64_t{1} << 29) - 1;

  [[noreturn]] void fail() const {
    throw InvalidModelError(source_ + ": not a sentencepiece model, or a damaged one (its protobuf message is broken)");
  }
  std::string_view take(uint64_t size) {
    if (size > rest_.size()) fail();
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail();
  }
  static uint64_t little_endian(std::string_view bytes) noexcept {
    uint64_t value = 0;
    for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
    return value;
  }

  std::string_view rest_;
  const std::string& source_;
};

SentencePieceModel::Piece read_piece(std::string_view message, size_t index, const std::string& source) {
  SentencePieceModel::Piece piece;
  float score = 0;
  MessageReader reader(message, source);
  for (Field field; reader.next(field);) {
    if (field.is(1, Wire::kBytes)) piece.text = field.bytes;
    if (field.is(2, Wire::kFixed32)) score = std::bit_cast<float>(static_cast<uint32_t>(field.value));
    // A value that the enum lacks leaves the field as it was.
    if (field.is(3, Wire::kVarint) && field.value >= 1 && field.value <= 6) {
      piece.type = static_cast<SentencePieceModel::Type>(field.value);
    }
  }
  const auto fail = [&](const char* problem) {
    throw InvalidModelError(source + ": piece " + std::to_string(index) + " " + problem);
  };
  if (piece.text.empty()) fail("is empty");
  if (!common::is_valid_utf8(piece.text)) fail("is not valid UTF-8");
  if (!std::isfinite(score)) fail("has a score that is not a finite number");
  piece.score = score;
  return piece;
}

void read_trainer_spec(std::string_view message, SentencePieceModel& model) {
  MessageReader reader(message, model.source);
  const auto text = [&](const Field& field) {
    if (!common::is_valid_utf8(field.bytes)) {
      throw InvalidModelError(model.source + ": the name of a special token is not valid UTF-8");
    }
    return field.bytes;
  };
  // int32: negative numbers come as 64 bits, whose lower half is the number.
  const auto int32 = [](const Field& field) { return static_cast<int32_t>(static_cast<uint32_t>(field.value)); };
  for (Field field; reader.next(field);) {
    if (field.is(3, Wire::kVarint) && field.value >= 1 && field.value <= 4) model.is_unigram = field.value == 1;
    if (field.is(35, Wire::kVarint)) model.byte_fallback = field.value != 0;
    if (field.is(40, Wire::kVarint)) model.unk_id = int32(field);
    if (field.is(41, Wire::kVarint)) model.bos_id = int32(field);
    if (field.is(42, Wire::kVarint)) model.eos_id = int32(field);
    if (field.is(45, Wire::kBytes)) model.unk_piece = text(field);
    if (field.is(46, Wire::kBytes)) model.bos_piece = text(field);
    if (field.is(47, Wire::kBytes)) model.eos_piece = text(field);
  }
}

void read_normalizer_spec(std::string_view message, SentencePieceModel& model) {
  MessageReader reader(message, model.source);
  for (Field field; reader.next(field);) {
    if (field.is(2, Wire::kBytes)) model.precompiled_charsmap = field.bytes;
  }
}

}  // namespace

SentencePieceModel::SentencePieceModel(const std::filesystem::path& file)
    : content(common::MappedFile::open(file)), source(common::quote(file.string())) {
  const auto bytes = content.bytes();
  MessageReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, source);
  for (Field field; reader.next(field);) {
    if (field.is(1, Wire::kBytes)) {
      if (pieces.size() == static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
        throw InvalidModelError(source + ": more than 2^31 pieces");
      }
      pieces.push_back(read_piece(field.bytes, pieces.size(), source));
    }
    if (field.is(2, Wire::kBytes)) read_trainer_spec(field.bytes, *this);
    if (field.is(3, Wire::kBytes)) read_normalizer_spec(field.bytes, *this);
  }
  if (pieces.empty()) throw InvalidModelError(source + ": not a sentencepiece model (it has no pieces)");
}

}  // namespace sbert::tokenizer
