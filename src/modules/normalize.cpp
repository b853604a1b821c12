#include "modules/normalize.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "formats/config_writer.h"
#include "nn/l2_normalize.h"

namespace sbert::modules {

std::unique_ptr<Normalize> Normalize::load(const ModuleSource& source) {
  // Models of version 2 have no folder for it (all-MiniLM-L6-v2).
  const std::filesystem::path path = source.folder / "config.json";
  if (!std::filesystem::exists(path)) return std::make_unique<Normalize>();
  return std::make_unique<Normalize>(read_feature_names(common::JsonObject::read_file(path), "Normalize"));
}

void Normalize::forward(Features& features, nn::Workspace&) const {
  const FeatureMatrix* x = find_feature(features, names_.input);
  if (x == nullptr) return;  // as the reference: what is not there is not normalized
  FeatureMatrix& y = output_feature(features, names_, "Normalize");
  if (&y != x) std::copy_n(x->values.data(), x->rows * x->cols, y.resize(x->rows, x->cols));
  nn::l2_normalize_rows(y.values.data(), y.rows, y.cols);
}

void Normalize::save(const std::filesystem::path&, const std::filesystem::path& folder) const {
  formats::write_json_file(folder / "config.json",
                           {{"module_input_name", names_.input}, {"module_output_name", names_.output}}, 4);
}

std::string Normalize::description() const {
  return "Normalize({'module_input_name': '" + names_.input + "', 'module_output_name': '" + names_.output + "'})";
}

}  // namespace sbert::modules
