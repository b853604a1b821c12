#include "modules/lstm.h"

#include <algorithm>
#include <cmath>

#include <sbert/error.h>

#include "common/json.h"
#include "kernels/kernels.h"
#include "modules/describe.h"

namespace sbert::modules {

std::unique_ptr<LSTM> LSTM::load(const ModuleSource& source) {
  return std::unique_ptr<LSTM>(new LSTM(source));
}

LSTM::LSTM(const ModuleSource& source) {
  constexpr int64_t kMaxSize = int64_t{1} << 20, kMaxLayers = 1024;
  const auto config = common::JsonObject::read_file(source.folder / "lstm_config.json");
  source_ = config.source();
  const char* input_key = config.has("embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
  input_size_ = static_cast<size_t>(config.integer(input_key, 1, kMaxSize));
  hidden_size_ = static_cast<size_t>(config.integer("hidden_dim", 1, kMaxSize));
  num_layers_ = static_cast<size_t>(config.integer_if("num_layers", 1, kMaxLayers).value_or(1));
  dropout_ = config.number_if("dropout").value_or(0.0);
  bidirectional_ = config.boolean_if("bidirectional").value_or(true);

  const auto store = formats::TensorStore::open(source.folder, source.access);
  for (size_t layer = 0; layer < num_layers_; ++layer) {
    layers_.emplace_back();
    layers_.back().push_back(load_direction(store, layer, false));
    if (bidirectional_) layers_.back().push_back(load_direction(store, layer, true));
  }
  weight_files_ = store.files();
}

LSTM::Direction LSTM::load_direction(const formats::TensorStore& store, size_t layer, bool backwards) const {
  const std::string suffix = "_l" + std::to_string(layer) + (backwards ? "_reverse" : "");
  auto load_linear = [&](const std::string& kind, size_t in_features) {
    const nn::LinearTensors tensors{.weight = store.require("encoder.weight_" + kind + suffix),
                                    .bias = store.require("encoder.bias_" + kind + suffix)};
    return nn::Linear(tensors, in_features, 4 * hidden_size_);
  };
  const size_t in_features = layer == 0 ? input_size_ : hidden_size_ * num_directions();
  return {.input = load_linear("ih", in_features), .hidden = load_linear("hh", hidden_size_), .backwards = backwards};
}

size_t LSTM::num_parameters() const {
  size_t count = 0;
  for (const auto& layer : layers_) {
    for (const Direction& direction : layer) {
      count += 4 * hidden_size_ * (direction.input.in_features() + direction.hidden.in_features() + 2);
    }
  }
  return count;
}

// i, f, o = sigmoid, g = tanh of (W x + b + U h + c); cell = f cell + i g; h = o tanh(cell).
void LSTM::run(const Direction& direction, const nn::PackedBatch& batch, const FeatureMatrix& x, FeatureMatrix& out,
               size_t column) const {
  const kernels::Kernels& kernel = kernels::active();
  const size_t size = hidden_size_;
  common::AlignedBuffer inputs(x.rows * 4 * size), gates(4 * size), hidden(size), tanh_cell(size);
  std::vector<float> cell(size);
  direction.input.forward(x.values.data(), x.cols, x.rows, inputs.data());
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    std::fill_n(hidden.data(), size, 0.0f);
    std::fill(cell.begin(), cell.end(), 0.0f);
    for (size_t step = 0; step < batch.length(text); ++step) {
      const size_t token = direction.backwards ? batch.offsets[text + 1] - 1 - step : batch.offsets[text] + step;
      direction.hidden.forward(hidden.data(), size, 1, gates.data());
      kernel.add(inputs.data() + token * 4 * size, gates.data(), 4 * size);
      kernel.activate(kernels::Activation::kSigmoid, gates.data(), 2 * size);
      kernel.activate(kernels::Activation::kTanh, gates.data() + 2 * size, size);
      kernel.activate(kernels::Activation::kSigmoid, gates.data() + 3 * size, size);
      const float* i = gates.data();
      const float *f = i + size, *g = f + size, *o = g + size;
      for (size_t j = 0; j < size; ++j) cell[j] = f[j] * cell[j] + i[j] * g[j];
      std::copy(cell.begin(), cell.end(), tanh_cell.data());
      kernel.activate(kernels::Activation::kTanh, tanh_cell.data(), size);
      for (size_t j = 0; j < size; ++j) hidden.data()[j] = o[j] * tanh_cell.data()[j];
      std::copy_n(hidden.data(), size, out.row(token) + column);
    }
  }
}

void LSTM::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& tokens = require_feature(features, "token_embeddings", "LSTM");
  if (tokens.cols != input_size_) {
    throw InvalidModelError(source_ + ": LSTM expects " + std::to_string(input_size_) +
                            " dimensions, the module before it gives " + std::to_string(tokens.cols));
  }
  for (const std::vector<Direction>& layer : layers_) {
    FeatureMatrix out;
    out.resize(tokens.rows, hidden_size_ * num_directions());
    for (size_t i = 0; i < layer.size(); ++i) run(layer[i], features.batch, tokens, out, i * hidden_size_);
    tokens = std::move(out);
  }
}

std::string LSTM::description() const {
  return "LSTM({'embedding_dimension': " + std::to_string(input_size_) +
         ", 'hidden_dim': " + std::to_string(hidden_size_) + ", 'num_layers': " + std::to_string(num_layers_) +
         ", 'dropout': " + python_number(dropout_) + ", 'bidirectional': " + python_boolean(bidirectional_) + "})";
}

}  // namespace sbert::modules
