#include "tokenizer/added_vocabulary.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/unicode.h"
#include "tokenizer/white_space.h"

namespace sbert::tokenizer {
namespace {

// Beyond any real file; the automaton takes some twenty times as much memory.
constexpr size_t kMaxTotalBytes = size_t{4} << 20;

bool ends_with_word(std::string_view text) noexcept {
  size_t start = 0;
  return !text.empty() && unicode::is_word(code_point_before(text, text.size(), start));
}

bool starts_with_word(std::string_view text) noexcept {
  size_t i = 0;
  return !text.empty() && unicode::is_word(common::next_code_point(text, i));
}

}  // namespace

AddedVocabulary::AddedVocabulary(const std::vector<AddedToken>& tokens, const Model& model,
                                 const Normalizer* normalizer, const std::string& source) {
  size_t next_id = model.vocab_size();
  size_t total_bytes = 0;
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    total_bytes += token.content.size();
    if (total_bytes > kMaxTotalBytes) {
      throw UnsupportedError(source + ": added_tokens of more than " + std::to_string(kMaxTotalBytes) +
                             " bytes in all are not supported");
    }
    int32_t id = 0;
    if (const auto known = ids_.find(token.content); known != ids_.end()) {
      id = known->second;
    } else if (const auto in_model = model.token_to_id(token.content)) {
      id = *in_model;
    } else if (next_id > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
      throw InvalidModelError(source + ": added token " + common::quote(token.content) + " has no id left below 2^31");
    } else {
      id = static_cast<int32_t>(next_id++);
    }
    ids_[token.content] = id;
    max_id_ = std::max(max_id_, id);
    const auto [place, is_new] = entry_by_id_.try_emplace(id, static_cast<uint32_t>(entries_.size()));
    if (is_new) {
      entries_.push_back({token, id});
    } else {
      entries_[place->second].token = token;  // the last one of an id decides
    }
  }

  std::vector<std::string> raw, normalized;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    const AddedToken& token = entries_[i].token;
    if (!token.normalized) {
      raw.push_back(token.content);
      raw_.entries.push_back(i);
      continue;
    }
    std::string pattern = token.content;
    if (normalizer != nullptr) normalizer->normalize(token.content, pattern);
    if (pattern.empty()) {
      throw InvalidModelError(source + ": added token " + common::quote(common::printable_line(token.content)) +
                              " is 'normalized', but the normalizer leaves nothing of it");
    }
    normalized.push_back(std::move(pattern));
    normalized_.entries.push_back(i);
  }
  raw_.matcher = PatternMatcher(std::move(raw));
  normalized_.matcher = PatternMatcher(std::move(normalized));
}

std::optional<AddedVocabulary::Stretch> AddedVocabulary::apply_flags(const AddedToken& token, std::string_view text,
                                                                     Stretch match, size_t previous_end) {
  if (token.single_word && (ends_with_word(text.substr(0, match.start)) || starts_with_word(text.substr(match.end)))) {
    return std::nullopt;
  }
  if (token.lstrip) match.start = skip_space_backwards(text, match.start, previous_end);
  if (token.rstrip) match.end = skip_space(text, match.end);
  return match;
}

std::optional<int32_t> AddedVocabulary::token_to_id(std::string_view content) const {
  const auto found = ids_.find(std::string(content));
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view AddedVocabulary::id_to_token(int32_t id) const {
  const auto found = entry_by_id_.find(id);
  return found == entry_by_id_.end() ? std::string_view() : std::string_view(entries_[found->second].token.content);
}

bool AddedVocabulary::is_special(int32_t id) const {
  const auto found = entry_by_id_.find(id);
  return found != entry_by_id_.end() && entries_[found->second].token.special;
}

}  // namespace sbert::tokenizer
