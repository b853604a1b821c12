#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

// Architecture is data: what an encoder computes, without names and without weights. One forward pass (encoder.h) runs
// every spec.
namespace sbert::nn {

using kernels::Activation;

struct NormSpec {
  float eps = 1e-12f;  // layer norm: (x - mean) / sqrt(variance + eps) * weight + bias
};

struct EmbeddingsSpec {
  int64_t vocab_size = 0;
  int64_t max_position_embeddings = 0;  // rows of the learned position table
  int64_t type_vocab_size = 0;          // rows of the token type table
  NormSpec norm;                        // of the sum of the three
};

struct AttentionSpec {
  int64_t num_heads = 0;
  int64_t head_size = 0;
  float scale = 1.0f;  // of the scores before softmax
  bool bias = true;    // of query, key, value and output
};

struct MlpSpec {
  int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  bool bias = true;
};

/// x = norm(x + attention(x)); x = norm(x + mlp(x)).
struct LayerSpec {
  AttentionSpec attention;
  NormSpec attention_norm;
  MlpSpec mlp;
  NormSpec mlp_norm;
};

struct EncoderSpec {
  int64_t hidden_size = 0;
  EmbeddingsSpec embeddings;
  std::vector<LayerSpec> layers;
};

}  // namespace sbert::nn
