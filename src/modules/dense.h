#pragma once

#include <memory>
#include <optional>
#include <string>

#include "modules/module.h"
#include "modules/torch_activation.h"
#include "nn/linear.h"

namespace sbert::modules {

/// y = activation(W x + b), plus x, or R x where the sizes differ, with use_residual (features 2-52).
/// `sentence_transformers.base.modules.Dense`.
class Dense : public Module {
 public:
  static std::unique_ptr<Dense> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return linear_.out_features(); }
  size_t num_parameters() const override { return num_parameters_; }
  std::string description() const override { return description_; }
  std::vector<std::filesystem::path> weight_files() const override { return weight_files_; }

 private:
  explicit Dense(const ModuleSource& source);
  void add_residual(const FeatureMatrix& x, FeatureMatrix& y) const;

  nn::Linear linear_;
  std::optional<nn::Linear> residual_;  // where use_residual and the sizes differ
  bool use_residual_ = false;
  std::optional<TorchActivation> activation_;
  FeatureNames names_;
  size_t num_parameters_ = 0;
  std::string source_;  // config.json, for messages
  std::string description_;
  std::vector<std::filesystem::path> weight_files_;
};

}  // namespace sbert::modules
