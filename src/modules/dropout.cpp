#include "modules/dropout.h"

#include "common/json.h"
#include "modules/describe.h"

namespace sbert::modules {

std::unique_ptr<Dropout> Dropout::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  auto module = std::make_unique<Dropout>();
  module->dropout_ = config.number_if("dropout").value_or(0.2);
  return module;
}

std::string Dropout::description() const {
  return "Dropout({'dropout': " + python_number(dropout_) + "})";
}

}  // namespace sbert::modules
