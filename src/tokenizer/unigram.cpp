#include "tokenizer/unigram.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/character_length.h"
#include "tokenizer/trie.h"
#include "tokenizer/whole_words.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

constexpr double kUnknownPenalty = 10;
// Each place of a text tries every piece that starts there. Real pieces have some dozens of bytes; with a hostile one
// a text of a megabyte would take hours (at this limit: two seconds).
constexpr size_t kMaxPieceBytes = 512;

std::vector<std::string_view> strings_of(const std::vector<UnigramPiece>& pieces) {
  std::vector<std::string_view> strings;
  strings.reserve(pieces.size());
  for (const UnigramPiece& piece : pieces) strings.push_back(piece.piece);
  return strings;
}

class Unigram final : public Model {
 public:
  Unigram(const std::vector<UnigramPiece>& pieces, UnigramOptions options)
      : options_(std::move(options)),
        unk_id_(options_.unk_id.value_or(Trie::kNone)),
        trie_(strings_of(pieces)),
        byte_tokens_([this](std::string_view token) { return trie_.find(token); }),
        whole_words_(pieces.size()) {
    double lowest = std::numeric_limits<double>::infinity();
    ends_.reserve(pieces.size());
    scores_.reserve(pieces.size());
    for (const auto& [piece, score] : pieces) {
      strings_ += piece;
      ends_.push_back(strings_.size());
      scores_.push_back(score);
      lowest = std::min(lowest, score);
    }
    unknown_score_ = lowest - kUnknownPenalty;
  }

  void tokenize(std::string_view word, std::vector<int32_t>& ids) const override {
    constexpr size_t kShort = 128;
    if (word.size() < kShort) {
      std::array<Best, kShort> best;
      tokenize(word, best.data(), WholeWordsUse::kYes, ids);
    } else {
      if (word.size() >= kNowhere) throw InvalidArgumentError("a word of more than 4 GB cannot be tokenized");
      std::vector<Best> best(word.size() + 1);
      tokenize(word, best.data(), WholeWordsUse::kNo, ids);
    }
  }

  std::optional<int32_t> token_to_id(std::string_view token) const override {
    const int32_t id = trie_.find(token);
    return id == Trie::kNone ? std::nullopt : std::optional(id);
  }
  std::string_view id_to_token(int32_t id) const override {
    const auto i = static_cast<size_t>(id);
    if (id < 0 || i >= ends_.size()) return {};
    const size_t start = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(strings_).substr(start, ends_[i] - start);
  }
  size_t vocab_size() const override { return ends_.size(); }
  int32_t max_id() const override { return static_cast<int32_t>(ends_.size()) - 1; }
  const std::string& type() const override { return type_; }

 private:
  enum class WholeWordsUse : uint8_t { kYes, kNo };
  static constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max();
  // The best way from the start of the word to some place: its last token, and where that starts.
  struct Best {
    double score;
    int32_t id;
    uint32_t start;
  };

  // `best` has room for one more than the bytes of the word.
  void tokenize(std::string_view word, Best* best, WholeWordsUse use, std::vector<int32_t>& ids) const {
    best[0] = {0, Trie::kNone, 0};
    for (size_t i = 1; i <= word.size(); ++i) best[i].start = kNowhere;
    for (size_t start = 0; start < word.size(); start += character_length(word[start])) {
      const bool has_character = extend_with_pieces(word, start, best);
      if (start == 0 && use == WholeWordsUse::kYes && best[word.size()].start == 0) {
        const int32_t whole = best[word.size()].id;
        if (whole_words_.contains(whole, [&] { return is_one_token(word, whole); })) return ids.push_back(whole);
      }
      if (!has_character) extend_with_unknown(word, start, best);
    }
    append_best(word, best, ids);
  }

  // Among equal sums the one met first stays: that is part of the result.
  static bool improve(Best& end, double score, int32_t id, size_t start) noexcept {
    if (end.start != kNowhere && !(score > end.score)) return false;
    end = {score, id, static_cast<uint32_t>(start)};
    return true;
  }

  // True when the character at `start` is a piece.
  bool extend_with_pieces(std::string_view word, size_t start, Best* best) const noexcept {
    const double score_here = best[start].score;
    const size_t character_end = start + character_length(word[start]);
    bool has_character = false;
    Trie::Node node = Trie::kRoot;
    for (size_t end = start; end < word.size() && trie_.step(node, word[end]);) {
      ++end;
      const int32_t id = trie_.id_at(node);
      if (id == Trie::kNone) continue;
      improve(best[end], scores_[static_cast<size_t>(id)] + score_here, id, start);
      has_character |= end == character_end;
    }
    return has_character;
  }

  void extend_with_unknown(std::string_view word, size_t start, Best* best) const {
    const size_t end = start + character_length(word[start]);
    if (improve(best[end], unknown_score_ + best[start].score, unk_id_, start) && unk_id_ == Trie::kNone) {
      throw InvalidModelError(options_.source + ": the text " + quote(word) +
                              " needs the unknown token, and model.unk_id is not set");
    }
  }

  // Walks the best way from its end, and so appends backwards first.
  void append_best(std::string_view word, const Best* best, std::vector<int32_t>& ids) const {
    const size_t before = ids.size();
    for (size_t end = word.size(); end > 0;) {
      size_t start = best[end].start;
      const int32_t id = best[end].id;
      if (id != unk_id_) {
        ids.push_back(id);
      } else {
        while (start > 0 && best[start].id == unk_id_) start = best[start].start;
        append_unknown_backwards(word.substr(start, end - start), ids);
      }
      end = start;
    }
    std::reverse(ids.begin() + static_cast<ptrdiff_t>(before), ids.end());
  }

  // `text` is all characters of a run of unknown tokens. Together they may be a piece after all: "<unk>" itself.
  void append_unknown_backwards(std::string_view text, std::vector<int32_t>& ids) const {
    const int32_t id = trie_.find(text);
    if (id != Trie::kNone) {
      ids.push_back(id);
    } else if (options_.byte_fallback && byte_tokens_.has_all(text)) {
      for (size_t i = text.size(); i-- > 0;) ids.push_back(byte_tokens_.id_of(text[i]));
    } else {
      ids.push_back(unk_id_);
    }
  }

  bool is_one_token(std::string_view word, int32_t id) const {
    std::vector<Best> best(word.size() + 1);
    std::vector<int32_t> ids;
    try {
      tokenize(word, best.data(), WholeWordsUse::kNo, ids);
    } catch (const InvalidModelError&) {  // needs an unknown token, and there is none
      return false;
    }
    return ids.size() == 1 && ids[0] == id;
  }

  UnigramOptions options_;
  int32_t unk_id_;
  Trie trie_;
  ByteTokens byte_tokens_;
  WholeWords whole_words_;
  std::string strings_;       // all pieces, one behind the other
  std::vector<size_t> ends_;  // per id, where its piece ends in strings_
  std::vector<double> scores_;
  double unknown_score_ = 0;
  std::string type_ = "Unigram";
};

}  // namespace

std::unique_ptr<Model> make_unigram(const std::vector<UnigramPiece>& pieces, UnigramOptions options) {
  if (pieces.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw UnsupportedError(options.source + ": a vocabulary of more than two billion pieces is not supported");
  }
  if (options.unk_id && (*options.unk_id < 0 || static_cast<size_t>(*options.unk_id) >= pieces.size())) {
    throw InvalidModelError(options.source + ": field 'model.unk_id' is " + std::to_string(*options.unk_id) +
                            ", but model.vocab has " + std::to_string(pieces.size()) + " pieces");
  }
  for (const UnigramPiece& piece : pieces) {
    if (piece.piece.size() <= kMaxPieceBytes) continue;
    throw UnsupportedError(options.source + ": the piece " + quote(piece.piece) + " of " +
                           std::to_string(piece.piece.size()) + " bytes is not supported (at most " +
                           std::to_string(kMaxPieceBytes) + ")");
  }
  return std::make_unique<Unigram>(pieces, std::move(options));
}

}  // namespace sbert::tokenizer
