#pragma once

#include <memory>
#include <string>
#include <utility>

#include "modules/module.h"

namespace sbert::modules {

/// x / max(|x|, 1e-12) for each row (features 2-51). `sentence_transformers.base.modules.Normalize`.
class Normalize : public Module {
 public:
  static std::unique_ptr<Normalize> load(const ModuleSource& source);
  explicit Normalize(FeatureNames names = {}) : names_(std::move(names)) {}

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::string description() const override;
  void save(const std::filesystem::path& source, const std::filesystem::path& folder) const override;

 private:
  FeatureNames names_;
};

}  // namespace sbert::modules
