#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modules/module.h"

namespace sbert::modules {

/// token_embeddings = sum of w_l h_l / sum of w_l over the hidden states of the layers from layer_start on, with
/// learned weights (features 2-56). Without hidden states (config.json's output_hidden_states) it changes nothing, as
/// the reference. `sentence_transformers.sentence_transformer.modules.WeightedLayerPooling`.
class WeightedLayerPooling : public Module {
 public:
  static std::unique_ptr<WeightedLayerPooling> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return embedding_dimension_; }
  size_t num_parameters() const override { return weights_.size(); }
  bool reads_all_layer_embeddings() const override { return true; }
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return weight_files_; }

 private:
  size_t embedding_dimension_ = 0, num_hidden_layers_ = 12, layer_start_ = 4;
  std::vector<float> weights_;  // of layer_start, layer_start + 1, ...
  std::string source_;          // config.json, for messages
  std::vector<std::filesystem::path> weight_files_;
};

}  // namespace sbert::modules
