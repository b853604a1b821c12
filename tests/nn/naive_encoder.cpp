#include "nn/naive_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace sbert::test {
namespace {

using Rows = std::vector<std::vector<double>>;

std::vector<double> values_of(const nn::TensorView& tensor) {
  std::vector<float> floats(tensor.bytes.size() / sizeof(float));
  std::memcpy(floats.data(), tensor.bytes.data(), tensor.bytes.size());
  return {floats.begin(), floats.end()};
}

Rows linear(const Rows& x, const nn::LinearTensors& tensors) {
  const std::vector<double> weight = values_of(tensors.weight);
  const auto out = static_cast<size_t>(tensors.weight.shape[0]), in = static_cast<size_t>(tensors.weight.shape[1]);
  const std::vector<double> bias = tensors.bias ? values_of(*tensors.bias) : std::vector<double>(out, 0.0);
  Rows y(x.size(), bias);
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t i = 0; i < out; ++i) {
      for (size_t j = 0; j < in; ++j) y[t][i] += weight[i * in + j] * x[t][j];
    }
  }
  return y;
}

// (x - mean) / sqrt(variance + eps) * weight + bias
void layer_norm(Rows& x, const nn::NormSpec& spec, const nn::NormTensors& tensors) {
  const std::vector<double> weight = values_of(tensors.weight), bias = values_of(tensors.bias);
  for (std::vector<double>& row : x) {
    const auto n = static_cast<double>(row.size());
    double mean = 0, variance = 0;
    for (const double value : row) mean += value / n;
    for (const double value : row) variance += (value - mean) * (value - mean) / n;
    for (size_t j = 0; j < row.size(); ++j) {
      row[j] = (row[j] - mean) / std::sqrt(variance + double{spec.eps}) * weight[j] + bias[j];
    }
  }
}

double activate(nn::Activation activation, double x) {
  switch (activation) {
    case nn::Activation::kGelu:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
    case nn::Activation::kRelu:
      return std::max(x, 0.0);
    case nn::Activation::kGeluTanh:
      return x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))) / 2;
    case nn::Activation::kSilu:
      return x / (1 + std::exp(-x));
    default:
      throw std::logic_error("not needed here");
  }
}

// softmax(scale Q K^T) V, head by head
Rows attention(const Rows& q, const Rows& k, const Rows& v, const nn::AttentionSpec& spec) {
  const size_t length = q.size();
  const auto head_size = static_cast<size_t>(spec.head_size), heads = static_cast<size_t>(spec.num_heads);
  Rows context(length, std::vector<double>(heads * head_size, 0.0));
  for (size_t first = 0; first < heads * head_size; first += head_size) {
    for (size_t t = 0; t < length; ++t) {
      std::vector<double> weights(length, 0.0);
      double sum = 0;
      for (size_t s = 0; s < length; ++s) {
        double score = 0;
        for (size_t j = first; j < first + head_size; ++j) score += q[t][j] * k[s][j];
        weights[s] = std::exp(score * double{spec.scale});
        sum += weights[s];
      }
      for (size_t s = 0; s < length; ++s) {
        for (size_t j = first; j < first + head_size; ++j) context[t][j] += weights[s] / sum * v[s][j];
      }
    }
  }
  return context;
}

void add(Rows& x, const Rows& y) {
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t j = 0; j < x[t].size(); ++j) x[t][j] += y[t][j];
  }
}

}  // namespace

std::vector<double> naive_forward(const RandomEncoder& encoder, const TokenizedInput& text) {
  const nn::EncoderTensors& tensors = encoder.tensors;
  const auto h = static_cast<size_t>(encoder.spec.hidden_size);
  const std::vector<double> word = values_of(tensors.word_embeddings), type = values_of(tensors.token_type_embeddings),
                            position = values_of(tensors.position_embeddings);
  Rows x(text.ids.size(), std::vector<double>(h));
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t j = 0; j < h; ++j) {
      x[t][j] = word[static_cast<size_t>(text.ids[t]) * h + j] + type[static_cast<size_t>(text.types[t]) * h + j] +
                position[t * h + j];
    }
  }
  layer_norm(x, encoder.spec.embeddings.norm, tensors.embeddings_norm);
  for (size_t i = 0; i < tensors.layers.size(); ++i) {
    const nn::LayerTensors& layer = tensors.layers[i];
    const nn::LayerSpec& spec = encoder.spec.layers[i];
    const Rows context =
        attention(linear(x, layer.query), linear(x, layer.key), linear(x, layer.value), spec.attention);
    add(x, linear(context, layer.attention_output));
    layer_norm(x, spec.attention_norm, layer.attention_norm);
    Rows wide = linear(x, layer.mlp_up);
    for (std::vector<double>& row : wide) {
      for (double& value : row) value = activate(spec.mlp.activation, value);
    }
    add(x, linear(wide, layer.mlp_down));
    layer_norm(x, spec.mlp_norm, layer.mlp_norm);
  }
  std::vector<double> flat;
  for (const std::vector<double>& row : x) flat.insert(flat.end(), row.begin(), row.end());
  return flat;
}

}  // namespace sbert::test
