#pragma once

#include <memory>
#include <string>

#include "modules/module.h"

namespace sbert::modules {

/// x / max(|x|, 1e-12) for each row (features 2-51). `sentence_transformers.base.modules.Normalize`.
class Normalize : public Module {
 public:
  static std::unique_ptr<Normalize> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::string description() const override;

 private:
  FeatureName name_ = FeatureName::kSentenceEmbedding;
};

}  // namespace sbert::modules
