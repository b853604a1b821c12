#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modules/module.h"

namespace sbert::modules {

/// Multiplies each token embedding by the weight of its word, such as an idf value, and gives Pooling the sum of the
/// weights (features 2-59). `sentence_transformers.sentence_transformer.modules.WordWeights`.
class WordWeights : public Module {
 public:
  static std::unique_ptr<WordWeights> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  size_t num_parameters() const override { return weights_.size(); }
  std::string description() const override;

 private:
  std::vector<float> weights_;  // by token id
  double unknown_word_weight_ = 1;
  std::string source_;  // config.json, for messages
};

}  // namespace sbert::modules
