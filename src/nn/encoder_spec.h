#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/kernels.h"

// Architecture is data: what an encoder computes, without names and without weights. One forward pass (encoder.h) runs
// every spec. An absent optional is a step that is not there.
namespace sbert::nn {

using kernels::Activation;

enum class NormKind : uint8_t {
  kLayer,  // (x - mean) / sqrt(variance + eps) * weight + bias; https://arxiv.org/abs/1607.06450
  kRms,    // x / sqrt(mean square + eps) * weight; https://arxiv.org/abs/1910.07467
};

struct NormSpec {
  NormKind kind = NormKind::kLayer;
  float eps = 1e-12f;
  bool bias = true;            // of kLayer only
  float weight_offset = 0.0f;  // added to the stored weight (Gemma stores weight - 1)

  bool operator==(const NormSpec&) const = default;
};

/// x = (norm(word * scale + position + token type)) projected to the hidden size.
struct EmbeddingsSpec {
  int64_t vocab_size = 0;
  int64_t embedding_size = 0;           // of the tables; another one than the hidden size needs `projection`
  int64_t max_position_embeddings = 0;  // rows of the learned position table; 0: there is none
  int64_t position_offset = 0;          // row of a text's first position (2 in RoBERTa: padding_idx + 1)
  /// Tokens of this id take the row position_offset - 1 and do not advance the position (RoBERTa, MPNet).
  std::optional<int32_t> padding_id;
  int64_t type_vocab_size = 0;  // rows of the token type table; 0: there is none
  float word_scale = 1.0f;      // Gemma: sqrt(hidden_size)
  std::optional<NormSpec> norm;
  bool projection = false;       // embedding_size -> hidden_size (ALBERT, ELECTRA)
  bool projection_bias = false;  // of it
  bool norm_after_projection = false;

  /// Most tokens of a text that the position table has rows for; nothing where positions are not learned.
  std::optional<size_t> max_text_length() const {
    if (max_position_embeddings == 0) return std::nullopt;
    return static_cast<size_t>(max_position_embeddings - position_offset);
  }
};

/// Rotary frequencies that are stretched for longer texts, as transformers' ROPE_INIT_FUNCTIONS compute them.
struct RopeScaling {
  enum class Kind : uint8_t { kNone, kLinear, kLlama3, kYarn };
  Kind kind = Kind::kNone;
  double factor = 1.0;
  double low_freq_factor = 1.0, high_freq_factor = 4.0;  // kLlama3
  double beta_fast = 32.0, beta_slow = 1.0;              // kYarn
  bool truncate = true;                                  // kYarn: the bounds of the ramp are whole numbers
  int64_t original_max_position_embeddings = 0;          // kLlama3, kYarn

  bool operator==(const RopeScaling&) const = default;
};

/// Rotary position embeddings of queries and keys: https://arxiv.org/abs/2104.09864
struct RotarySpec {
  int64_t size = 0;  // the first `size` values of each head turn
  double theta = 10000.0;
  bool interleaved = false;  // pairs are (0, 1), (2, 3) ... instead of (0, size / 2), (1, size / 2 + 1) ...
  RopeScaling scaling;

  bool operator==(const RotarySpec&) const = default;
};

/// A learned bias for each head and each bucket of the distance between key and query, in both directions: T5,
/// https://arxiv.org/abs/1910.10683, section 2.1. The first half of the buckets of each direction is exact, the rest
/// logarithmic up to max_distance.
struct RelativeBucketsSpec {
  int64_t num_buckets = 32;
  int64_t max_distance = 128;

  bool operator==(const RelativeBucketsSpec&) const = default;
};

/// DeBERTa's disentangled attention: https://arxiv.org/abs/2006.03654, section 3.1; log buckets and shared projections
/// as in v2 and v3. The scale of AttentionSpec already counts the terms.
struct DisentangledSpec {
  int64_t position_buckets = -1;       // > 0: distances are bucketed on a logarithmic scale
  int64_t max_relative_positions = 0;  // farther distances count as this one
  bool content_to_position = true;     // c2p
  bool position_to_content = true;     // p2c
  bool shared_projections = true;      // query and key project the positions too; else pos_query and pos_key do

  /// Rows of the relative embedding table: 2 * (position_buckets or max_relative_positions).
  int64_t table_rows() const { return 2 * (position_buckets > 0 ? position_buckets : max_relative_positions); }
};

struct AttentionSpec {
  int64_t num_heads = 0;
  int64_t num_key_value_heads = 0;  // each serves num_heads / num_key_value_heads query heads
  int64_t head_size = 0;
  float scale = 1.0f;       // of the scores before softmax
  bool bias = true;         // of query, key and value
  bool output_bias = true;  // of the output

  /// A token at i sees the tokens from i - tokens_before to i + tokens_after of its text; all where absent. Causal
  /// attention is tokens_after = 0.
  std::optional<int64_t> tokens_before, tokens_after;

  std::optional<NormSpec> query_key_norm;  // of each head's query and key, before rotation (Qwen3, Gemma 3)
  std::optional<RotarySpec> rotary;
  std::optional<RelativeBucketsSpec> relative_buckets;
  std::optional<DisentangledSpec> disentangled;
  bool alibi = false;          // scores -= slope of the head * |distance|; https://arxiv.org/abs/2108.12409
  float score_softcap = 0.0f;  // > 0: scores = softcap * tanh(scores / softcap), after scaling (Gemma 2)
};

/// down(activation(up(x))), or down(activation(gate(x)) * up(x)) where gated: https://arxiv.org/abs/2002.05202
struct MlpSpec {
  int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  bool gated = false;
  bool bias = true;         // of up and gate
  bool output_bias = true;  // of down
};

/// The three places of a norm around a sublayer f: x = residual(x + output(f(input(x)))).
struct SublayerNorms {
  std::optional<NormSpec> input;     // pre-norm: T5, Llama, ModernBERT
  std::optional<NormSpec> output;    // Gemma 2 and 3 have it beside `input`
  std::optional<NormSpec> residual;  // post-norm: BERT
};

struct LayerSpec {
  AttentionSpec attention;
  SublayerNorms attention_norms;
  MlpSpec mlp;
  SublayerNorms mlp_norms;
  float residual_scale = 1.0f;  // of what a sublayer adds (Granite)
};

/// DeBERTa v2's convolution over neighbouring tokens of the same text, which reads the embeddings and is added to the
/// first layer's output: x = norm(layer output + activation(conv(embeddings))).
struct ConvolutionSpec {
  int64_t kernel_size = 3;  // odd
  int64_t groups = 1;
  Activation activation = Activation::kTanh;
  NormSpec norm;
};

/// One vector for each text straight from the encoder: a token's hidden state, projected. Text towers of CLIP and
/// SigLIP.
struct TextProjectionSpec {
  enum class Token : uint8_t { kLast, kFirstOfId, kHighestId };
  Token token = Token::kLast;
  int32_t id = 0;  // of kFirstOfId: the end-of-text token
  int64_t projection_dim = 0;
  bool bias = false;
};

struct EncoderSpec {
  int64_t hidden_size = 0;
  EmbeddingsSpec embeddings;
  std::vector<LayerSpec> layers;
  /// Which of `layers` run, in turn: ALBERT runs one layer many times. Empty: each once, in order.
  std::vector<size_t> layer_order;
  std::optional<ConvolutionSpec> convolution;
  /// Norm of the relative embedding table of disentangled attention (DeBERTa's norm_rel_ebd).
  std::optional<NormSpec> relative_embeddings_norm;
  std::optional<NormSpec> final_norm;
  std::optional<TextProjectionSpec> text_projection;
};

}  // namespace sbert::nn
