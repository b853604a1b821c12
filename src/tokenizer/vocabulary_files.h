#pragma once

#include <filesystem>

#include "common/mapped_file.h"
#include "tokenizer/bpe.h"
#include "tokenizer/sentencepiece_model.h"
#include "tokenizer/vocabulary.h"

// The files that hold a vocabulary where there is no tokenizer.json. All throw InvalidModelError naming the file.
namespace sbert::tokenizer {

/// One token a line; its number is the id, and of equal lines the last one counts.
Vocabulary read_vocab_txt(const std::filesystem::path& file);
/// {"<token>": id}
Vocabulary read_vocab_json(const std::filesystem::path& file);
/// One merge "a b" a line, after a line "#version: ...". The views live as long as `content`.
BpeMerges read_merges_txt(const common::MappedFile& content);

/// The pieces of a sentencepiece model as a vocabulary for BPE.
Vocabulary piece_vocabulary(const SentencePieceModel& model);
/// sentencepiece stores no merges: transformers takes every way to cut a piece in two pieces as one, ordered by the id
/// of the piece, then the length of the left part. The views live as long as the model.
BpeMerges piece_merges(const SentencePieceModel& model, const Vocabulary& vocabulary);

}  // namespace sbert::tokenizer
