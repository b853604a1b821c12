#include "tokenizer/bpe.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/bpe_merges.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/character_ids.h"
#include "tokenizer/character_length.h"
#include "tokenizer/vocabulary_model.h"
#include "tokenizer/whole_words.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

class Bpe final : public VocabularyModel {
 public:
  Bpe(Vocabulary vocabulary, const BpeMerges& merges, BpeOptions options)
      : VocabularyModel(std::move(vocabulary), "BPE"),
        options_(std::move(options)),
        prefix_(options_.continuing_subword_prefix.value_or("")),
        suffix_(options_.end_of_word_suffix.value_or("")),
        byte_tokens_([this](std::string_view token) { return vocabulary_.find(token); }),
        merges_(merges.size()) {
    if (options_.unk_token) unk_id_ = vocabulary_.find(*options_.unk_token);
    const bool merges_grow = read_merges(merges);
    is_plain_ = merges_grow && vocabulary_.ids_are_unique();
    space_ = find_space(merges);
    characters_.emplace_back(vocabulary_, prefix_, "");
    if (!prefix_.empty() || !suffix_.empty()) {
      characters_.emplace_back(vocabulary_, prefix_, suffix_);
      characters_.emplace_back(vocabulary_, "", "");
      characters_.emplace_back(vocabulary_, "", suffix_);
    }
    // An answer per id: not where ids are so sparse that this would be much larger than the vocabulary.
    const auto ids = static_cast<size_t>(int64_t{vocabulary_.max_id()} + 1);
    if (vocabulary_.ids_are_unique() && ids <= 2 * vocabulary_.size() + 65536) whole_words_ = WholeWords(ids);
  }

  void tokenize(std::string_view word, std::vector<int32_t>& ids) const override {
    if (options_.ignore_merges) {
      const int32_t whole = vocabulary_.find(word);
      if (whole != Vocabulary::kNone) return ids.push_back(whole);
    }
    size_t start = 0;  // of the part that is not done
    if (!space_.empty()) {
      for (size_t i = word.find(space_, 1); i != std::string_view::npos; i = word.find(space_, i + 1)) {
        if (word.substr(0, i).ends_with(space_)) continue;
        tokenize_part(word.substr(start, i - start), ids);
        start = i;
      }
    }
    tokenize_part(word.substr(start), ids);
  }

 private:
  void tokenize_part(std::string_view word, std::vector<int32_t>& ids) const {
    const int32_t whole = find_whole(word);
    if (whole != Vocabulary::kNone && whole_words_.contains(whole, [&] { return is_one_token(word); })) {
      return ids.push_back(whole);
    }
    merge_word(word, ids);
  }

  // True when what each merge makes is longer than both of its parts.
  bool read_merges(const BpeMerges& merges) {
    if (merges.size() >= BpeMergeTable::kNoRank) throw UnsupportedError(options_.source + ": too many merges");
    bool merges_grow = true;
    std::string merged;
    uint32_t rank = 0;
    for (const auto& [left, right] : merges) {
      const auto id_of = [&, left_part = left, right_part = right](std::string_view token) {
        const int32_t id = vocabulary_.find(token);
        if (id == Vocabulary::kNone) {
          throw InvalidModelError(options_.source + ": model.merges[" + std::to_string(rank) + "] joins " +
                                  quote(left_part) + " and " + quote(right_part) + ", but " + quote(token) +
                                  " is not in model.vocab");
        }
        return id;
      };
      const int32_t left_id = id_of(left), right_id = id_of(right);
      if (right.size() < prefix_.size()) {
        throw InvalidModelError(options_.source + ": model.merges[" + std::to_string(rank) + "] has the right part " +
                                quote(right) + ", which is shorter than model.continuing_subword_prefix " +
                                quote(prefix_));
      }
      // `tokenizers` does not look whether it is the prefix that it cuts off.
      merged.assign(left).append(right.substr(prefix_.size()));
      merges_.set(left_id, right_id, {rank, id_of(merged)});
      if (left.empty() || right.size() == prefix_.size()) merges_grow = false;
      ++rank;
    }
    return merges_grow;
  }

  // Where no pre-tokenizer cuts, a whole text is one word. It may be cut all the same before a space (as a vocabulary
  // writes it: U+2581, U+0120 or itself) when no merge joins one to what is not a space before it: then nothing ever
  // reaches across. Empty where that is not so.
  std::string_view find_space(const BpeMerges& merges) const {
    if (!prefix_.empty() || !suffix_.empty() || !is_plain_) return {};
    if (!options_.unk_token) return {};  // unknown characters vanish, and what was apart may meet
    for (const std::string_view space : {"\xE2\x96\x81", "\xC4\xA0", " "}) {
      if (vocabulary_.find(space) == Vocabulary::kNone || options_.unk_token->ends_with(space)) continue;
      const auto joins_before = [space](const auto& merge) {
        return merge.second.starts_with(space) && !merge.first.ends_with(space);
      };
      if (std::none_of(merges.begin(), merges.end(), joins_before)) return space;
    }
    return {};
  }

  // The entry that a word would be if it is one token: behind its last character comes the suffix.
  int32_t find_whole(std::string_view word) const noexcept {
    if (word.size() + suffix_.size() > vocabulary_.longest()) return Vocabulary::kNone;
    if (suffix_.empty()) return vocabulary_.find(word);
    std::array<char, 128> buffer;
    if (word.size() + suffix_.size() > buffer.size()) return Vocabulary::kNone;
    std::memcpy(buffer.data(), word.data(), word.size());
    std::memcpy(buffer.data() + word.size(), suffix_.data(), suffix_.size());
    return vocabulary_.find({buffer.data(), word.size() + suffix_.size()});
  }

  bool is_one_token(std::string_view word) const {
    std::vector<int32_t> ids;
    try {
      merge_word(word, ids);
    } catch (const InvalidModelError&) {  // needs an unknown token that is not there
      return false;
    }
    return ids.size() == 1 && ids[0] == find_whole(word);
  }

  void merge_word(std::string_view word, std::vector<int32_t>& ids) const {
    const size_t before = ids.size();
    append_characters(word, ids);
    const size_t count = ids.size() - before;
    const auto merge = is_plain_ && count <= kFewIds ? merge_few_pairs : merge_pairs;
    ids.resize(before + merge(merges_, ids.data() + before, count));
  }

  // The characters of the word as ids, before any merge.
  void append_characters(std::string_view word, std::vector<int32_t>& ids) const {
    bool unknown = false;  // one is not yet given out: the next may be fused with it
    for (size_t i = 0; i < word.size();) {
      const size_t start = i;
      const int32_t id = characters_at(word, i).find_next(word, i);
      if (id != Vocabulary::kNone) {
        if (unknown) ids.push_back(unk_id_);
        unknown = false;
        ids.push_back(id);
      } else if (options_.byte_fallback && append_bytes(word, start, i, ids)) {
        // An unknown character before it stays back: `tokenizers` gives it out later, behind these bytes.
      } else if (options_.unk_token) {
        if (unk_id_ == Vocabulary::kNone) fail_without_unknown(word);
        if (unknown && !options_.fuse_unk) ids.push_back(unk_id_);
        unknown = true;
      }
    }
    if (unknown) ids.push_back(unk_id_);
  }

  // The entries that are one character, with the prefix and suffix that one at this place of the word has.
  const CharacterIds& characters_at(std::string_view word, size_t i) const noexcept {
    if (characters_.size() == 1) return characters_[0];
    const size_t length = word.size() - i;
    const bool last = length <= 4 && length == character_length(word[i]);
    return characters_[(i == 0 ? 2u : 0u) + (last ? 1u : 0u)];
  }

  bool append_bytes(std::string_view word, size_t start, size_t end, std::vector<int32_t>& ids) const {
    const std::string_view prefix = start == 0 ? std::string_view() : prefix_;
    const std::string_view character = word.substr(start, end - start);
    const std::string_view suffix = end == word.size() ? std::string_view(suffix_) : std::string_view();
    for (const std::string_view part : {prefix, character, suffix}) {
      if (!byte_tokens_.has_all(part)) return false;
    }
    for (const std::string_view part : {prefix, character, suffix}) {
      for (const char byte : part) ids.push_back(byte_tokens_.id_of(byte));
    }
    return true;
  }

  [[noreturn]] void fail_without_unknown(std::string_view word) const {
    throw InvalidModelError(options_.source + ": the text " + quote(word) + " needs the unknown token " +
                            quote(*options_.unk_token) + ", which model.vocab does not have");
  }

  BpeOptions options_;
  std::string prefix_, suffix_;
  std::vector<CharacterIds> characters_;  // inside a word, its last; its first, its only one; or one for all
  ByteTokens byte_tokens_;
  BpeMergeTable merges_;
  bool is_plain_ = false;   // as merge_few_pairs needs it
  std::string_view space_;  // see find_space
  WholeWords whole_words_;
  int32_t unk_id_ = Vocabulary::kNone;
};

}  // namespace

std::unique_ptr<Model> make_bpe(Vocabulary vocabulary, const BpeMerges& merges, BpeOptions options) {
  return std::make_unique<Bpe>(std::move(vocabulary), merges, std::move(options));
}

}  // namespace sbert::tokenizer
