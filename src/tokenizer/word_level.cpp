#include "tokenizer/word_level.h"

#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/vocabulary_model.h"

namespace sbert::tokenizer {
namespace {

class WordLevel final : public VocabularyModel {
 public:
  WordLevel(Vocabulary vocabulary, WordLevelOptions options)
      : VocabularyModel(std::move(vocabulary), "WordLevel"), options_(std::move(options)) {
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

 private:
  WordLevelOptions options_;
  int32_t unk_id_ = Vocabulary::kNone;
};

}  // namespace

std::unique_ptr<Model> make_word_level(Vocabulary vocabulary, WordLevelOptions options) {
  return std::make_unique<WordLevel>(std::move(vocabulary), std::move(options));
}

}  // namespace sbert::tokenizer
