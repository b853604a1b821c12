#include "modules/dense.h"

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

// activation_function is the path of a torch class. As in the reference, another path is not trusted: Tanh, with a
// warning.
nn::Activation read_activation(const common::JsonObject& config, std::string& path) {
  using nn::Activation;
  constexpr std::array<std::pair<std::string_view, Activation>, 6> kClasses = {{
      {"Tanh", Activation::kTanh},
      {"Identity", Activation::kIdentity},
      {"GELU", Activation::kGelu},
      {"ReLU", Activation::kRelu},
      {"SiLU", Activation::kSilu},
      {"Sigmoid", Activation::kSigmoid},
  }};
  const std::string default_path = "torch.nn.modules.activation.Tanh";
  path = config.string_if("activation_function").value_or(default_path);
  if (!path.starts_with("torch.")) {
    common::log(LogLevel::kWarning, config.source() + ": activation_function " + common::quote(path) +
                                        " is code of the model's own, which is never run here; Tanh is used, as the "
                                        "reference does");
    path = default_path;
  }
  for (const auto& [name, activation] : kClasses) {
    if (class_name(path) == name) return activation;
  }
  throw UnsupportedError(config.source() + ": activation_function " + common::quote(path) +
                         " is not supported by this version; supported: Tanh, Identity, GELU, ReLU, SiLU, Sigmoid");
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
  std::string activation_path;
  activation_ = read_activation(config, activation_path);
  const std::string input = config.string_if("module_input_name").value_or("sentence_embedding");
  const std::string output = config.string_if("module_output_name").value_or(input);
  input_ = parse_feature_name(input, config.source());
  output_ = parse_feature_name(output, config.source());
  if (input_ != output_) {
    throw UnsupportedError(config.source() + ": a Dense from " + common::quote(input) + " to " + common::quote(output) +
                           " is not supported by this version");
  }
  use_residual_ = config.boolean_if("use_residual").value_or(false);

  const auto store = formats::TensorStore::open(source.folder, source.access);
  auto load_linear = [&](const std::string& name, bool has_bias) {
    nn::LinearTensors tensors{.weight = store.require(name + ".weight"), .bias = std::nullopt};
    if (has_bias) tensors.bias = store.require(name + ".bias");
    num_parameters_ += in_features * out_features + (has_bias ? out_features : 0);
    return nn::Linear(tensors, in_features, out_features);
  };
  linear_ = load_linear("linear", bias);
  if (use_residual_ && in_features != out_features) residual_ = load_linear("residual", false);
  weight_files_ = store.files();

  description_ = "Dense({'in_features': " + std::to_string(in_features) +
                 ", 'out_features': " + std::to_string(out_features) + ", 'bias': " + (bias ? "True" : "False") +
                 ", 'activation_function': '" + activation_path + "', 'module_input_name': '" + input +
                 "', 'module_output_name': '" + output + "'" + (use_residual_ ? ", 'use_residual': True" : "") + "})";
}

void Dense::forward(Features& features, nn::Workspace&) const {
  FeatureMatrix& x = require_feature(features, input_, "Dense");
  if (x.cols != linear_.in_features()) {
    throw InvalidModelError(source_ + ": Dense expects " + std::to_string(linear_.in_features()) +
                            " dimensions, the module before it gives " + std::to_string(x.cols));
  }
  const kernels::Kernels& kernel = kernels::active();
  FeatureMatrix y;
  y.resize(x.rows, linear_.out_features());
  linear_.forward(x.values.data(), x.cols, x.rows, y.values.data(), activation_);
  if (residual_) {
    common::AlignedBuffer projected(y.rows * y.cols);
    residual_->forward(x.values.data(), x.cols, x.rows, projected.data());
    kernel.add(projected.data(), y.values.data(), y.rows * y.cols);
  } else if (use_residual_) {
    kernel.add(x.values.data(), y.values.data(), y.rows * y.cols);
  }
  x = std::move(y);
}

}  // namespace sbert::modules
