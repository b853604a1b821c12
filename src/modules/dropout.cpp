#include "modules/dropout.h"

#include <cstdio>

#include "common/json.h"

namespace sbert::modules {

std::unique_ptr<Dropout> Dropout::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  auto module = std::make_unique<Dropout>();
  module->dropout_ = config.number_if("dropout").value_or(0.2);
  return module;
}

std::string Dropout::description() const {
  char text[64];
  std::snprintf(text, sizeof text, "Dropout({'dropout': %g})", dropout_);
  return text;
}

}  // namespace sbert::modules
