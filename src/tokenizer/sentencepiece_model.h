#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/mapped_file.h"

namespace sbert::tokenizer {

/// What transformers takes from a sentencepiece `.model` file (a protobuf message, ModelProto of
/// sentencepiece_model.proto). It builds normalizer and pre-tokenizer from the class of the tokenizer, so
/// add_dummy_prefix, remove_extra_whitespaces and escape_whitespaces of the file are of no effect there, and not read
/// here. Views live as long as the object.
struct SentencePieceModel {
  enum class Type : uint8_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
  struct Piece {
    std::string_view text;  ///< well-formed UTF-8, not empty
    double score = 0;       ///< finite
    Type type = Type::kNormal;
  };

  /// Throws InvalidModelError naming the file for bytes that are no such message.
  explicit SentencePieceModel(const std::filesystem::path& file);

  common::MappedFile content;
  std::string source;  ///< the quoted name of the file, for messages

  std::vector<Piece> pieces;  ///< their places are their ids
  std::string_view precompiled_charsmap;
  bool is_unigram = true;  ///< else BPE; words and characters count as BPE in transformers
  bool byte_fallback = false;
  int32_t unk_id = 0, bos_id = 1, eos_id = 2;
  std::string_view unk_piece = "<unk>", bos_piece = "<s>", eos_piece = "</s>";
};

}  // namespace sbert::tokenizer
