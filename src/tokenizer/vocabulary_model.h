#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tokenizer/model.h"
#include "tokenizer/vocabulary.h"

namespace sbert::tokenizer {

/// A model whose tokens are the strings of one Vocabulary: all but Unigram, which has a trie.
class VocabularyModel : public Model {
 public:
  std::optional<int32_t> token_to_id(std::string_view token) const final {
    const int32_t id = vocabulary_.find(token);
    return id == Vocabulary::kNone ? std::nullopt : std::optional(id);
  }
  std::string_view id_to_token(int32_t id) const final { return vocabulary_.string_of(id); }
  size_t vocab_size() const final { return vocabulary_.size(); }
  int32_t max_id() const final { return vocabulary_.max_id(); }
  const std::string& type() const final { return type_; }

 protected:
  /// `type` as model.type in tokenizer.json.
  VocabularyModel(Vocabulary vocabulary, std::string type)
      : vocabulary_(std::move(vocabulary)), type_(std::move(type)) {
    vocabulary_.finish();
  }

  Vocabulary vocabulary_;

 private:
  std::string type_;
};

}  // namespace sbert::tokenizer
