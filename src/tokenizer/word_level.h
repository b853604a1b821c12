#pragma once

#include <memory>
#include <string>

#include "tokenizer/model.h"
#include "tokenizer/vocabulary.h"

namespace sbert::tokenizer {

struct WordLevelOptions {
  std::string unk_token = "<unk>";
  std::string source;  ///< the file, for messages
};

/// A word is an entry of the vocabulary or the unknown token.
std::unique_ptr<Model> make_word_level(Vocabulary vocabulary, WordLevelOptions options);

}  // namespace sbert::tokenizer
