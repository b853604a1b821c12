#include "nn/spec_checks.h"

#include <cmath>

namespace sbert::nn {
namespace {

// Products of two sizes stay far below 2^63, sums of a few such products too.
constexpr int64_t kMaxSize = int64_t{1} << 30;
// Tables over distances are made for as many as these.
constexpr int64_t kMaxDistance = int64_t{1} << 24;

class Checker {
 public:
  explicit Checker(const std::string& file) : file_(file) {}

  void require(bool condition, const std::string& what) const {
    if (!condition) throw InvalidModelError(common::quote(file_) + ": the configuration does not fit: " + what);
  }
  void size(const char* name, int64_t value, int64_t low = 1, int64_t high = kMaxSize) const {
    require(value >= low && value <= high, std::string(name) + " is " + std::to_string(value) + ", which must be " +
                                               std::to_string(low) + " to " + std::to_string(high));
  }
  void finite(const char* name, double value) const {
    require(std::isfinite(value), std::string(name) + " is not finite");
  }
  void positive(const char* name, double value) const {
    require(value > 0 && std::isfinite(value), std::string(name) + " must be positive");
  }

 private:
  const std::string& file_;
};

void check_embeddings(const Checker& check, const EmbeddingsSpec& spec, int64_t hidden_size) {
  check.size("vocab_size", spec.vocab_size);
  check.size("embedding_size", spec.embedding_size);
  check.size("max_position_embeddings", spec.max_position_embeddings, 0);
  check.size("type_vocab_size", spec.type_vocab_size, 0);
  check.finite("the scale of word embeddings", spec.word_scale);
  check.require(spec.projection || spec.embedding_size == hidden_size,
                "embedding_size " + std::to_string(spec.embedding_size) + " is not the hidden_size " +
                    std::to_string(hidden_size));
  if (spec.max_position_embeddings == 0) return;
  check.size("position offset", spec.position_offset, spec.padding_id ? 1 : 0);
  check.require(spec.position_offset < spec.max_position_embeddings,
                "max_position_embeddings " + std::to_string(spec.max_position_embeddings) +
                    " leaves no position behind the first " + std::to_string(spec.position_offset));
}

void check_rotary(const Checker& check, const RotarySpec& spec, int64_t head_size) {
  check.require(spec.size >= 2 && spec.size % 2 == 0 && spec.size <= head_size,
                "rotary position embeddings turn " + std::to_string(spec.size) +
                    " values of each head, which must be an even number of the " + std::to_string(head_size));
  check.positive("rope_theta", spec.theta);
  using Kind = RopeScaling::Kind;
  const RopeScaling& scaling = spec.scaling;
  if (scaling.kind == Kind::kNone) return;
  check.positive("rope scaling factor", scaling.factor);
  if (scaling.kind == Kind::kLinear) return;
  check.require(scaling.original_max_position_embeddings > 0, "original_max_position_embeddings must be positive");
  if (scaling.kind == Kind::kLlama3) {
    check.positive("low_freq_factor", scaling.low_freq_factor);
    check.positive("high_freq_factor", scaling.high_freq_factor);
    check.require(scaling.low_freq_factor != scaling.high_freq_factor, "low_freq_factor is high_freq_factor");
  } else {
    check.positive("beta_fast", scaling.beta_fast);
    check.positive("beta_slow", scaling.beta_slow);
    check.require(spec.theta != 1, "yarn with a rope_theta of 1");
  }
}

void check_attention(const Checker& check, const AttentionSpec& spec) {
  check.size("num_attention_heads", spec.num_heads);
  check.size("num_key_value_heads", spec.num_key_value_heads);
  check.size("head size", spec.head_size);
  check.require(spec.num_heads % spec.num_key_value_heads == 0,
                std::to_string(spec.num_heads) + " attention heads cannot share " +
                    std::to_string(spec.num_key_value_heads) + " key-value heads");
  check.finite("the scale of scores", spec.scale);
  check.require(std::isfinite(spec.score_softcap) && spec.score_softcap >= 0, "the softcap of scores is negative");
  check.require(spec.tokens_before.value_or(0) >= 0 && spec.tokens_after.value_or(0) >= 0,
                "the window of attention is negative");
  if (spec.rotary) check_rotary(check, *spec.rotary, spec.head_size);
  check.require(!spec.relative_buckets || !spec.alibi, "relative buckets beside ALiBi");
  if (spec.relative_buckets) {
    const RelativeBucketsSpec& buckets = *spec.relative_buckets;
    check.size("relative_attention_num_buckets", buckets.num_buckets, 4, kMaxDistance);
    check.size("relative_attention_max_distance", buckets.max_distance, buckets.num_buckets / 4 + 1, kMaxDistance);
  }
  if (spec.disentangled) {
    const DisentangledSpec& positions = *spec.disentangled;
    check.require(spec.num_key_value_heads == spec.num_heads, "disentangled attention with shared key-value heads");
    check.size("max_relative_positions", positions.max_relative_positions, 1, kMaxDistance);
    if (positions.position_buckets > 0) {
      check.size("position_buckets", positions.position_buckets, 2, kMaxDistance);
      check.require(positions.max_relative_positions - 1 > positions.position_buckets / 2,
                    std::to_string(positions.position_buckets) + " position_buckets make no scale up to " +
                        std::to_string(positions.max_relative_positions) + " positions");
    }
  }
}

}  // namespace

void check_spec(const EncoderSpec& spec, const std::string& file) {
  const Checker check(file);
  check.size("hidden_size", spec.hidden_size);
  check_embeddings(check, spec.embeddings, spec.hidden_size);
  for (const LayerSpec& layer : spec.layers) {
    check_attention(check, layer.attention);
    check.size("intermediate_size", layer.mlp.intermediate_size);
    check.finite("the scale of residuals", layer.residual_scale);
  }
  for (const size_t layer : spec.layer_order) {
    check.require(layer < spec.layers.size(), "there is no layer " + std::to_string(layer));
  }
  if (spec.convolution) {
    check.size("conv_kernel_size", spec.convolution->kernel_size);
    check.size("conv_groups", spec.convolution->groups);
    check.require(spec.convolution->kernel_size % 2 == 1, "conv_kernel_size is even");
    check.require(spec.hidden_size % spec.convolution->groups == 0, "conv_groups do not divide hidden_size");
  }
  if (spec.text_projection) check.size("projection_dim", spec.text_projection->projection_dim);
}

}  // namespace sbert::nn
