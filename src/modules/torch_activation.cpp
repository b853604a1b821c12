#include "modules/torch_activation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <sbert/error.h>

#include "common/text.h"
#include "nn/linear.h"

namespace sbert::modules {

struct TorchActivation::Class {
  enum class Kind { kKernel, kElement, kPRelu, kSoftmax, kSoftmin, kLogSoftmax, kGlu };

  std::string_view name;
  Kind kind;
  kernels::Activation kernel = kernels::Activation::kIdentity;
  double (*element)(double x) = nullptr;
};

namespace {

using Class = TorchActivation::Class;
using Kind = Class::Kind;
using kernels::Activation;

// https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
constexpr double kSeluScale = 1.0507009873554804934193349852946, kSeluAlpha = 1.6732632423543772848170429916717;

double relu6(double x) {
  return std::isnan(x) ? x : std::clamp(x, 0.0, 6.0);
}
double softplus(double x) {
  return x > 20.0 ? x : std::log1p(std::exp(x));
}
// log(1 / (1 + exp(-x))), without overflow on either side
double log_sigmoid(double x) {
  return std::min(x, 0.0) - std::log1p(std::exp(-std::abs(x)));
}

constexpr Class kernel(std::string_view name, Activation activation) {
  return {.name = name, .kind = Kind::kKernel, .kernel = activation};
}
constexpr Class element(std::string_view name, double (*function)(double)) {
  return {.name = name, .kind = Kind::kElement, .element = function};
}

constexpr std::array kClasses = {
    kernel("Tanh", Activation::kTanh),
    kernel("Identity", Activation::kIdentity),
    kernel("GELU", Activation::kGelu),
    kernel("ReLU", Activation::kRelu),
    kernel("SiLU", Activation::kSilu),
    kernel("Sigmoid", Activation::kSigmoid),
    kernel("Dropout", Activation::kIdentity),
    element("ELU", [](double x) { return x > 0 ? x : std::expm1(x); }),
    element("CELU", [](double x) { return x > 0 ? x : std::expm1(x); }),
    element("SELU", [](double x) { return kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x)); }),
    element("LeakyReLU", [](double x) { return x > 0 ? x : 0.01 * x; }),
    element("RReLU", [](double x) { return x > 0 ? x : (1.0 / 8 + 1.0 / 3) / 2 * x; }),
    element("ReLU6", relu6),
    element("Hardtanh", [](double x) { return std::isnan(x) ? x : std::clamp(x, -1.0, 1.0); }),
    element("Hardsigmoid", [](double x) { return relu6(x + 3) / 6; }),
    element("Hardswish", [](double x) { return x * relu6(x + 3) / 6; }),
    element("Hardshrink", [](double x) { return std::abs(x) <= 0.5 ? 0.0 : x; }),
    element("Softshrink", [](double x) { return x > 0.5    ? x - 0.5
                                                : x < -0.5 ? x + 0.5
                                                           : 0.0 * x; }),
    element("Tanhshrink", [](double x) { return x - std::tanh(x); }),
    element("Softplus", softplus),
    element("Softsign", [](double x) { return x / (1 + std::abs(x)); }),
    element("LogSigmoid", log_sigmoid),
    element("Mish", [](double x) { return x * std::tanh(softplus(x)); }),
    Class{.name = "PReLU", .kind = Kind::kPRelu},
    Class{.name = "Softmax", .kind = Kind::kSoftmax},
    Class{.name = "Softmin", .kind = Kind::kSoftmin},
    Class{.name = "LogSoftmax", .kind = Kind::kLogSoftmax},
    Class{.name = "GLU", .kind = Kind::kGlu},
};

const Class& find_class(const std::string& path, const std::string& source) {
  std::string known;
  for (const Class& c : kClasses) {
    if (path.ends_with("." + std::string(c.name))) return c;
    known += (known.empty() ? "" : ", ") + std::string(c.name);
  }
  throw UnsupportedError(source + ": activation_function " + common::quote(path) +
                         " is not supported by this version; supported: " + known);
}

// Replaces each x of a row by finish(sign * x - log(sum of exp(sign * x))).
template <typename Finish>
void softmax(float* row, size_t n, double sign, const Finish& finish) {
  double largest = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, sign * static_cast<double>(row[i]));
  for (size_t i = 0; i < n; ++i) sum += std::exp(sign * static_cast<double>(row[i]) - largest);
  const double log_sum = largest + std::log(sum);
  for (size_t i = 0; i < n; ++i) row[i] = static_cast<float>(finish(sign * static_cast<double>(row[i]) - log_sum));
}

// The first half of the row times the sigmoid of the second. https://arxiv.org/abs/1612.08083
void glu(FeatureMatrix& x) {
  const size_t half = x.cols / 2;
  for (size_t i = 0; i < x.rows; ++i) {
    const float* row = x.row(i);
    float* out = x.values.data() + i * half;  // at or before the row, so nothing unread is overwritten
    for (size_t j = 0; j < half; ++j) {
      out[j] = static_cast<float>(static_cast<double>(row[j]) / (1 + std::exp(-static_cast<double>(row[half + j]))));
    }
  }
  x.cols = half;
}

template <typename Function>
void for_each(FeatureMatrix& x, const Function& function) {
  float* values = x.values.data();
  for (size_t i = 0; i < x.rows * x.cols; ++i) values[i] = static_cast<float>(function(static_cast<double>(values[i])));
}

}  // namespace

TorchActivation::TorchActivation(const std::string& path, const std::string& source, const formats::TensorStore& store)
    : class_(&find_class(path, source)), source_(source) {
  if (class_->kind == Kind::kPRelu) {
    const formats::TensorView& weight = store.require("activation_function.weight");
    nn::require_shape(weight, {1});
    slope_ = static_cast<double>(formats::read_floats(weight)[0]);
  }
}

std::optional<kernels::Activation> TorchActivation::kernel() const {
  return class_->kind == Kind::kKernel ? std::optional(class_->kernel) : std::nullopt;
}

size_t TorchActivation::num_parameters() const {
  return class_->kind == Kind::kPRelu ? 1 : 0;
}

void TorchActivation::apply(FeatureMatrix& x, bool per_token) const {
  const bool of_rows =
      class_->kind == Kind::kSoftmax || class_->kind == Kind::kSoftmin || class_->kind == Kind::kLogSoftmax;
  if (of_rows && per_token) {
    throw UnsupportedError(source_ + ": activation_function " + common::quote(class_->name) +
                           " of token embeddings is not supported: the reference computes it over the texts of a "
                           "batch");
  }
  if (class_->kind == Kind::kGlu && x.cols % 2 != 0) {
    throw InvalidModelError(source_ + ": GLU needs an even number of dimensions, found " + std::to_string(x.cols));
  }
  switch (class_->kind) {
    case Kind::kKernel:
      return kernels::active().activate(class_->kernel, x.values.data(), x.rows * x.cols);
    case Kind::kElement:
      return for_each(x, class_->element);
    case Kind::kPRelu:
      return for_each(x, [this](double value) { return value > 0 ? value : slope_ * value; });
    case Kind::kSoftmax:
    case Kind::kSoftmin:
      for (size_t i = 0; i < x.rows; ++i) {
        softmax(x.row(i), x.cols, class_->kind == Kind::kSoftmax ? 1 : -1, [](double log) { return std::exp(log); });
      }
      return;
    case Kind::kLogSoftmax:
      for (size_t i = 0; i < x.rows; ++i) softmax(x.row(i), x.cols, 1, [](double log) { return log; });
      return;
    case Kind::kGlu:
      return glu(x);
  }
}

}  // namespace sbert::modules
