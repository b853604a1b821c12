#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modules/module.h"
#include "nn/linear.h"

namespace sbert::modules {

/// Convolutions of several widths over the tokens of a text, side by side (features 2-54). Beyond the ends of the text
/// there are zeros, as where the reference computes it alone. `sentence_transformers.sentence_transformer.modules.CNN`.
class CNN : public Module {
 public:
  static std::unique_ptr<CNN> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return out_channels_ * convolutions_.size(); }
  size_t num_parameters() const override;
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return weight_files_; }

 protected:
  std::vector<std::string> config_files() const override { return {"cnn_config.json"}; }

 private:
  explicit CNN(const ModuleSource& source);

  size_t in_channels_ = 0, out_channels_ = 0;
  std::vector<size_t> kernel_sizes_;      // odd
  std::vector<nn::Linear> convolutions_;  // of the tokens under a kernel: [out_channels, in_channels * kernel_size]
  std::string source_;                    // cnn_config.json, for messages
  std::vector<std::filesystem::path> weight_files_;
};

}  // namespace sbert::modules
