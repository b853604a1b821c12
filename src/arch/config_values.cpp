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
  constexpr std::array<std::pair<std::string_view, Activation>, 13> kNames = {{
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
  return {.eps = eps};
}

nn::AttentionSpec read_attention(const common::JsonObject& config, int64_t hidden_size) {
  const int64_t heads = config.integer_if("num_attention_heads", 1, kMaxSize).value_or(12);
  if (hidden_size % heads != 0) {
    config.fail("hidden_size", "is " + std::to_string(hidden_size) + ", which " + std::to_string(heads) +
                                   " attention heads do not divide");
  }
  const int64_t head_size = hidden_size / heads;
  return {.num_heads = heads,
          .head_size = head_size,
          .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_size)))};
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
