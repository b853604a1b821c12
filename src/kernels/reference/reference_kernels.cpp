#include "kernels/reference/reference_kernels.h"

#include <algorithm>
#include <cmath>

namespace sbert::kernels::reference {
namespace {

constexpr size_t kPanelCols = 8;

float activate_one(Activation activation, float x) {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kGelu:
      return 0.5f * x * (1.0f + std::erf(x * 0.70710678f));
    case Activation::kGeluTanh:
      return 0.5f * x * (1.0f + std::tanh(0.79788456f * (x + 0.044715f * x * x * x)));
    case Activation::kRelu:
      return x > 0.0f ? x : (std::isnan(x) ? x : 0.0f);
    case Activation::kSilu:
      return x / (1.0f + std::exp(-x));
    case Activation::kSigmoid:
      return 1.0f / (1.0f + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kQuickGelu:
      return x / (1.0f + std::exp(-1.702f * x));
    case Activation::kGelu10: {
      const float gelu = activate_one(Activation::kGelu, x);
      return gelu > 10.0f ? 10.0f : (gelu < -10.0f ? -10.0f : gelu);
    }
    case Activation::kReluSquared: {
      const float relu = activate_one(Activation::kRelu, x);
      return relu * relu;
    }
    case Activation::kMish:
      return x > 20.0f ? x : x * std::tanh(std::log1p(std::exp(x)));
    case Activation::kLaplace:
      return 0.5f * (1.0f + std::erf((x - 0.707107f) * 2.5066264f));
  }
  return x;
}

void activate(Activation activation, float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = activate_one(activation, x[i]);
}

void matmul(const MatmulArgs& args) {
  for (size_t i = 0; i < args.m; ++i) {
    const float* a = args.a + i * args.a_stride;
    float* c = args.c + i * args.c_stride;
    for (size_t j = 0; j < args.n; ++j) {
      const float* b = args.b + j / kPanelCols * args.b_panel_stride + j % kPanelCols;
      float sum = 0.0f;
      for (size_t k = 0; k < args.k; ++k) sum += a[k] * b[k * args.b_row_stride];
      if (args.bias != nullptr) sum += args.bias[j];
      c[j] = activate_one(args.activation, sum);
    }
  }
}

void softmax(float* x, size_t m, size_t n, size_t stride, float scale) {
  for (size_t i = 0; i < m; ++i) {
    float* row = x + i * stride;
    const float max = *std::max_element(row, row + n);
    float sum = 0.0f;
    for (size_t j = 0; j < n; ++j) {
      row[j] = std::exp(scale * (row[j] - max));
      sum += row[j];
    }
    for (size_t j = 0; j < n; ++j) row[j] *= 1.0f / sum;
  }
}

void layer_norm(const float* a, const float* b, const float* weight, const float* bias, float eps, float* out, size_t m,
                size_t n) {
  for (size_t i = 0; i < m; ++i) {
    const float* row_a = a + i * n;
    const float* row_b = b == nullptr ? nullptr : b + i * n;
    auto x = [&](size_t j) { return row_b == nullptr ? row_a[j] : row_a[j] + row_b[j]; };
    float mean = 0.0f, variance = 0.0f;
    for (size_t j = 0; j < n; ++j) mean += x(j);
    mean /= static_cast<float>(n);
    for (size_t j = 0; j < n; ++j) variance += (x(j) - mean) * (x(j) - mean);
    variance /= static_cast<float>(n);
    const float inverse = 1.0f / std::sqrt(variance + eps);
    for (size_t j = 0; j < n; ++j) out[i * n + j] = (x(j) - mean) * inverse * weight[j] + bias[j];
  }
}

void rms_norm(const float* a, const float* b, const float* weight, float eps, float* out, size_t m, size_t n) {
  for (size_t i = 0; i < m; ++i) {
    const float* row_a = a + i * n;
    const float* row_b = b == nullptr ? nullptr : b + i * n;
    auto x = [&](size_t j) { return row_b == nullptr ? row_a[j] : row_a[j] + row_b[j]; };
    float squares = 0.0f;
    for (size_t j = 0; j < n; ++j) squares += x(j) * x(j);
    const float inverse = 1.0f / std::sqrt(squares / static_cast<float>(n) + eps);
    for (size_t j = 0; j < n; ++j) out[i * n + j] = x(j) * inverse * weight[j];
  }
}

void add(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] += x[i];
}

void multiply(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] *= x[i];
}

void scale(float scale, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] *= scale;
}

void maximum(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = x[i] > y[i] || std::isnan(x[i]) ? x[i] : y[i];
}

float dot(const float* a, const float* b, size_t n) {
  float sum = 0.0f;
  for (size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

float squared_distance(const float* a, const float* b, size_t n) {
  float sum = 0.0f;
  for (size_t i = 0; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

float manhattan_distance(const float* a, const float* b, size_t n) {
  float sum = 0.0f;
  for (size_t i = 0; i < n; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

}  // namespace

Kernels make_kernels() {
  return {.panel_cols = kPanelCols,
          .matmul = matmul,
          .activate = activate,
          .softmax = softmax,
          .layer_norm = layer_norm,
          .rms_norm = rms_norm,
          .add = add,
          .multiply = multiply,
          .scale = scale,
          .maximum = maximum,
          .dot = dot,
          .squared_distance = squared_distance,
          .manhattan_distance = manhattan_distance};
}

}  // namespace sbert::kernels::reference
