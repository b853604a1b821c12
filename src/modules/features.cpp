#include "modules/features.h"

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::modules {

FeatureName parse_feature_name(const std::string& name, const std::string& source) {
  if (name == "token_embeddings") return FeatureName::kTokenEmbeddings;
  if (name == "sentence_embedding") return FeatureName::kSentenceEmbedding;
  throw UnsupportedError(source + ": feature " + common::quote(name) +
                         " is not supported; supported: 'token_embeddings', 'sentence_embedding'");
}

const char* feature_name(FeatureName name) noexcept {
  return name == FeatureName::kTokenEmbeddings ? "token_embeddings" : "sentence_embedding";
}

FeatureMatrix& require_feature(Features& features, FeatureName name, const char* module) {
  FeatureMatrix& matrix =
      name == FeatureName::kTokenEmbeddings ? features.token_embeddings : features.sentence_embedding;
  if (matrix.cols == 0) {
    throw InvalidModelError(std::string(module) + " needs '" + feature_name(name) +
                            "', which no module before it in modules.json makes");
  }
  return matrix;
}

}  // namespace sbert::modules
