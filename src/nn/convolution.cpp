#include "nn/convolution.h"

#include <algorithm>

namespace sbert::nn {

Convolution::Convolution(const ConvolutionSpec& spec, const ConvolutionTensors& tensors, size_t hidden_size)
    : activation_(spec.activation),
      kernel_size_(static_cast<size_t>(spec.kernel_size)),
      norm_(spec.norm, tensors.norm, hidden_size) {
  const auto count = static_cast<size_t>(spec.groups);
  const size_t width = hidden_size / count, k = width * kernel_size_;
  require_shape(tensors.conv.weight,
                {static_cast<int64_t>(hidden_size), static_cast<int64_t>(width), spec.kernel_size});
  if (tensors.conv.bias) require_shape(*tensors.conv.bias, {static_cast<int64_t>(hidden_size)});
  // Tap by tap [out, kernel_size, in], not [out, in, kernel_size]: then the tokens under a kernel are one row.
  std::vector<float> stored(width * k), weight(width * k), bias(width, 0.0f);
  for (size_t group = 0; group < count; ++group) {
    formats::read_floats(tensors.conv.weight, group * width * k, stored);
    for (size_t out = 0; out < width; ++out) {
      for (size_t in = 0; in < width; ++in) {
        for (size_t tap = 0; tap < kernel_size_; ++tap) {
          weight[out * k + tap * width + in] = stored[out * k + in * kernel_size_ + tap];
        }
      }
    }
    if (tensors.conv.bias) formats::read_floats(*tensors.conv.bias, group * width, bias);
    const auto as_tensor = [&](const std::vector<float>& values, std::vector<int64_t> shape) {
      return TensorView{.name = tensors.conv.weight.name,
                        .dtype = formats::DType::kF32,
                        .shape = std::move(shape),
                        .bytes = std::as_bytes(std::span(values)),
                        .file = tensors.conv.weight.file};
    };
    const auto rows = static_cast<int64_t>(width);
    groups_.emplace_back(
        LinearTensors{.weight = as_tensor(weight, {rows, static_cast<int64_t>(k)}), .bias = as_tensor(bias, {rows})}, k,
        width);
  }
}

// All texts stand in one buffer [T + N * (kernel_size - 1), H / groups], each with kernel_size / 2 rows of zeros before
// and behind it: row i of a product with kernel_size * H / groups values from row i on is then token i of its text, and
// one product serves all texts. The kernel_size - 1 rows of it that reach into the next text are not used.
void Convolution::forward(const float* x, const PackedBatch& batch, Workspace& workspace, float* hidden) const {
  const size_t border = kernel_size_ / 2, hidden_size = norm_.size(), width = hidden_size / groups_.size();
  if (batch.num_tokens() == 0) return;
  const size_t rows = batch.num_tokens() + batch.num_texts() * 2 * border;
  const size_t products = rows - 2 * border;
  float* padded = workspace.convolution_input.reserve(rows * width);
  float* result = workspace.convolution_output.reserve(products * width);
  float* sum = workspace.projection.reserve(batch.num_tokens() * hidden_size);
  std::fill(padded, padded + rows * width, 0.0f);
  for (size_t group = 0; group < groups_.size(); ++group) {
    auto padded_row = [&](size_t text) { return batch.offsets[text] + text * 2 * border; };
    for (size_t text = 0; text < batch.num_texts(); ++text) {
      for (size_t i = 0; i < batch.length(text); ++i) {
        const float* from = x + (batch.offsets[text] + i) * hidden_size + group * width;
        std::copy(from, from + width, padded + (padded_row(text) + border + i) * width);
      }
    }
    groups_[group].forward(padded, width, products, result, activation_);
    for (size_t text = 0; text < batch.num_texts(); ++text) {
      for (size_t i = 0; i < batch.length(text); ++i) {
        const float* from = result + (padded_row(text) + i) * width;
        std::copy(from, from + width, sum + (batch.offsets[text] + i) * hidden_size + group * width);
      }
    }
  }
  norm_.forward(sum, hidden, batch.num_tokens(), hidden);
}

}  // namespace sbert::nn
