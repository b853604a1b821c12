#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/model.h"
#include "tokenizer/vocabulary.h"

namespace sbert::tokenizer {

/// Named as in the `model` block of tokenizer.json. `dropout` is left out: it is random, and only for training.
struct BpeOptions {
  std::optional<std::string> unk_token;                  ///< without one, unknown characters vanish
  std::optional<std::string> continuing_subword_prefix;  ///< in front of every character but the first of a word
  std::optional<std::string> end_of_word_suffix;         ///< behind the last character of a word
  bool fuse_unk = false;                                 ///< neighbouring unknown characters are one token
  bool byte_fallback = false;                            ///< an unknown character is its bytes, as tokens "<0x0A>"
  bool ignore_merges = false;                            ///< a word that is an entry is that one token
  std::string source;                                    ///< the file, for messages
};

/// The pairs of entries that become one, best first. Views into whatever the caller keeps until make_bpe returns.
using BpeMerges = std::vector<std::pair<std::string_view, std::string_view>>;

/// Byte pair encoding: a word starts as its characters, and the best pair of neighbours becomes one until none is left.
/// Byte-level vocabularies are no special case: their pre-tokenizer turns bytes into letters.
/// Throws InvalidModelError for merges of or to strings that are no entries.
std::unique_ptr<Model> make_bpe(Vocabulary vocabulary, const BpeMerges& merges, BpeOptions options);

}  // namespace sbert::tokenizer
