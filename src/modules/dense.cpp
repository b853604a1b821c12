#include "modules/dense.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <sbert/error.h>

#include "common/json.h"
#include "common/log.h"
#include "common/text.h"
#include "formats/tensor_store.h"
#include "kernels/kernels.h"

namespace sbert::modules {
namespace {

constexpr std::string_view kTanh = "torch.nn.modules.activation.Tanh";

// The path of a torch class. As in the reference, another path is not trusted: Tanh, with a warning.
std::string read_activation_path(const common::JsonObject& config) {
  const std::string path = config.string_if("activation_function").value_or(std::string(kTanh));
  if (path.starts_with("torch.")) return path;
  common::log(LogLevel::kWarning, config.source() + ": activation_function " + common::quote(path) +
                                      " is code of the model's own, which is never run here; Tanh is used, as the "
                                      "reference does");
  return std::string(kTanh);
}

void warn_about_unknown_fields(const common::JsonObject& config) {
  constexpr std::array<std::string_view, 9> kKnown = {"in_features",         "out_features",      "bias",
                                                      "activation_function", "module_input_name", "init_weight",
                                                      "module_output_name",  "init_bias",         "use_residual"};
  for (const std::string& key : config.keys()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      common::log(LogLevel::kWarning, config.source() + ": ignoring the unknown field " + common::quote(key));
    }
  }
}

}  // namespace

std::unique_ptr<Dense> Dense::load(const ModuleSource& source) {
  return std::unique_ptr<Dense>(new Dense(source));
}

Dense::Dense(const ModuleSource& source) {
  constexpr int64_t kMaxSize = int64_t{1} << 24;
  const auto config = common::JsonObject::read_file(source.folder / "config.json");
  source_ = config.source();
  const auto in_features = static_cast<size_t>(config.integer("in_features", 1, kMaxSize));
  const auto out_features = static_cast<size_t>(config.integer("out_features", 1, kMaxSize));
  const bool bias = config.boolean_if("bias").value_or(true);
  const std::string activation_path = read_activation_path(config);
  names_ = read_feature_names(config, "Dense");
  warn_about_unknown_fields(config);
  use_residual_ = config.boolean_if("use_residual").value_or(false);

  const auto store = formats::TensorStore::open(source.folder, source.access);
  auto load_linear = [&](const std::string& name, bool has_bias) {
    nn::LinearTensors tensors{.weight = store.require(name + ".weight"), .bias = std::nullopt};
    if (has_bias) tensors.bias = store.require(name + ".bias");
    num_parameters_ += in_features * out_features + (has_bias ? out_features : 0);
    return nn::Linear(tensors, in_features, out_features);
  };
  linear_ = load_linear("linear", bias);
  activation_.emplace(activation_path, config.source(), store);
  num_parameters_ += activation_->num_parameters();
  if (use_residual_ && in_features != out_features) residual_ = load_linear("residual", false);
  weight_files_ = store.files();

  description_ = "Dense({'in_features': " + std::to_string(in_features) +
                 ", 'out_features': " + std::to_string(out_features) + ", 'bias': " + (bias ? "True" : "False") +
                 ", 'activation_function': '" + activation_path + "', 'module_input_name': '" + names_.input +
                 "', 'module_output_name': '" + names_.output + "'" + (use_residual_ ? ", 'use_residual': True" : "") +
                 "})";
}

void Dense::forward(Features& features, nn::Workspace&) const {
  const FeatureMatrix& x = require_feature(features, names_.input, "Dense");
  if (x.cols != linear_.in_features()) {
    throw InvalidModelError(source_ + ": Dense expects " + std::to_string(linear_.in_features()) +
                            " dimensions, the module before it gives " + std::to_string(x.cols));
  }
  FeatureMatrix& output = output_feature(features, names_, "Dense");
  FeatureMatrix y;
  y.resize(x.rows, linear_.out_features());
  linear_.forward(x.values.data(), x.cols, x.rows, y.values.data(),
                  activation_->kernel().value_or(nn::Activation::kIdentity));
  if (!activation_->kernel()) activation_->apply(y, is_per_token(features, names_.input));
  if (use_residual_) add_residual(x, y);
  output = std::move(y);
}

// y += x, or R x where the sizes differ.
void Dense::add_residual(const FeatureMatrix& x, FeatureMatrix& y) const {
  const size_t residual_cols = residual_ ? residual_->out_features() : x.cols;
  if (y.cols != residual_cols) {
    throw InvalidModelError(source_ + ": use_residual adds " + std::to_string(residual_cols) +
                            " dimensions to the activation's " + std::to_string(y.cols));
  }
  const kernels::Kernels& kernel = kernels::active();
  if (!residual_) return kernel.add(x.values.data(), y.values.data(), y.rows * y.cols);
  common::AlignedBuffer projected(y.rows * y.cols);
  residual_->forward(x.values.data(), x.cols, x.rows, projected.data());
  kernel.add(projected.data(), y.values.data(), y.rows * y.cols);
}

}  // namespace sbert::modules
