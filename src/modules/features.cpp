#include "modules/features.h"

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::modules {
namespace {

constexpr std::string_view kTokens = "token_embeddings", kSentence = "sentence_embedding";

[[noreturn]] void refuse_change_of_rows(const std::string& source, const char* module, const FeatureNames& names) {
  throw UnsupportedError(source + ": a " + module + " from " + common::quote(names.input) + " to " +
                         common::quote(names.output) + " is not supported by this version");
}

}  // namespace

void Features::clear_outputs() {
  token_embeddings.cols = 0;
  sentence_embedding.cols = 0;
  for (FeatureMatrix& layer : all_layer_embeddings) layer.cols = 0;
  token_weights_sum.clear();
  for (auto& [name, feature] : named) feature.matrix.cols = 0;
}

FeatureNames read_feature_names(const common::JsonObject& config, const char* module) {
  FeatureNames names;
  names.input = config.string_if("module_input_name").value_or(names.input);
  names.output = config.string_if("module_output_name").value_or(names.input);
  const auto is_fixed = [](const std::string& name) { return name == kTokens || name == kSentence; };
  if (is_fixed(names.input) && is_fixed(names.output) && names.input != names.output) {
    refuse_change_of_rows(config.source(), module, names);
  }
  return names;
}

bool is_per_token(const Features& features, std::string_view name) {
  if (name == kTokens) return true;
  const auto found = features.named.find(name);
  return found != features.named.end() && found->second.per_token;
}

FeatureMatrix* find_feature(Features& features, std::string_view name) {
  FeatureMatrix* matrix = nullptr;
  if (name == kTokens) {
    matrix = &features.token_embeddings;
  } else if (name == kSentence) {
    matrix = &features.sentence_embedding;
  } else if (const auto found = features.named.find(name); found != features.named.end()) {
    matrix = &found->second.matrix;
  }
  return matrix != nullptr && matrix->cols > 0 ? matrix : nullptr;
}

FeatureMatrix& require_feature(Features& features, std::string_view name, const char* module) {
  FeatureMatrix* matrix = find_feature(features, name);
  if (matrix == nullptr) {
    throw InvalidModelError(std::string(module) + " needs " + common::quote(name) +
                            ", which no module before it in modules.json makes");
  }
  return *matrix;
}

FeatureMatrix& output_feature(Features& features, const FeatureNames& names, const char* module) {
  const bool per_token = is_per_token(features, names.input);
  if (names.output == kTokens || names.output == kSentence) {
    if (per_token != (names.output == kTokens)) refuse_change_of_rows("modules.json", module, names);
    return per_token ? features.token_embeddings : features.sentence_embedding;
  }
  Features::Named& output = features.named[names.output];
  output.per_token = per_token;
  return output.matrix;
}

}  // namespace sbert::modules
