#include "arch/config_values.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::arch {

nn::Activation read_activation(const common::JsonObject& config, const std::string& key,
                               const std::string& default_name) {
  using nn::Activation;
  constexpr std::array<std::pair<std::string_view, Activation>, 18> kNames = {{
      {"gelu", Activation::kGelu},
      {"gelu_python", Activation::kGelu},
      {"gelu_accurate", Activation::kGeluTanh},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_python_tanh", Activation::kGeluTanh},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"sigmoid", Activation::kSigmoid},
      {"tanh", Activation::kTanh},
      {"linear", Activation::kIdentity},
      {"quick_gelu", Activation::kQuickGelu},
      {"gelu_10", Activation::kGelu10},
      {"relu2", Activation::kReluSquared},
      {"mish", Activation::kMish},
      {"laplace", Activation::kLaplace},
  }};
  const std::string name = config.string_if(key).value_or(default_name);
  for (const auto& [known, activation] : kNames) {
    if (known == name) return activation;
  }
  throw UnsupportedError(config.source() + ": " + key + " " + common::quote(name) +
                         " is not supported by this version");
}

nn::NormSpec read_norm(const common::JsonObject& config, const std::string& key, double default_eps) {
  const auto eps = static_cast<float>(config.number_if(key).value_or(default_eps));
  if (eps < 0 || !std::isfinite(eps)) config.fail(key, "is negative or too large");
  nn::NormSpec norm;
  norm.eps = eps;
  return norm;
}

nn::AttentionSpec read_attention(const common::JsonObject& config, int64_t hidden_size, int64_t default_heads) {
  const int64_t heads = config.integer_if("num_attention_heads", 1, kMaxSize).value_or(default_heads);
  return attention_of(config, "hidden_size", hidden_size, heads);
}

nn::AttentionSpec attention_of(const common::JsonObject& config, const std::string& key, int64_t hidden_size,
                               int64_t heads) {
  if (hidden_size % heads != 0) {
    config.fail(key, "is " + std::to_string(hidden_size) + ", which " + std::to_string(heads) +
                         " attention heads do not divide");
  }
  nn::AttentionSpec attention;
  attention.num_heads = attention.num_key_value_heads = heads;
  attention.head_size = hidden_size / heads;
  attention.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(attention.head_size)));
  return attention;
}

size_t read_layer_count(const common::JsonObject& config, const std::string& key, int64_t default_count) {
  return static_cast<size_t>(config.integer_if(key, 0, kMaxLayers).value_or(default_count));
}

int64_t read_aliased_size(const common::JsonObject& config, const std::string& common_key, const std::string& own_key,
                          int64_t default_size) {
  const auto own = config.integer_if(own_key, 1, kMaxSize);
  return config.integer_if(common_key, 1, kMaxSize).value_or(own.value_or(default_size));
}

void set_biases(const common::JsonObject& config, nn::LayerSpec& layer) {
  layer.attention.bias = layer.attention.output_bias = config.boolean_if("attention_bias").value_or(false);
  layer.mlp.bias = layer.mlp.output_bias = config.boolean_if("mlp_bias").value_or(false);
}

void require_string(const common::JsonObject& config, const std::string& key, const std::string& expected) {
  const auto value = config.string_if(key);
  if (value && *value != expected) {
    throw UnsupportedError(config.source() + ": " + key + " " + common::quote(*value) +
                           " is not supported; supported: " + common::quote(expected));
  }
}

void require_boolean(const common::JsonObject& config, const std::string& key, bool expected) {
  const auto value = config.boolean_if(key);
  if (value && *value != expected) {
    throw UnsupportedError(config.source() + ": " + key + " " + (*value ? "true" : "false") + " is not supported");
  }
}

}  // namespace sbert::arch
