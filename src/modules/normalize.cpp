#include "modules/normalize.h"

#include <sbert/error.h>

#include "common/json.h"
#include "common/text.h"
#include "nn/l2_normalize.h"

namespace sbert::modules {

std::unique_ptr<Normalize> Normalize::load(const ModuleSource& source) {
  auto normalize = std::make_unique<Normalize>();
  // Models of version 2 have no folder for it (all-MiniLM-L6-v2).
  const std::filesystem::path path = source.folder / "config.json";
  if (!std::filesystem::exists(path)) return normalize;
  const auto config = common::JsonObject::read_file(path);
  const std::string input = config.string_if("module_input_name").value_or("sentence_embedding");
  const std::string output = config.string_if("module_output_name").value_or(input);
  normalize->name_ = parse_feature_name(input, config.source());
  if (output != input) {
    throw UnsupportedError(config.source() + ": a Normalize from " + common::quote(input) + " to " +
                           common::quote(output) + " is not supported by this version");
  }
  return normalize;
}

void Normalize::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& x = require_feature(features, name_, "Normalize");
  nn::l2_normalize_rows(x.values.data(), x.rows, x.cols);
}

std::string Normalize::description() const {
  const std::string name = feature_name(name_);
  return "Normalize({'module_input_name': '" + name + "', 'module_output_name': '" + name + "'})";
}

}  // namespace sbert::modules
