#pragma once

#include <string>

#include "common/json.h"
#include "nn/encoder_spec.h"

// What the config.json of most families has in common.
namespace sbert::arch {

/// The largest value that a size in a config may have: products of three of them must fit 64 bits.
inline constexpr int64_t kMaxSize = int64_t{1} << 20;
inline constexpr int64_t kMaxVocabSize = int64_t{1} << 28;
inline constexpr int64_t kMaxLayers = 10000;

/// `hidden_act` and its kin, by the names of transformers' ACT2FN. Throws UnsupportedError naming an unknown one.
nn::Activation read_activation(const common::JsonObject& config, const std::string& key,
                               const std::string& default_name);

/// The epsilon of a norm: a number >= 0.
nn::NormSpec read_norm(const common::JsonObject& config, const std::string& key, double default_eps);

/// hidden_size / num_attention_heads; throws InvalidModelError when it has a remainder.
nn::AttentionSpec read_attention(const common::JsonObject& config, int64_t hidden_size, int64_t default_heads = 12);
/// The same where the number of heads is known; `key` is the config's word for hidden_size, for the message.
nn::AttentionSpec attention_of(const common::JsonObject& config, const std::string& key, int64_t hidden_size,
                               int64_t heads);

/// A number of layers: 0 to kMaxLayers.
size_t read_layer_count(const common::JsonObject& config, const std::string& key, int64_t default_count);

/// A size under the family's own name (DistilBERT's dim), which the common name ("hidden_size") overrules where the
/// file has both, as transformers' attribute_map does.
int64_t read_aliased_size(const common::JsonObject& config, const std::string& common_key, const std::string& own_key,
                          int64_t default_size);

/// `attention_bias` and `mlp_bias`, false by default, for all linears of the sublayer.
void set_biases(const common::JsonObject& config, nn::LayerSpec& layer);

/// Throws UnsupportedError when the field is there and has another value than `expected`: a variant that would compute
/// something else.
void require_string(const common::JsonObject& config, const std::string& key, const std::string& expected);
void require_boolean(const common::JsonObject& config, const std::string& key, bool expected);

}  // namespace sbert::arch
