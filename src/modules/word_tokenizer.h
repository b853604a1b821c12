#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace sbert::modules {

/// Text -> the numbers of its words in a vocabulary; words that are not there, and stop words, are left out (features
/// 2-58). Immutable. `sentence_transformers.sentence_transformer.modules.tokenizer`.
class WordTokenizer {
 public:
  /// By the class path `type`, WhitespaceTokenizer or PhraseTokenizer, from its file in `folder`. Throws
  /// UnsupportedError naming another one; `named_by` is the file that names it.
  static WordTokenizer load(const std::filesystem::path& folder, const std::string& type, const std::string& named_by);
  /// A WhitespaceTokenizer without stop words (of a BoW). A word that `vocab` has twice has its last number.
  explicit WordTokenizer(const std::vector<std::string>& vocab);

  /// Any bytes are text.
  void tokenize(std::string_view text, std::vector<int32_t>& ids) const;
  std::string_view word(int32_t id) const noexcept { return vocabulary_.string_of(id); }
  /// "whitespacetokenizer_config.json (WhitespaceTokenizer)"
  const std::string& description() const noexcept { return description_; }

 private:
  enum class Kind { kWhitespace, kPhrase };
  void find_phrases(const std::vector<std::string>& vocab, const std::string& separator, size_t max_length);
  void join_phrases(std::vector<std::string>& words) const;
  /// False when the word is neither a stop word nor in the vocabulary.
  bool settle(std::string_view word, std::vector<int32_t>& ids) const;

  Kind kind_ = Kind::kWhitespace;
  tokenizer::Vocabulary vocabulary_;
  tokenizer::Vocabulary stop_words_;
  bool do_lower_case_ = false;
  // Phrases of the vocabulary ("New_York"), and their lengths in words, longest first.
  tokenizer::Vocabulary phrases_;
  std::vector<size_t> phrase_lengths_;
  std::string separator_;
  std::string description_;
};

}  // namespace sbert::modules
