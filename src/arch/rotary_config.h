#pragma once

#include <string>

#include "common/json.h"
#include "nn/encoder_spec.h"

// Rotary position embeddings as config.json spells them: `rope_parameters` (transformers 5), or `rope_theta` beside
// `rope_scaling` (before).
namespace sbert::arch {

/// Sets attention.rotary, over the whole head of attention.head_size; a scaling that multiplies the scores (yarn) also
/// changes attention.scale. `default_theta` is that of the config class. Throws UnsupportedError naming a scaling that
/// is not supported.
void set_rotary(const common::JsonObject& config, double default_theta, nn::AttentionSpec& attention);

/// The same with partial_rotary_factor: only the head of each head turns (Phi).
void set_partial_rotary(const common::JsonObject& config, double default_theta, nn::AttentionSpec& attention);

/// Of one kind of layers where each has its own: an object `layer_type` in `rope_parameters`, or the older field
/// `theta_key` ("rope_local_base_freq"), with `rope_scaling` where `takes_rope_scaling`.
struct LayerRotary {
  std::string layer_type;  // "full_attention", "sliding_attention"
  std::string theta_key;
  double default_theta = 10000.0;
  bool takes_rope_scaling = true;
};
void set_rotary(const common::JsonObject& config, const LayerRotary& layers, nn::AttentionSpec& attention);

}  // namespace sbert::arch
