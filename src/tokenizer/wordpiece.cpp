#include "tokenizer/wordpiece.h"

#include <algorithm>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/vocabulary_model.h"

namespace sbert::tokenizer {
namespace {

// Each piece tries every length up to that of the longest entry. Where neither words nor entries are short, a hostile
// vocabulary makes that cost minutes a megabyte (these limits: a second); in real vocabularies both are.
constexpr size_t kMaxWordLength = 200, kMaxEntryBytes = 128;

bool is_continuation_byte(char byte) noexcept {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

class WordPiece final : public VocabularyModel {
 public:
  WordPiece(Vocabulary vocabulary, WordPieceOptions options)
      : VocabularyModel(std::move(vocabulary), "WordPiece"), options_(std::move(options)) {
    if (options_.max_input_chars_per_word > kMaxWordLength && vocabulary_.longest() > kMaxEntryBytes) {
      throw UnsupportedError(options_.source + ": model.max_input_chars_per_word " +
                             std::to_string(options_.max_input_chars_per_word) + " with a vocabulary entry of " +
                             std::to_string(vocabulary_.longest()) + " bytes is not supported (at most " +
                             std::to_string(kMaxWordLength) + " where an entry is longer than " +
                             std::to_string(kMaxEntryBytes) + " bytes)");
    }
    unk_id_ = vocabulary_.find(options_.unk_token);
    const std::string& prefix = options_.continuing_subword_prefix;
    vocabulary_.for_each([&](std::string_view token, int32_t id) {
      if (token.size() > prefix.size() && token.starts_with(prefix)) next_pieces_.add(token.substr(prefix.size()), id);
    });
  }

  void tokenize(std::string_view word, std::vector<int32_t>& ids) const override {
    if (is_too_long(word)) return append_unknown(word, ids);
    const int32_t whole = vocabulary_.find(word);  // most words are one piece
    if (whole != Vocabulary::kNone) return ids.push_back(whole);

    const size_t before = ids.size();
    for (size_t start = 0; start < word.size();) {
      const size_t length = append_longest_piece(word.substr(start), start == 0 ? vocabulary_ : next_pieces_, ids);
      if (length == 0) {
        ids.resize(before);
        return append_unknown(word, ids);
      }
      start += length;
    }
  }

 private:
  // The id of the longest entry at the front of `rest` goes to `ids`; its length in bytes, 0 if there is none.
  static size_t append_longest_piece(std::string_view rest, const Vocabulary& pieces, std::vector<int32_t>& ids) {
    for (size_t length = std::min(rest.size(), pieces.longest_with_first(rest[0])); length > 0; --length) {
      if (length < rest.size() && is_continuation_byte(rest[length])) continue;
      const int32_t id = pieces.find(rest.substr(0, length));
      if (id == Vocabulary::kNone) continue;
      ids.push_back(id);
      return length;
    }
    return 0;
  }

  bool is_too_long(std::string_view word) const noexcept {
    const size_t max = options_.max_input_chars_per_word;
    if (word.size() <= max) return false;
    return word.size() - static_cast<size_t>(std::count_if(word.begin(), word.end(), is_continuation_byte)) > max;
  }

  void append_unknown(std::string_view word, std::vector<int32_t>& ids) const {
    if (unk_id_ == Vocabulary::kNone) {
      throw InvalidModelError(options_.source + ": the text " + common::quote(word) + " needs the unknown token " +
                              common::quote(options_.unk_token) + ", which model.vocab does not have");
    }
    ids.push_back(unk_id_);
  }

  Vocabulary next_pieces_;  // those with the prefix, without it
  WordPieceOptions options_;
  int32_t unk_id_ = Vocabulary::kNone;
};

}  // namespace

std::unique_ptr<Model> make_word_piece(Vocabulary vocabulary, WordPieceOptions options) {
  return std::make_unique<WordPiece>(std::move(vocabulary), std::move(options));
}

}  // namespace sbert::tokenizer
