#pragma once

#include <memory>
#include <string>

#include "modules/module.h"

namespace sbert::modules {

/// Identity at inference (features 2-53). `sentence_transformers.sentence_transformer.modules.Dropout`.
class Dropout : public Module {
 public:
  static std::unique_ptr<Dropout> load(const ModuleSource& source);

  void forward(Features&, nn::Workspace&) const override {}
  std::string description() const override;

 private:
  double dropout_ = 0.2;
};

}  // namespace sbert::modules
