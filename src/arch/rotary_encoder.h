#pragma once

#include "arch/architecture.h"

// What the encoders between BERT and ModernBERT have in common (NomicBERT, GTE, Jina v3): BERT with rotary positions.
namespace sbert::arch {

/// The values of a config class of transformers where config.json has none.
struct RotaryEncoderDefaults {
  int64_t vocab_size = 0;
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  int64_t max_position_embeddings = 0;
  int64_t type_vocab_size = 0;
  double layer_norm_eps = 1e-12;
  double rope_theta = 10000.0;
  const char* hidden_act = "gelu";
};

/// The fields that checkpoints older than transformers' own class call otherwise.
struct RotaryEncoderKeys {
  const char* hidden_size = "hidden_size";
  const char* num_hidden_layers = "num_hidden_layers";
  const char* num_attention_heads = "num_attention_heads";
  const char* intermediate_size = "intermediate_size";
  const char* layer_norm_eps = "layer_norm_eps";
};

/// Post-norm layers with biases everywhere and a plain MLP; with the names that transformers' own classes have.
Architecture read_rotary_encoder(const common::JsonObject& config, const RotaryEncoderDefaults& defaults,
                                 const RotaryEncoderKeys& keys = {});

}  // namespace sbert::arch
