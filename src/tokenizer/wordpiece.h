#pragma once

#include <memory>
#include <string>

#include "tokenizer/model.h"
#include "tokenizer/vocabulary.h"

namespace sbert::tokenizer {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  size_t max_input_chars_per_word = 100;  ///< a longer word (in code points) is unknown
  std::string source;                     ///< the file, for messages
};

/// WordPiece: a word is cut from the left into the longest entries of the vocabulary, all but the first with the
/// prefix in front; if that does not work out, the word is the unknown token.
/// Throws UnsupportedError for entries and words of a length at which the cost would not be linear.
std::unique_ptr<Model> make_word_piece(Vocabulary vocabulary, WordPieceOptions options);

}  // namespace sbert::tokenizer
