#pragma once

#include <string>

#include "arch/architecture.h"

namespace sbert::arch {

/// The architecture of a config.json with these fields beside model_type.
inline Architecture read(const std::string& model_type, const std::string& fields = "") {
  return read_architecture(common::JsonObject::parse(
      "{\"model_type\": \"" + model_type + "\"" + (fields.empty() ? "" : ", " + fields) + "}", "config.json"));
}

}  // namespace sbert::arch
