#include "modules/layer_norm.h"

#include <sbert/error.h>

#include "common/json.h"
#include "formats/tensor_store.h"

namespace sbert::modules {

std::unique_ptr<LayerNorm> LayerNorm::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  const auto dimension = static_cast<size_t>(config.integer("dimension", 1, int64_t{1} << 24));
  const auto store = formats::TensorStore::open(source.folder, source.access);
  auto layer_norm = std::make_unique<LayerNorm>();
  const nn::NormSpec spec{.eps = 1e-5f};  // torch's default, which the reference leaves
  const nn::NormTensors tensors{.weight = store.require("norm.weight"), .bias = store.require("norm.bias")};
  layer_norm->norm_ = nn::Norm(spec, tensors, dimension);
  layer_norm->source_ = config.source();
  layer_norm->weight_files_ = store.files();
  return layer_norm;
}

void LayerNorm::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& x = require_feature(features, "sentence_embedding", "LayerNorm");
  if (x.cols != norm_.size()) {
    throw InvalidModelError(source_ + ": LayerNorm expects " + std::to_string(norm_.size()) +
                            " dimensions, the module before it gives " + std::to_string(x.cols));
  }
  norm_.forward(x.values.data(), nullptr, x.rows, x.values.data());
}

std::string LayerNorm::description() const {
  return "LayerNorm({'dimension': " + std::to_string(norm_.size()) + "})";
}

}  // namespace sbert::modules
