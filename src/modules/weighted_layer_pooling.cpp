#include "modules/weighted_layer_pooling.h"

#include <sbert/error.h>

#include "common/json.h"
#include "formats/tensor_store.h"
#include "nn/linear.h"

namespace sbert::modules {

std::unique_ptr<WeightedLayerPooling> WeightedLayerPooling::load(const ModuleSource& source) {
  constexpr int64_t kMaxDimension = int64_t{1} << 24, kMaxLayers = int64_t{1} << 16;
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  auto module = std::make_unique<WeightedLayerPooling>();
  module->source_ = config.source();
  const char* key = config.has("embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
  module->embedding_dimension_ = static_cast<size_t>(config.integer(key, 1, kMaxDimension));
  const int64_t layers = config.integer_if("num_hidden_layers", 0, kMaxLayers).value_or(12);
  const int64_t start = config.integer_if("layer_start", 0, layers).value_or(4);
  if (start > layers) config.fail("num_hidden_layers", "is less than layer_start, " + std::to_string(start));
  module->num_hidden_layers_ = static_cast<size_t>(layers);
  module->layer_start_ = static_cast<size_t>(start);
  const auto store = formats::TensorStore::open(source.folder, source.access);
  const formats::TensorView& weights = store.require("layer_weights");
  nn::require_shape(weights, {layers + 1 - start});
  module->weights_ = formats::read_floats(weights);
  module->weight_files_ = store.files();
  return module;
}

void WeightedLayerPooling::forward(Features& features, nn::Workspace&) const {
  const std::vector<FeatureMatrix>& layers = features.all_layer_embeddings;
  if (layers.empty() || layers.front().cols == 0) return;
  if (layers.size() != layer_start_ + weights_.size()) {
    throw InvalidModelError(source_ + ": WeightedLayerPooling expects the embeddings and " +
                            std::to_string(num_hidden_layers_) + " layers, the model has " +
                            std::to_string(layers.size() - 1) + " layers");
  }
  double sum_of_weights = 0;
  for (const float weight : weights_) sum_of_weights += static_cast<double>(weight);
  FeatureMatrix& out = features.token_embeddings;
  out.resize(layers.front().rows, layers.front().cols);
  for (size_t i = 0; i < out.rows * out.cols; ++i) {
    double sum = 0;
    for (size_t l = 0; l < weights_.size(); ++l) {
      sum += static_cast<double>(weights_[l]) * static_cast<double>(layers[layer_start_ + l].values.data()[i]);
    }
    out.values.data()[i] = static_cast<float>(sum / sum_of_weights);
  }
}

std::string WeightedLayerPooling::description() const {
  return "WeightedLayerPooling({'embedding_dimension': " + std::to_string(embedding_dimension_) +
         ", 'layer_start': " + std::to_string(layer_start_) +
         ", 'num_hidden_layers': " + std::to_string(num_hidden_layers_) + "})";
}

}  // namespace sbert::modules
