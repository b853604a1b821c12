#include "nn/naive_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "nn/disentangled_attention.h"
#include "nn/position_bias.h"
#include "nn/rotary.h"

namespace sbert::test {
namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;
using nn::Activation;

Row values_of(const nn::TensorView& tensor) {
  std::vector<float> floats(tensor.bytes.size() / sizeof(float));
  std::memcpy(floats.data(), tensor.bytes.data(), tensor.bytes.size());
  return {floats.begin(), floats.end()};
}

Rows rows_of(const nn::TensorView& tensor) {
  const Row all = values_of(tensor);
  const auto cols = static_cast<std::ptrdiff_t>(tensor.shape[1]);
  Rows rows;
  for (auto at = all.begin(); at != all.end(); at += cols) rows.emplace_back(at, at + cols);
  return rows;
}

double dot(const Row& a, const Row& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Rows linear(const Rows& x, const nn::LinearTensors& tensors) {
  const Rows weight = rows_of(tensors.weight);
  const Row bias = tensors.bias ? values_of(*tensors.bias) : Row(weight.size(), 0.0);
  Rows y(x.size(), bias);
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t i = 0; i < weight.size(); ++i) y[t][i] += dot(weight[i], x[t]);
  }
  return y;
}

void norm(Row& x, const nn::NormSpec& spec, const nn::NormTensors& tensors) {
  const Row weight = values_of(tensors.weight), bias = tensors.bias ? values_of(*tensors.bias) : Row(x.size(), 0.0);
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  if (spec.kind == nn::NormKind::kLayer) {
    for (const double value : x) mean += value / n;
  }
  for (const double value : x) variance += (value - mean) * (value - mean) / n;
  for (size_t j = 0; j < x.size(); ++j) {
    x[j] = (x[j] - mean) / std::sqrt(variance + double{spec.eps}) * (weight[j] + spec.weight_offset) + bias[j];
  }
}

void norm(Rows& x, const std::optional<nn::NormSpec>& spec, const std::optional<nn::NormTensors>& tensors) {
  if (!spec) return;
  for (Row& row : x) norm(row, *spec, *tensors);
}

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kGelu:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kGeluTanh:
      return x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))) / 2;
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kQuickGelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::kReluSquared:
      return std::max(x, 0.0) * std::max(x, 0.0);
    default:
      throw std::logic_error("not needed here");
  }
}

// [heads][T][head_size]
std::vector<Rows> split_heads(const Rows& x, int64_t heads) {
  std::vector<Rows> split;
  for (int64_t head = 0; head < heads; ++head) {
    Rows& rows = split.emplace_back();
    for (const Row& row : x) {
      const auto size = static_cast<std::ptrdiff_t>(row.size()) / heads;
      rows.emplace_back(row.begin() + head * size, row.begin() + (head + 1) * size);
    }
  }
  return split;
}

void rotate(Rows& head, const nn::RotarySpec& spec) {
  const std::vector<float> frequencies = nn::rotary_frequencies(spec);
  for (size_t t = 0; t < head.size(); ++t) {
    for (size_t i = 0; i < frequencies.size(); ++i) {
      const double angle = static_cast<float>(t) * frequencies[i];
      double& a = head[t][spec.interleaved ? 2 * i : i];
      double& b = head[t][spec.interleaved ? 2 * i + 1 : i + frequencies.size()];
      const double old_a = a;
      a = old_a * std::cos(angle) - b * std::sin(angle);
      b = b * std::cos(angle) + old_a * std::sin(angle);
    }
  }
}

Rows attention(const nn::AttentionSpec& spec, const nn::LayerTensors& tensors, const Rows& relative, const Rows& x) {
  std::vector<Rows> q = split_heads(linear(x, tensors.query), spec.num_heads);
  std::vector<Rows> k = split_heads(linear(x, tensors.key), spec.num_key_value_heads);
  const std::vector<Rows> v = split_heads(linear(x, tensors.value), spec.num_key_value_heads);
  for (Rows& head : q) norm(head, spec.query_key_norm, tensors.query_norm);
  for (Rows& head : k) norm(head, spec.query_key_norm, tensors.key_norm);
  if (spec.rotary) {
    for (Rows& head : q) rotate(head, *spec.rotary);
    for (Rows& head : k) rotate(head, *spec.rotary);
  }
  std::vector<Rows> position_k, position_q;
  if (spec.disentangled) {
    const nn::DisentangledSpec& positions = *spec.disentangled;
    const bool shared = positions.shared_projections;
    auto project = [&](const nn::LinearTensors& weights) {
      return split_heads(linear(relative, weights), spec.num_heads);
    };
    if (positions.content_to_position) position_k = project(shared ? tensors.key : *tensors.position_key);
    if (positions.position_to_content) position_q = project(shared ? tensors.query : *tensors.position_query);
  }
  const Rows buckets = spec.relative_buckets ? rows_of(*tensors.relative_attention_bias) : Rows();
  const std::vector<float> slopes = nn::alibi_slopes(static_cast<size_t>(spec.num_heads));

  const auto length = static_cast<int64_t>(x.size());
  Rows context(x.size());
  for (size_t head = 0; head < q.size(); ++head) {
    const size_t group = head * k.size() / q.size();
    for (int64_t i = 0; i < length; ++i) {
      const Row& query = q[head][static_cast<size_t>(i)];
      Row weights, out(query.size(), 0.0);
      double max = -HUGE_VAL, sum = 0;
      for (int64_t j = 0; j < length; ++j) {
        const Row& key = k[group][static_cast<size_t>(j)];
        double score = dot(query, key);
        if (spec.disentangled) {
          const auto row = static_cast<size_t>(nn::relative_position_row(*spec.disentangled, i - j));
          if (spec.disentangled->content_to_position) score += dot(query, position_k[head][row]);
          if (spec.disentangled->position_to_content) score += dot(key, position_q[head][row]);
        }
        score *= double{spec.scale};
        if (spec.score_softcap > 0) score = spec.score_softcap * std::tanh(score / spec.score_softcap);
        if (spec.relative_buckets) {
          score += buckets[static_cast<size_t>(nn::relative_bucket(*spec.relative_buckets, j - i))][head];
        }
        if (spec.alibi) score -= double{slopes[head]} * static_cast<double>(std::abs(i - j));
        if (i - j > spec.tokens_before.value_or(length) || j - i > spec.tokens_after.value_or(length)) {
          score = -HUGE_VAL;
        }
        weights.push_back(score);
        max = std::max(max, score);
      }
      for (double& weight : weights) sum += weight = std::exp(weight - max);
      for (size_t j = 0; j < weights.size(); ++j) {
        for (size_t d = 0; d < out.size(); ++d) out[d] += weights[j] / sum * v[group][j][d];
      }
      Row& row = context[static_cast<size_t>(i)];
      row.insert(row.end(), out.begin(), out.end());
    }
  }
  return linear(context, tensors.attention_output);
}

Rows mlp(const nn::MlpSpec& spec, const nn::LayerTensors& tensors, const Rows& x) {
  Rows up = linear(x, tensors.mlp_up);
  const Rows gate = spec.gated ? linear(x, *tensors.mlp_gate) : up;
  for (size_t t = 0; t < up.size(); ++t) {
    for (size_t i = 0; i < up[t].size(); ++i) {
      up[t][i] = activate(spec.activation, gate[t][i]) * (spec.gated ? up[t][i] : 1.0);
    }
  }
  return linear(up, tensors.mlp_down);
}

// x = residual(x + scale * output(f(input(x))))
template <typename Function>
void sublayer(Rows& x, const nn::SublayerNorms& norms, const nn::SublayerNormTensors& tensors, double scale,
              Function f) {
  Rows added = x;
  norm(added, norms.input, tensors.input);
  added = f(added);
  norm(added, norms.output, tensors.output);
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t j = 0; j < x[t].size(); ++j) x[t][j] += scale * added[t][j];
  }
  norm(x, norms.residual, tensors.residual);
}

Rows embed(const nn::EmbeddingsSpec& spec, const nn::EncoderTensors& tensors, const TokenizedInput& text) {
  const Rows word = rows_of(tensors.word_embeddings);
  const Rows type = spec.type_vocab_size > 0 ? rows_of(*tensors.token_type_embeddings) : Rows();
  const Rows position = spec.max_position_embeddings > 0 ? rows_of(*tensors.position_embeddings) : Rows();
  Rows x;
  int64_t others = 0;  // tokens before that are not padding
  for (size_t t = 0; t < text.ids.size(); ++t) {
    const bool padding = spec.padding_id && *spec.padding_id == text.ids[t];
    const int64_t row = padding ? spec.position_offset - 1 : spec.position_offset + others;
    others += padding ? 0 : 1;
    Row& sum = x.emplace_back(word[static_cast<size_t>(text.ids[t])]);
    for (size_t j = 0; j < sum.size(); ++j) {
      sum[j] *= double{spec.word_scale};
      if (!type.empty()) sum[j] += type[static_cast<size_t>(text.types[t])][j];
      if (!position.empty()) sum[j] += position[static_cast<size_t>(row)][j];
    }
  }
  if (!spec.norm_after_projection) norm(x, spec.norm, tensors.embeddings_norm);
  if (spec.projection) x = linear(x, *tensors.embeddings_projection);
  if (spec.norm_after_projection) norm(x, spec.norm, tensors.embeddings_norm);
  return x;
}

// x = norm(x + activation(conv(embedded)))
void convolve(const nn::ConvolutionSpec& spec, const nn::ConvolutionTensors& tensors, const Rows& embedded, Rows& x) {
  const Row weight = values_of(tensors.conv.weight), bias = values_of(*tensors.conv.bias);
  const auto size = static_cast<int64_t>(bias.size()), group_size = size / spec.groups;
  for (int64_t t = 0; t < static_cast<int64_t>(x.size()); ++t) {
    for (int64_t out = 0; out < size; ++out) {
      double sum = bias[static_cast<size_t>(out)];
      for (int64_t in = 0; in < group_size; ++in) {
        for (int64_t tap = 0; tap < spec.kernel_size; ++tap) {
          const int64_t from = t + tap - spec.kernel_size / 2;
          if (from < 0 || from >= static_cast<int64_t>(x.size())) continue;
          sum += weight[static_cast<size_t>((out * group_size + in) * spec.kernel_size + tap)] *
                 embedded[static_cast<size_t>(from)][static_cast<size_t>(out / group_size * group_size + in)];
        }
      }
      x[static_cast<size_t>(t)][static_cast<size_t>(out)] += activate(spec.activation, sum);
    }
  }
  norm(x, spec.norm, tensors.norm);
}

Row project(const nn::TextProjectionSpec& spec, const nn::LinearTensors& tensors, const std::vector<int32_t>& ids,
            const Rows& x) {
  using Token = nn::TextProjectionSpec::Token;
  size_t chosen = spec.token == Token::kLast ? ids.size() - 1 : 0;
  for (size_t t = ids.size(); t-- > 0;) {
    if (spec.token == Token::kFirstOfId && ids[t] == spec.id) chosen = t;
    if (spec.token == Token::kHighestId && ids[t] == *std::max_element(ids.begin(), ids.end())) chosen = t;
  }
  return linear({x[chosen]}, tensors)[0];
}

Row flat(const Rows& x) {
  Row all;
  for (const Row& row : x) all.insert(all.end(), row.begin(), row.end());
  return all;
}

}  // namespace

NaiveResult naive_forward(const RandomEncoder& encoder, const TokenizedInput& text) {
  const nn::EncoderSpec& spec = encoder.spec;
  const nn::EncoderTensors& tensors = encoder.tensors;
  NaiveResult result;
  if (text.ids.empty()) {
    result.hidden_states.emplace_back();
    return result;
  }
  Rows relative = tensors.relative_embeddings ? rows_of(*tensors.relative_embeddings) : Rows();
  norm(relative, spec.relative_embeddings_norm, tensors.relative_embeddings_norm);
  const Rows embedded = embed(spec.embeddings, tensors, text);
  std::vector<size_t> order = spec.layer_order;
  for (size_t i = 0; order.size() < spec.layers.size() && spec.layer_order.empty(); ++i) order.push_back(i);

  Rows x = embedded;
  for (size_t step = 0; step < order.size(); ++step) {
    result.hidden_states.push_back(flat(x));
    const nn::LayerSpec& layer = spec.layers[order[step]];
    const nn::LayerTensors& weights = tensors.layers[order[step]];
    const double scale = layer.residual_scale;
    sublayer(x, layer.attention_norms, weights.attention_norms, scale,
             [&](const Rows& input) { return attention(layer.attention, weights, relative, input); });
    sublayer(x, layer.mlp_norms, weights.mlp_norms, scale,
             [&](const Rows& input) { return mlp(layer.mlp, weights, input); });
    if (spec.convolution && step == 0) convolve(*spec.convolution, *tensors.convolution, embedded, x);
  }
  norm(x, spec.final_norm, tensors.final_norm);
  result.hidden_states.push_back(flat(x));
  if (spec.text_projection) result.projection = project(*spec.text_projection, *tensors.text_projection, text.ids, x);
  return result;
}

}  // namespace sbert::test
