#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/model.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pattern_matcher.h"

namespace sbert::tokenizer {

/// An entry of `added_tokens`. Its id is not among the fields: `tokenizers` does not follow the file there either.
struct AddedToken {
  std::string content;
  bool single_word = false;  ///< not inside a word
  bool lstrip = false;       ///< takes the white space before it along
  bool rstrip = false;       ///< and behind it
  bool normalized = true;    ///< found in the normalized text (as its own normalized form), else in the raw text
  bool special = false;
};

/// Tokens that are found in the text before it is cut into words. Immutable; any number of threads.
class AddedVocabulary {
 public:
  AddedVocabulary() = default;
  /// A token that the model knows has the model's id, the others are numbered from the size of its vocabulary on.
  /// `source` is the file, for messages.
  AddedVocabulary(const std::vector<AddedToken>& tokens, const Model& model, const Normalizer* normalizer,
                  const std::string& source);

  enum class Stage : uint8_t { kRaw, kNormalized };
  using Matches = std::vector<PatternMatcher::Match>;

  /// Cuts `text` at the tokens of this stage: on_text(string_view) for what lies between (never empty), on_token(id).
  /// `matches` is scratch.
  template <class OnText, class OnToken>
  void split(Stage stage, std::string_view text, Matches& matches, const OnText& on_text,
             const OnToken& on_token) const;

  std::optional<int32_t> token_to_id(std::string_view content) const;
  /// Empty where no added token has the id.
  std::string_view id_to_token(int32_t id) const;
  bool is_special(int32_t id) const;
  int32_t max_id() const noexcept { return max_id_; }

 private:
  struct Entry {
    AddedToken token;
    int32_t id;
  };
  struct Stretch {
    size_t start, end;
  };
  struct StageTokens {
    PatternMatcher matcher;
    std::vector<uint32_t> entries;  // per pattern, index in entries_
  };
  const StageTokens& tokens_of(Stage stage) const noexcept { return stage == Stage::kRaw ? raw_ : normalized_; }
  /// Where the token really starts and ends once the rules of its flags are applied; nothing when they forbid it here.
  static std::optional<Stretch> apply_flags(const AddedToken& token, std::string_view text, Stretch match,
                                            size_t previous_end);

  std::vector<Entry> entries_;
  std::unordered_map<std::string, int32_t> ids_;
  std::unordered_map<int32_t, uint32_t> entry_by_id_;
  StageTokens raw_, normalized_;
  int32_t max_id_ = -1;
};

template <class OnText, class OnToken>
void AddedVocabulary::split(Stage stage, std::string_view text, Matches& matches, const OnText& on_text,
                            const OnToken& on_token) const {
  const StageTokens& tokens = tokens_of(stage);
  tokens.matcher.find_backwards(text, matches);
  size_t done = 0;       // up to here the text is given away
  size_t search_at = 0;  // a match is looked for from here on: a token's rstrip does not move it
  for (; !matches.empty(); matches.pop_back()) {
    const auto [start, pattern] = matches.back();
    if (start < search_at) continue;
    search_at = start + tokens.matcher.pattern(pattern).size();
    const Entry& entry = entries_[tokens.entries[pattern]];
    const auto stretch = apply_flags(entry.token, text, {start, search_at}, done);
    if (!stretch || stretch->start >= stretch->end) continue;  // nothing is left of white space that rstrip took
    if (done < stretch->start) on_text(text.substr(done, stretch->start - done));
    on_token(entry.id);
    done = stretch->end;
  }
  if (done < text.size()) on_text(text.substr(done));
}

}  // namespace sbert::tokenizer
