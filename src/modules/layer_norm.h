#pragma once

#include <memory>
#include <string>

#include "modules/module.h"
#include "nn/norm.h"

namespace sbert::modules {

/// torch.nn.LayerNorm of the sentence embedding (features 2-53).
/// `sentence_transformers.sentence_transformer.modules.LayerNorm`.
class LayerNorm : public Module {
 public:
  static std::unique_ptr<LayerNorm> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return norm_.size(); }
  size_t num_parameters() const override { return 2 * norm_.size(); }
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return weight_files_; }

 private:
  nn::Norm norm_;
  std::string source_;  // config.json, for messages
  std::vector<std::filesystem::path> weight_files_;
};

}  // namespace sbert::modules
