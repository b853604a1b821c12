#include "modules/bow.h"

#include <algorithm>
#include <set>

#include <sbert/error.h>

#include "common/json.h"
#include "modules/describe.h"
#include "modules/word_embeddings.h"
#include "modules/word_weights_table.h"

namespace sbert::modules {
namespace {

// The words of the config without those that stand there before.
std::vector<std::string> read_vocab(const common::JsonObject& config) {
  std::vector<std::string> vocab;
  std::set<std::string> seen;
  for (std::string& word : config.strings("vocab")) {
    if (seen.insert(word).second) vocab.push_back(std::move(word));
  }
  if (vocab.empty()) config.fail("vocab", "is empty");
  return vocab;
}

}  // namespace

std::unique_ptr<BoW> BoW::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  return std::unique_ptr<BoW>(new BoW(config, read_vocab(config)));
}

BoW::BoW(const common::JsonObject& config, const std::vector<std::string>& vocab)
    : tokenizer_(vocab),
      weights_(read_word_weights(config, vocab)),
      cumulative_term_frequency_(config.boolean_if("cumulative_term_frequency").value_or(true)) {}

void BoW::tokenize(std::string_view first, std::optional<std::string_view> second, Task,
                   tokenizer::Encoding& out) const {
  tokenize_words(tokenizer_, first, second, "BoW", out);
}

void BoW::set_max_seq_length(size_t) {
  throw InvalidArgumentError("a BoW reads texts of any length: it has no max_seq_length to set");
}

void BoW::forward(Features& features, nn::Workspace&) const {
  const nn::PackedBatch& batch = features.batch;
  FeatureMatrix& vectors = features.sentence_embedding;
  vectors.resize(batch.num_texts(), weights_.size());
  std::fill_n(vectors.values.data(), vectors.rows * vectors.cols, 0.0f);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    float* vector = vectors.row(text);
    for (size_t i = batch.offsets[text]; i < batch.offsets[text + 1]; ++i) {
      const auto id = static_cast<size_t>(batch.token_ids[i]);
      vector[id] = weights_[id] + (cumulative_term_frequency_ ? vector[id] : 0.0f);
    }
  }
}

std::string BoW::description() const {
  return "BoW({'vocab': " + std::to_string(weights_.size()) +
         " words, 'cumulative_term_frequency': " + python_boolean(cumulative_term_frequency_) + "})";
}

}  // namespace sbert::modules
