#include "modules/word_weights.h"

#include <sbert/error.h>

#include "common/json.h"
#include "modules/describe.h"
#include "modules/word_weights_table.h"

namespace sbert::modules {

// The weights come from config.json: the reference writes model.safetensors as well, and does not read it.
std::unique_ptr<WordWeights> WordWeights::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  auto module = std::make_unique<WordWeights>();
  module->weights_ = read_word_weights(config, config.strings("vocab"));
  module->unknown_word_weight_ = config.number_if("unknown_word_weight").value_or(1.0);
  module->source_ = config.source();
  return module;
}

void WordWeights::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& tokens = require_feature(features, "token_embeddings", "WordWeights");
  const nn::PackedBatch& batch = features.batch;
  features.token_weights_sum.assign(batch.num_texts(), 0.0f);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    double sum = 0;
    for (size_t i = batch.offsets[text]; i < batch.offsets[text + 1]; ++i) {
      const auto id = static_cast<size_t>(batch.token_ids[i]);
      if (id >= weights_.size()) {
        throw InvalidModelError(source_ + ": 'vocab' has " + std::to_string(weights_.size()) +
                                " words, none for the token id " + std::to_string(id));
      }
      sum += static_cast<double>(weights_[id]);
      for (size_t j = 0; j < tokens.cols; ++j) tokens.row(i)[j] *= weights_[id];
    }
    features.token_weights_sum[text] = static_cast<float>(sum);
  }
}

std::string WordWeights::description() const {
  return "WordWeights({'vocab': " + std::to_string(weights_.size()) +
         " words, 'unknown_word_weight': " + python_number(unknown_word_weight_) + "})";
}

}  // namespace sbert::modules
