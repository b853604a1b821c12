#include "arch/rotary_config.h"

#include <cmath>
#include <optional>

#include <sbert/error.h>

#include "arch/config_values.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

using common::JsonObject;
using Kind = nn::RopeScaling::Kind;

double positive(const JsonObject& object, const std::string& key, double value) {
  if (!(value > 0) || !std::isfinite(value)) object.fail(key, "must be positive");
  return value;
}

double positive(const JsonObject& object, const std::string& key) {
  return positive(object, key, object.number(key));
}

double positive_or(const JsonObject& object, const std::string& key, double otherwise) {
  return positive(object, key, object.number_if(key).value_or(otherwise));
}

// What the scores are multiplied by: https://arxiv.org/abs/2309.00071, section 3.4, for queries and keys each.
double yarn_attention_factor(const JsonObject& parameters, double factor) {
  if (parameters.has("attention_factor")) return positive(parameters, "attention_factor");
  auto mscale = [&](double scale) { return factor <= 1 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0; };
  const double numerator = parameters.number_if("mscale").value_or(0);
  const double denominator = parameters.number_if("mscale_all_dim").value_or(0);
  return numerator != 0 && denominator != 0 ? mscale(numerator) / mscale(denominator) : mscale(1.0);
}

int64_t original_positions(const JsonObject& config, const JsonObject& parameters) {
  constexpr int64_t kMost = int64_t{1} << 40;
  for (const JsonObject* place : {&config, &parameters}) {
    if (place->has("original_max_position_embeddings")) {
      return place->integer("original_max_position_embeddings", 1, kMost);
    }
  }
  return config.integer("max_position_embeddings", 1, kMost);
}

void set_scaling(const JsonObject& config, const JsonObject& parameters, nn::AttentionSpec& attention) {
  nn::RopeScaling& scaling = attention.rotary->scaling;
  const std::string type = parameters.string_if("rope_type").value_or(parameters.string_if("type").value_or("default"));
  if (type == "default") return;
  if (type == "linear") {
    scaling.kind = Kind::kLinear;
    scaling.factor = positive(parameters, "factor");
  } else if (type == "llama3") {
    scaling.kind = Kind::kLlama3;
    scaling.factor = positive(parameters, "factor");
    scaling.low_freq_factor = positive(parameters, "low_freq_factor");
    scaling.high_freq_factor = positive(parameters, "high_freq_factor");
    scaling.original_max_position_embeddings = original_positions(config, parameters);
    if (scaling.low_freq_factor == scaling.high_freq_factor) {
      parameters.fail("high_freq_factor", "is the same as 'low_freq_factor'");
    }
  } else if (type == "yarn") {
    scaling.kind = Kind::kYarn;
    scaling.factor = positive(parameters, "factor");
    scaling.beta_fast = positive_or(parameters, "beta_fast", 32);
    scaling.beta_slow = positive_or(parameters, "beta_slow", 1);
    scaling.truncate = parameters.boolean_if("truncate").value_or(true);
    scaling.original_max_position_embeddings = original_positions(config, parameters);
    const double factor = yarn_attention_factor(parameters, scaling.factor);
    if (factor != 1 && attention.rotary->size != attention.head_size) {
      throw UnsupportedError(parameters.source() + ": yarn with a partial_rotary_factor is not supported");
    }
    attention.scale = static_cast<float>(attention.scale * factor * factor);
  } else {
    throw UnsupportedError(parameters.source() + ": rope_type " + common::quote(type) +
                           " is not supported; supported: 'default', 'linear', 'llama3', 'yarn'");
  }
}

// A config written by version 4 has both fields below; `rope_scaling` wins when it is not empty.
std::optional<JsonObject> parameters_of(const JsonObject& config) {
  if (auto scaling = config.object_if("rope_scaling"); scaling && !scaling->keys().empty()) return scaling;
  return config.object_if("rope_parameters");
}

void set_from(const JsonObject& config, const std::optional<JsonObject>& parameters, double theta, bool partial,
              nn::AttentionSpec& attention) {
  const double factor = parameters && parameters->has("partial_rotary_factor")
                            ? parameters->number("partial_rotary_factor")
                            : config.number_if("partial_rotary_factor").value_or(1.0);
  if (factor != 1 && !partial) {
    throw UnsupportedError(config.source() + ": partial_rotary_factor is not supported for this model_type");
  }
  if (!(factor > 0 && factor <= 1)) config.fail("partial_rotary_factor", "must be above 0 and at most 1");
  nn::RotarySpec& rotary = attention.rotary.emplace();
  rotary.size = static_cast<int64_t>(static_cast<double>(attention.head_size) * factor);
  if (rotary.size == 0 || rotary.size % 2 != 0) {
    config.fail("head_dim", "gives rotary position embeddings of " + std::to_string(rotary.size) +
                                " values of each head, which must be an even number");
  }
  rotary.theta = theta;
  if (parameters) {
    if (parameters->has("rope_theta")) rotary.theta = positive(*parameters, "rope_theta");
    set_scaling(config, *parameters, attention);
  }
}

void set_flat(const JsonObject& config, double default_theta, bool partial, nn::AttentionSpec& attention) {
  const auto parameters = parameters_of(config);
  for (const char* nested : {"full_attention", "sliding_attention"}) {
    if (parameters && parameters->has(nested)) {
      throw UnsupportedError(parameters->source() + ": parameters for each kind of layer (" + common::quote(nested) +
                             ") are not supported for this model_type");
    }
  }
  set_from(config, parameters, positive_or(config, "rope_theta", default_theta), partial, attention);
}

}  // namespace

void set_rotary(const JsonObject& config, double default_theta, nn::AttentionSpec& attention) {
  set_flat(config, default_theta, false, attention);
}

void set_partial_rotary(const JsonObject& config, double default_theta, nn::AttentionSpec& attention) {
  set_flat(config, default_theta, true, attention);
}

void set_rotary(const JsonObject& config, const LayerRotary& layers, nn::AttentionSpec& attention) {
  const double theta = positive_or(config, layers.theta_key, layers.default_theta);
  const auto all = config.object_if("rope_parameters");
  const auto scaling = config.object_if("rope_scaling");
  if (all) {
    // Both at once: the reference merges them field by field. Nothing writes that.
    if (scaling && !scaling->keys().empty()) config.fail("rope_scaling", "stands beside 'rope_parameters'");
    for (const std::string& key : all->keys()) {
      if (key != "full_attention" && key != "sliding_attention") {
        all->fail(key, "is not one of 'full_attention' and 'sliding_attention', which this model_type has");
      }
    }
    set_from(config, all->object_if(layers.layer_type), theta, false, attention);
  } else {
    set_from(config, layers.takes_rope_scaling ? scaling : std::nullopt, theta, false, attention);
  }
}

}  // namespace sbert::arch
