#include "nn/random_encoder.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "support/floats.h"
#include "support/random.h"

namespace sbert::test {
namespace {

using nn::Activation;

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}

  bool flip(uint32_t one_in = 2) { return engine_() % one_in == 0; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint32_t>(high - low + 1));
  }
  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[between(0, static_cast<int64_t>(values.size()) - 1)];
  }
  nn::NormSpec norm() {
    nn::NormSpec norm{.eps = 1e-2f};  // a norm of two values that are nearly equal magnifies errors
    if (flip()) norm.kind = nn::NormKind::kRms;
    norm.bias = norm.kind == nn::NormKind::kLayer && flip();
    if (flip(4)) norm.weight_offset = 1.0f;
    return norm;
  }
  std::optional<nn::NormSpec> norm_one_in(uint32_t one_in) {
    return flip(one_in) ? std::optional(norm()) : std::nullopt;
  }

 private:
  std::mt19937 engine_;
};

nn::SublayerNorms random_norms(Dice& dice) {
  nn::SublayerNorms norms{.input = dice.norm_one_in(2), .output = dice.norm_one_in(4), .residual = std::nullopt};
  if (!norms.input || dice.flip(4)) norms.residual = dice.norm();
  return norms;
}

nn::RotarySpec random_rotary(Dice& dice, int64_t head_size) {
  using Kind = nn::RopeScaling::Kind;
  nn::RotarySpec rotary{.size = 2 * dice.between(1, head_size / 2),
                        .theta = dice.one_of({100.0, 10000.0}),
                        .interleaved = dice.flip(),
                        .scaling = {}};
  rotary.scaling.kind = dice.one_of({Kind::kNone, Kind::kNone, Kind::kLinear, Kind::kLlama3, Kind::kYarn});
  rotary.scaling.factor = dice.one_of({2.0, 4.0});
  rotary.scaling.original_max_position_embeddings = 40;
  return rotary;
}

nn::DisentangledSpec random_disentangled(Dice& dice) {
  nn::DisentangledSpec spec;
  spec.max_relative_positions = dice.one_of({6, 30, 64});
  spec.position_buckets = dice.flip() ? dice.one_of({4, 7, 8}) : -1;
  spec.content_to_position = dice.flip(3);
  spec.position_to_content = !spec.content_to_position || dice.flip();
  spec.shared_projections = dice.flip();
  return spec;
}

nn::AttentionSpec random_attention(Dice& dice, const std::optional<nn::DisentangledSpec>& disentangled) {
  nn::AttentionSpec attention;
  attention.num_key_value_heads = dice.between(1, 3);
  attention.num_heads = attention.num_key_value_heads * (disentangled ? 1 : dice.between(1, 3));
  attention.head_size = dice.between(4, 11);
  attention.scale = 1.0f / std::sqrt(static_cast<float>(attention.head_size));
  attention.bias = dice.flip();
  attention.output_bias = dice.flip();
  if (dice.flip(3)) attention.tokens_before = dice.between(0, 30);
  if (dice.flip(3)) attention.tokens_after = dice.between(0, 30) * dice.between(0, 1);
  attention.query_key_norm = dice.norm_one_in(4);
  if (dice.flip(3)) attention.rotary = random_rotary(dice, attention.head_size);
  if (dice.flip(4)) {
    attention.relative_buckets = {.num_buckets = dice.between(4, 12), .max_distance = dice.between(5, 60)};
  } else if (dice.flip(4)) {
    attention.alibi = true;
  }
  attention.disentangled = disentangled;
  if (dice.flip(4)) attention.score_softcap = 2.0f;
  return attention;
}

nn::MlpSpec random_mlp(Dice& dice) {
  return {.intermediate_size = dice.between(1, 50),
          .activation = dice.one_of({Activation::kGelu, Activation::kGeluTanh, Activation::kRelu, Activation::kSilu,
                                     Activation::kQuickGelu, Activation::kReluSquared}),
          .gated = dice.flip(),
          .bias = dice.flip(),
          .output_bias = dice.flip()};
}

nn::EmbeddingsSpec random_embeddings(Dice& dice, int64_t hidden_size) {
  nn::EmbeddingsSpec embeddings;
  embeddings.vocab_size = 50;
  embeddings.projection = dice.flip(3);
  embeddings.embedding_size = embeddings.projection ? dice.between(1, 20) : hidden_size;
  embeddings.projection_bias = dice.flip();
  embeddings.norm_after_projection = dice.flip();
  embeddings.norm = dice.norm_one_in(2);
  if (dice.flip()) {
    embeddings.position_offset = dice.between(0, 2);
    embeddings.max_position_embeddings = 80 + embeddings.position_offset;
    if (embeddings.position_offset > 0 && dice.flip()) embeddings.padding_id = 1;
  }
  embeddings.type_vocab_size = dice.between(0, 2);
  if (dice.flip(4)) embeddings.word_scale = 1.5f;
  return embeddings;
}

}  // namespace

nn::EncoderSpec EncoderSizes::spec() const {
  const nn::NormSpec norm{.eps = 1e-6f};
  nn::EncoderSpec spec;
  spec.hidden_size = hidden_size();
  spec.embeddings.vocab_size = vocab_size;
  spec.embeddings.embedding_size = hidden_size();
  spec.embeddings.max_position_embeddings = max_positions;
  spec.embeddings.type_vocab_size = 2;
  spec.embeddings.norm = norm;
  nn::LayerSpec layer;
  layer.attention.num_heads = layer.attention.num_key_value_heads = heads;
  layer.attention.head_size = head_size;
  layer.attention.scale = 1.0f / std::sqrt(static_cast<float>(head_size));
  layer.attention.bias = layer.attention.output_bias = bias;
  layer.attention_norms.residual = norm;
  layer.mlp.intermediate_size = intermediate_size;
  layer.mlp.activation = activation;
  layer.mlp.bias = layer.mlp.output_bias = bias;
  layer.mlp_norms.residual = norm;
  spec.layers.assign(static_cast<size_t>(layers), layer);
  return spec;
}

nn::EncoderSpec random_spec(uint32_t seed) {
  Dice dice(seed);
  nn::EncoderSpec spec;
  spec.hidden_size = dice.between(8, 29);
  spec.embeddings = random_embeddings(dice, spec.hidden_size);
  const auto disentangled = dice.flip(3) ? std::optional(random_disentangled(dice)) : std::nullopt;
  if (disentangled) spec.relative_embeddings_norm = dice.norm_one_in(2);
  const int64_t layers = dice.between(1, 3);
  for (int64_t i = 0; i < layers; ++i) {
    nn::LayerSpec& layer = spec.layers.emplace_back();
    layer.attention = random_attention(dice, disentangled);
    layer.attention_norms = random_norms(dice);
    layer.mlp = random_mlp(dice);
    layer.mlp_norms = random_norms(dice);
    if (dice.flip(4)) layer.residual_scale = 0.5f;
  }
  if (dice.flip(4)) {
    for (int64_t i = dice.between(1, 4); i > 0; --i) {
      spec.layer_order.push_back(static_cast<size_t>(dice.between(0, layers - 1)));
    }
  }
  if (dice.flip(4)) {
    const int64_t group = dice.one_of({1, 2, 3});
    spec.convolution = {.kernel_size = dice.one_of({1, 3, 5}),
                        .groups = spec.hidden_size % group == 0 ? group : 1,
                        .activation = dice.one_of({Activation::kTanh, Activation::kGelu}),
                        .norm = dice.norm()};
  }
  spec.final_norm = dice.norm_one_in(2);
  if (dice.flip(3)) {
    using Token = nn::TextProjectionSpec::Token;
    spec.text_projection = {.token = dice.one_of({Token::kLast, Token::kFirstOfId, Token::kHighestId}),
                            .id = 7,
                            .projection_dim = dice.between(1, 20),
                            .bias = dice.flip()};
  }
  return spec;
}

RandomEncoder::RandomEncoder(const nn::EncoderSpec& encoder_spec, uint32_t seed) : spec(encoder_spec) {
  const int64_t h = spec.hidden_size;
  auto tensor = [&](const std::string& name, std::vector<int64_t> shape, float low, float high) {
    size_t count = 1;
    for (const int64_t size : shape) count *= static_cast<size_t>(size);
    return data_.add(name, std::move(shape), random_floats(++seed, count, low, high));
  };
  auto norm = [&](const std::string& name, const nn::NormSpec& norm_spec, int64_t size) {
    const float offset = norm_spec.weight_offset;
    nn::NormTensors made{.weight = tensor(name + ".weight", {size}, 0.5f - offset, 1.5f - offset),
                         .bias = std::nullopt};
    if (norm_spec.kind == nn::NormKind::kLayer && norm_spec.bias)
      made.bias = tensor(name + ".bias", {size}, -0.3f, 0.3f);
    return made;
  };
  auto norm_if = [&](const std::string& name, const std::optional<nn::NormSpec>& norm_spec, int64_t size) {
    return norm_spec ? std::optional(norm(name, *norm_spec, size)) : std::nullopt;
  };
  auto norms = [&](const std::string& name, const nn::SublayerNorms& specs) {
    return nn::SublayerNormTensors{.input = norm_if(name + ".input", specs.input, h),
                                   .output = norm_if(name + ".output", specs.output, h),
                                   .residual = norm_if(name + ".residual", specs.residual, h)};
  };
  auto linear = [&](const std::string& name, std::vector<int64_t> shape, bool bias) {
    const int64_t out = shape[0], in = shape[1] * (shape.size() > 2 ? shape[2] : 1);
    const float range = 2.0f / std::sqrt(static_cast<float>(in));
    nn::LinearTensors made{.weight = tensor(name + ".weight", std::move(shape), -range, range), .bias = std::nullopt};
    if (bias) made.bias = tensor(name + ".bias", {out}, -0.3f, 0.3f);
    return made;
  };

  const nn::EmbeddingsSpec& embeddings = spec.embeddings;
  const int64_t e = embeddings.embedding_size;
  tensors.word_embeddings = tensor("word_embeddings", {embeddings.vocab_size, e}, -1.0f, 1.0f);
  if (embeddings.max_position_embeddings > 0) {
    tensors.position_embeddings = tensor("position_embeddings", {embeddings.max_position_embeddings, e}, -1.0f, 1.0f);
  }
  if (embeddings.type_vocab_size > 0) {
    tensors.token_type_embeddings = tensor("token_type_embeddings", {embeddings.type_vocab_size, e}, -1.0f, 1.0f);
  }
  tensors.embeddings_norm = norm_if("embeddings_norm", embeddings.norm, embeddings.norm_after_projection ? h : e);
  if (embeddings.projection) {
    tensors.embeddings_projection = linear("embeddings_projection", {h, e}, embeddings.projection_bias);
  }
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const std::string name = "layer." + std::to_string(i) + ".";
    const nn::AttentionSpec& attention = spec.layers[i].attention;
    const nn::MlpSpec& mlp = spec.layers[i].mlp;
    const int64_t width = attention.num_heads * attention.head_size;
    const int64_t key_value_width = attention.num_key_value_heads * attention.head_size;
    nn::LayerTensors& layer = tensors.layers.emplace_back();
    layer.query = linear(name + "query", {width, h}, attention.bias);
    layer.key = linear(name + "key", {key_value_width, h}, attention.bias);
    layer.value = linear(name + "value", {key_value_width, h}, attention.bias);
    layer.attention_output = linear(name + "attention_output", {h, width}, attention.output_bias);
    layer.query_norm = norm_if(name + "query_norm", attention.query_key_norm, attention.head_size);
    layer.key_norm = norm_if(name + "key_norm", attention.query_key_norm, attention.head_size);
    if (attention.relative_buckets) {
      layer.relative_attention_bias = tensor(name + "relative_attention_bias",
                                             {attention.relative_buckets->num_buckets, attention.num_heads}, -2, 2);
    }
    if (attention.disentangled) {
      const nn::DisentangledSpec& positions = *attention.disentangled;
      if (i == 0) tensors.relative_embeddings = tensor("relative_embeddings", {positions.table_rows(), h}, -1, 1);
      if (!positions.shared_projections) {
        if (positions.position_to_content) layer.position_query = linear(name + "position_query", {width, h}, true);
        if (positions.content_to_position) layer.position_key = linear(name + "position_key", {width, h}, true);
      }
    }
    layer.attention_norms = norms(name + "attention_norms", spec.layers[i].attention_norms);
    layer.mlp_up = linear(name + "mlp_up", {mlp.intermediate_size, h}, mlp.bias);
    if (mlp.gated) layer.mlp_gate = linear(name + "mlp_gate", {mlp.intermediate_size, h}, mlp.bias);
    layer.mlp_down = linear(name + "mlp_down", {h, mlp.intermediate_size}, mlp.output_bias);
    layer.mlp_norms = norms(name + "mlp_norms", spec.layers[i].mlp_norms);
  }
  tensors.relative_embeddings_norm = norm_if("relative_embeddings_norm", spec.relative_embeddings_norm, h);
  if (spec.convolution) {
    tensors.convolution = {
        .conv = linear("convolution", {h, h / spec.convolution->groups, spec.convolution->kernel_size}, true),
        .norm = norm("convolution_norm", spec.convolution->norm, h)};
  }
  tensors.final_norm = norm_if("final_norm", spec.final_norm, h);
  if (spec.text_projection) {
    tensors.text_projection =
        linear("text_projection", {spec.text_projection->projection_dim, h}, spec.text_projection->bias);
  }
}

std::vector<nn::TensorView*> RandomEncoder::all() {
  std::vector<nn::TensorView*> views = {&tensors.word_embeddings};
  auto add = [&](std::optional<nn::TensorView>& view) {
    if (view) views.push_back(&*view);
  };
  auto add_pair = [&](auto& weight_and_bias) {
    views.push_back(&weight_and_bias.weight);
    add(weight_and_bias.bias);
  };
  auto add_pair_if = [&](auto& weight_and_bias) {
    if (weight_and_bias) add_pair(*weight_and_bias);
  };
  add(tensors.position_embeddings);
  add(tensors.token_type_embeddings);
  add_pair_if(tensors.embeddings_norm);
  add_pair_if(tensors.embeddings_projection);
  for (nn::LayerTensors& layer : tensors.layers) {
    for (nn::LinearTensors* linear :
         {&layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.mlp_up, &layer.mlp_down}) {
      add_pair(*linear);
    }
    for (auto* linear : {&layer.position_query, &layer.position_key, &layer.mlp_gate}) add_pair_if(*linear);
    for (auto* norm : {&layer.query_norm, &layer.key_norm, &layer.attention_norms.input, &layer.attention_norms.output,
                       &layer.attention_norms.residual, &layer.mlp_norms.input, &layer.mlp_norms.output,
                       &layer.mlp_norms.residual}) {
      add_pair_if(*norm);
    }
    add(layer.relative_attention_bias);
  }
  add(tensors.relative_embeddings);
  add_pair_if(tensors.relative_embeddings_norm);
  if (tensors.convolution) {
    add_pair(tensors.convolution->conv);
    add_pair(tensors.convolution->norm);
  }
  add_pair_if(tensors.final_norm);
  add_pair_if(tensors.text_projection);
  return views;
}

void RandomEncoder::nudge(uint32_t seed) {
  for (std::vector<float>& values : data_.values()) {
    const std::vector<float> steps = random_integers(++seed, values.size(), -1, 1);
    for (size_t i = 0; i < values.size(); ++i) values[i] *= 1.0f + steps[i] * static_cast<float>(kEpsilon);
  }
}

TokenizedInput random_text(const nn::EncoderSpec& spec, size_t length, uint32_t seed) {
  std::mt19937 engine(seed);
  TokenizedInput text;
  const auto types = static_cast<uint32_t>(std::max<int64_t>(spec.embeddings.type_vocab_size, 1));
  for (size_t i = 0; i < length; ++i) {
    text.ids.push_back(static_cast<int32_t>(engine() % static_cast<uint32_t>(spec.embeddings.vocab_size)));
    text.types.push_back(static_cast<int32_t>(engine() % types));
  }
  return text;
}

nn::PackedBatch pack(const std::vector<TokenizedInput>& texts) {
  nn::PackedBatch batch;
  for (const TokenizedInput& text : texts) batch.add_text(text.ids, text.types);
  return batch;
}

}  // namespace sbert::test
