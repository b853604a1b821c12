#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "arch/architecture.h"

// What the decoders in the layout of Llama (https://arxiv.org/abs/2302.13971) have in common: RMS norms before the
// sublayers, rotary positions, grouped keys and values, a gated MLP, no biases.
namespace sbert::arch {

/// The values of a config class of transformers where config.json has none.
struct DecoderDefaults {
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  std::optional<int64_t> num_key_value_heads;  // absent: num_attention_heads, as where the file says null
  std::optional<int64_t> head_dim;             // absent: hidden_size / num_attention_heads
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  const char* hidden_act_key = "hidden_act";
  const char* hidden_act = "silu";
};

/// A decoder without positions (set_rotary adds them), with full attention, causal unless `is_causal` is false.
Architecture read_decoder(const common::JsonObject& config, const DecoderDefaults& defaults);

/// `is_causal`, which transformers' AutoModel obeys: true unless the file says false.
bool is_causal(const common::JsonObject& config);

/// Attention to the `window` nearest tokens, the own one included; without causality `window` to both sides.
void set_window(bool causal, int64_t window, nn::AttentionSpec& attention);

/// `sliding_window`; nothing where it is null. `default_window` holds where the file has no such field.
std::optional<int64_t> read_window(const common::JsonObject& config, std::optional<int64_t> default_window);

/// Which layers have sliding attention: `layer_types`, or what `by_default` says of each.
std::vector<bool> read_sliding_layers(const common::JsonObject& config, size_t num_layers,
                                      const std::function<bool(size_t layer)>& by_default);

/// The field is in the file, and null: not what a default would make of its absence.
bool is_null(const common::JsonObject& config, const char* key);

}  // namespace sbert::arch
