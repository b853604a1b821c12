#include "tokenizer/word_level.h"

#include <utility>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::tokenizer {
namespace {

class WordLevel final : public Model {
 public:
  WordLevel(Vocabulary vocabulary, WordLevelOptions options)
      : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {
    vocabulary_.finish();
    unk_id_ = vocabulary_.find(options_.unk_token);
  }

  void tokenize(std::string_view word, std::vector<int32_t>& ids) const override {
    int32_t id = vocabulary_.find(word);
    if (id == Vocabulary::kNone) id = unk_id_;
    if (id == Vocabulary::kNone) {
      throw InvalidModelError(options_.source + ": the word " + common::quote(word) + " needs the unknown token " +
                              common::quote(options_.unk_token) + ", which model.vocab does not have");
    }
    ids.push_back(id);
  }

  std::optional<int32_t> token_to_id(std::string_view token) const override {
    const int32_t id = vocabulary_.find(token);
    return id == Vocabulary::kNone ? std::nullopt : std::optional(id);
  }
  std::string_view id_to_token(int32_t id) const override { return vocabulary_.string_of(id); }
  size_t vocab_size() const override { return vocabulary_.size(); }
  int32_t max_id() const override { return vocabulary_.max_id(); }
  const std::string& type() const override { return type_; }

 private:
  Vocabulary vocabulary_;
  WordLevelOptions options_;
  int32_t unk_id_ = Vocabulary::kNone;
  std::string type_ = "WordLevel";
};

}  // namespace

std::unique_ptr<Model> make_word_level(Vocabulary vocabulary, WordLevelOptions options) {
  return std::make_unique<WordLevel>(std::move(vocabulary), std::move(options));
}

}  // namespace sbert::tokenizer
