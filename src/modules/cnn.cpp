#include "modules/cnn.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "common/json.h"
#include "formats/tensor_store.h"
#include "modules/describe.h"

namespace sbert::modules {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 20;
constexpr int64_t kMaxKernelSize = 1023;
constexpr size_t kMaxKernels = 64;
constexpr size_t kBlockTokens = 64;  // whose surroundings are gathered at once

std::vector<size_t> read_sizes(const common::JsonObject& config, const char* key, std::vector<size_t> otherwise) {
  if (!config.has(key)) return otherwise;
  const nlohmann::json& list = config.raw().at(key);
  if (!list.is_array() || list.empty() || list.size() > kMaxKernels) {
    config.fail(key, "must be a list of 1 to " + std::to_string(kMaxKernels) + " numbers");
  }
  std::vector<size_t> sizes;
  for (const nlohmann::json& item : list) {
    const bool valid = item.is_number_integer() && item >= 1 && item <= kMaxKernelSize;
    if (!valid) config.fail(key, "holds " + item.dump() + ", expected 1 to " + std::to_string(kMaxKernelSize));
    sizes.push_back(item.get<size_t>());
  }
  return sizes;
}

}  // namespace

std::unique_ptr<CNN> CNN::load(const ModuleSource& source) {
  return std::unique_ptr<CNN>(new CNN(source));
}

CNN::CNN(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "cnn_config.json");
  source_ = config.source();
  const char* in_key = config.has("in_embedding_dimension") ? "in_embedding_dimension" : "in_word_embedding_dimension";
  in_channels_ = static_cast<size_t>(config.integer(in_key, 1, kMaxSize));
  out_channels_ = static_cast<size_t>(config.integer_if("out_channels", 1, kMaxSize).value_or(256));
  kernel_sizes_ = read_sizes(config, "kernel_sizes", {1, 3, 5});
  const std::vector<size_t> strides = read_sizes(config, "stride_sizes", std::vector<size_t>(kernel_sizes_.size(), 1));
  if (std::any_of(strides.begin(), strides.end(), [](size_t stride) { return stride != 1; })) {
    throw UnsupportedError(source_ +
                           ": stride_sizes other than 1 are not supported: they give fewer tokens than the "
                           "text has");
  }
  if (std::any_of(kernel_sizes_.begin(), kernel_sizes_.end(), [](size_t size) { return size % 2 == 0; })) {
    throw UnsupportedError(source_ + ": even kernel_sizes are not supported: they give fewer tokens than the text has");
  }
  const auto store = formats::TensorStore::open(source.folder, source.access);
  for (size_t i = 0; i < kernel_sizes_.size(); ++i) {
    const std::string name = "convs." + std::to_string(i);
    nn::LinearTensors tensors{.weight = store.require(name + ".weight"), .bias = store.require(name + ".bias")};
    const auto in = static_cast<int64_t>(in_channels_), width = static_cast<int64_t>(kernel_sizes_[i]);
    nn::require_shape(tensors.weight, {static_cast<int64_t>(out_channels_), in, width});
    tensors.weight.shape = {static_cast<int64_t>(out_channels_), in * width};
    convolutions_.emplace_back(tensors, in_channels_ * kernel_sizes_[i], out_channels_);
  }
  weight_files_ = store.files();
}

size_t CNN::num_parameters() const {
  size_t count = 0;
  for (const size_t size : kernel_sizes_) count += out_channels_ * (in_channels_ * size + 1);
  return count;
}

void CNN::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& tokens = require_feature(features, "token_embeddings", "CNN");
  if (tokens.cols != in_channels_) {
    throw InvalidModelError(source_ + ": CNN expects " + std::to_string(in_channels_) +
                            " dimensions, the module before it gives " + std::to_string(tokens.cols));
  }
  const nn::PackedBatch& batch = features.batch;
  FeatureMatrix out;
  out.resize(tokens.rows, out_channels_ * convolutions_.size());
  const size_t widest = *std::max_element(kernel_sizes_.begin(), kernel_sizes_.end());
  common::AlignedBuffer surroundings(kBlockTokens * in_channels_ * widest), result(kBlockTokens * out_channels_);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    const size_t begin = batch.offsets[text], end = batch.offsets[text + 1];
    for (size_t first = begin; first < end; first += kBlockTokens) {
      const size_t count = std::min(kBlockTokens, end - first);
      for (size_t k = 0; k < convolutions_.size(); ++k) {
        const size_t width = kernel_sizes_[k], reach = width / 2;
        for (size_t i = 0; i < count; ++i) {
          float* row = surroundings.data() + i * in_channels_ * width;  // [in_channels, width], as the weight has it
          for (size_t w = 0; w < width; ++w) {
            const size_t token = first + i + w;  // less `reach`
            const bool inside = token >= begin + reach && token < end + reach;
            const float* x = inside ? tokens.row(token - reach) : nullptr;
            for (size_t c = 0; c < in_channels_; ++c) row[c * width + w] = x != nullptr ? x[c] : 0.0f;
          }
        }
        convolutions_[k].forward(surroundings.data(), in_channels_ * width, count, result.data());
        for (size_t i = 0; i < count; ++i) {
          std::copy_n(result.data() + i * out_channels_, out_channels_, out.row(first + i) + k * out_channels_);
        }
      }
    }
  }
  tokens = std::move(out);
}

std::string CNN::description() const {
  return "CNN({'in_embedding_dimension': " + std::to_string(in_channels_) +
         ", 'out_channels': " + std::to_string(out_channels_) + ", 'kernel_sizes': " + python_list(kernel_sizes_) +
         "})";
}

}  // namespace sbert::modules
