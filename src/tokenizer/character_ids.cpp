#include "tokenizer/character_ids.h"

#include "common/text.h"

namespace sbert::tokenizer {

CharacterIds::CharacterIds(const Vocabulary& vocabulary, std::string_view prefix, std::string_view suffix)
    : pages_(kPages), ids_(kPageSize, Vocabulary::kNone) {
  constexpr size_t kLongestCharacter = 4;
  const size_t affixes = prefix.size() + suffix.size();
  vocabulary.for_each([&](std::string_view token, int32_t id) {
    if (token.size() <= affixes || token.size() > affixes + kLongestCharacter) return;
    if (!token.starts_with(prefix) || !token.ends_with(suffix)) return;
    const std::string_view middle = token.substr(prefix.size(), token.size() - affixes);
    size_t end = 0;
    if (!common::is_valid_utf8(middle)) return;
    const char32_t c = common::next_code_point(middle, end);
    if (end != middle.size()) return;
    uint32_t& page = pages_[c / kPageSize];
    if (page == 0) {
      page = static_cast<uint32_t>(ids_.size());
      ids_.resize(ids_.size() + kPageSize, Vocabulary::kNone);
    }
    ids_[page + c % kPageSize] = id;
  });
}

}  // namespace sbert::tokenizer
