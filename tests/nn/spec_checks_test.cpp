#include "nn/spec_checks.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>

#include "nn/encoder.h"
#include "nn/random_encoder.h"
#include "support/errors.h"

// Configurations that contradict themselves, or have sizes that cannot be, are refused before anything is computed.
namespace sbert::nn {
namespace {

using test::message_of;

struct Case {
  std::function<void(EncoderSpec&)> change;
  std::string message;
};

std::string error_of(const std::function<void(EncoderSpec&)>& change) {
  EncoderSpec spec = test::EncoderSizes{}.spec();
  const test::RandomEncoder random(spec, 1);
  change(spec);
  return message_of<InvalidModelError>([&] { Encoder(spec, random.tensors); });
}

AttentionSpec& attention(EncoderSpec& spec) {
  return spec.layers[1].attention;
}

RotarySpec& rotary(EncoderSpec& spec) {
  if (!attention(spec).rotary)
    attention(spec).rotary = RotarySpec{.size = 8, .theta = 10000, .interleaved = false, .scaling = {}};
  return *attention(spec).rotary;
}

DisentangledSpec& disentangled(EncoderSpec& spec) {
  if (!attention(spec).disentangled) attention(spec).disentangled = DisentangledSpec{.max_relative_positions = 10};
  return *attention(spec).disentangled;
}

TEST(SpecChecksTest, NameWhatDoesNotFit) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  using Kind = RopeScaling::Kind;
  const std::vector<Case> cases = {
      {[](auto& s) { s.hidden_size = 0; }, "hidden_size is 0, which must be 1 to 1073741824"},
      {[](auto& s) { s.hidden_size = INT64_MIN; }, "hidden_size is -9223372036854775808"},
      {[](auto& s) { s.embeddings.vocab_size = INT64_MAX; }, "vocab_size is 9223372036854775807"},
      {[](auto& s) { s.embeddings.embedding_size = 15; }, "embedding_size 15 is not the hidden_size 16"},
      {[](auto& s) { s.embeddings.position_offset = 80; }, "max_position_embeddings 80 leaves no position behind"},
      {[](auto& s) { s.embeddings.position_offset = -1; }, "position offset is -1"},
      {[](auto& s) { s.embeddings.padding_id = 0; }, "position offset is 0, which must be 1 to"},
      {[](auto& s) { s.embeddings.type_vocab_size = -1; }, "type_vocab_size is -1"},
      {[](auto& s) { s.embeddings.word_scale = static_cast<float>(kNan); }, "the scale of word embeddings"},
      {[](auto& s) { attention(s).num_heads = 0; }, "num_attention_heads is 0"},
      {[](auto& s) { attention(s).num_key_value_heads = -2; }, "num_key_value_heads is -2"},
      {[](auto& s) { attention(s).num_key_value_heads = 3; }, "2 attention heads cannot share 3 key-value heads"},
      {[](auto& s) { attention(s).head_size = int64_t{1} << 40; }, "head size is 1099511627776"},
      {[](auto& s) { attention(s).scale = INFINITY; }, "the scale of scores is not finite"},
      {[](auto& s) { attention(s).score_softcap = -1; }, "the softcap of scores is negative"},
      {[](auto& s) { attention(s).tokens_before = -1; }, "the window of attention is negative"},
      {[](auto& s) { attention(s).tokens_after = INT64_MIN; }, "the window of attention is negative"},
      {[](auto& s) { rotary(s).size = 7; }, "rotary position embeddings turn 7 values of each head"},
      {[](auto& s) { rotary(s).size = 0; }, "turn 0 values"},
      {[](auto& s) { rotary(s).size = 10; }, "turn 10 values of each head, which must be an even number of the 8"},
      {[](auto& s) { rotary(s).theta = kNan; }, "rope_theta must be positive"},
      {[](auto& s) { rotary(s).scaling = {.kind = Kind::kLinear, .factor = 0}; }, "rope scaling factor must be"},
      {[](auto& s) { rotary(s).scaling = {.kind = Kind::kLlama3}; }, "original_max_position_embeddings must be"},
      {[](auto& s) {
         rotary(s).scaling = {.kind = Kind::kLlama3, .low_freq_factor = 4, .original_max_position_embeddings = 1};
       },
       "low_freq_factor is high_freq_factor"},
      {[](auto& s) {
         rotary(s).scaling = {.kind = Kind::kYarn, .beta_slow = -1, .original_max_position_embeddings = 1};
       },
       "beta_slow must be positive"},
      {[](auto& s) {
         rotary(s).scaling = {.kind = Kind::kYarn, .original_max_position_embeddings = 1};
         rotary(s).theta = 1;
       },
       "yarn with a rope_theta of 1"},
      {[](auto& s) {
         attention(s).relative_buckets = {3, 128};
       },
       "relative_attention_num_buckets is 3"},
      {[](auto& s) {
         attention(s).relative_buckets = {32, 8};
       },
       "max_distance is 8, which must be 9 to"},
      {[](auto& s) {
         attention(s).relative_buckets = {32, INT64_MAX};
       },
       "relative_attention_max_distance is 92"},
      {[](auto& s) {
         attention(s).relative_buckets = {32, 128};
         attention(s).alibi = true;
       },
       "relative buckets beside ALiBi"},
      {[](auto& s) { disentangled(s).max_relative_positions = 0; }, "max_relative_positions is 0"},
      {[](auto& s) { disentangled(s).position_buckets = 1; }, "position_buckets is 1"},
      {[](auto& s) { disentangled(s).position_buckets = 18; }, "18 position_buckets make no scale up to 10 positions"},
      {[](auto& s) {
         disentangled(s);
         attention(s).num_key_value_heads = 1;
       },
       "disentangled attention with shared key-value heads"},
      {[](auto& s) { s.layers[0].mlp.intermediate_size = -5; }, "intermediate_size is -5"},
      {[](auto& s) { s.layers[0].residual_scale = INFINITY; }, "the scale of residuals"},
      {[](auto& s) {
         s.layer_order = {0, 2};
       },
       "there is no layer 2"},
      {[](auto& s) { s.convolution.emplace().kernel_size = 2; }, "conv_kernel_size is even"},
      {[](auto& s) { s.convolution.emplace().groups = 3; }, "conv_groups do not divide hidden_size"},
      {[](auto& s) { s.convolution.emplace().groups = 0; }, "conv_groups is 0"},
      {[](auto& s) { s.text_projection = TextProjectionSpec{}; }, "projection_dim is 0"},
  };
  for (const Case& c : cases) {
    const std::string message = error_of(c.change);
    EXPECT_EQ(message.find("'test.safetensors': the configuration does not fit: "), 0u) << message;
    EXPECT_NE(message.find(c.message), std::string::npos) << message << "\nlacks: " << c.message;
  }
}

TEST(SpecChecksTest, WeightsThatTheSpecAsksForMustBeThere) {
  EXPECT_EQ(error_of([](EncoderSpec& spec) { spec.final_norm = NormSpec{}; }),
            "the model has no weights for the final norm");
  EXPECT_EQ(error_of([](EncoderSpec& spec) { spec.layers[1].mlp.gated = true; }),
            "the model has no weights for the gate of an MLP");
  EXPECT_EQ(error_of([](EncoderSpec& spec) { disentangled(spec); }),
            "the model has no weights for relative embeddings");
}

// Sizes at their limits: their products neither overflow nor are allocated before a tensor's shape has been seen.
TEST(SpecChecksTest, LargeSizesAreComparedWithTheTensorsFirst) {
  constexpr int64_t kLarge = int64_t{1} << 30;
  const std::string heads = error_of([](EncoderSpec& spec) {
    for (LayerSpec& layer : spec.layers) layer.attention.num_heads = layer.attention.head_size = kLarge;
    for (LayerSpec& layer : spec.layers) layer.attention.num_key_value_heads = kLarge;
  });
  EXPECT_NE(heads.find("'layer.0.query.weight' has shape [16, 16], expected [1152921504606846976, 16]"),
            std::string::npos)
      << heads;
  const std::string mlp = error_of([](EncoderSpec& spec) { spec.layers[0].mlp.intermediate_size = kLarge; });
  EXPECT_NE(mlp.find("'layer.0.mlp_up.weight' has shape [40, 16], expected [1073741824, 16]"), std::string::npos)
      << mlp;
}

}  // namespace
}  // namespace sbert::nn
