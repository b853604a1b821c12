#include "nn/random_encoder.h"

#include <cmath>
#include <random>
#include <string>

#include "support/random.h"

namespace sbert::test {

nn::EncoderSpec EncoderSizes::spec() const {
  const nn::NormSpec norm{.eps = 1e-6f};
  nn::EncoderSpec spec;
  spec.hidden_size = hidden_size();
  spec.embeddings = {
      .vocab_size = vocab_size, .max_position_embeddings = max_positions, .type_vocab_size = 2, .norm = norm};
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_size));
  spec.layers.assign(static_cast<size_t>(layers),
                     {.attention = {.num_heads = heads, .head_size = head_size, .scale = scale, .bias = bias},
                      .attention_norm = norm,
                      .mlp = {.intermediate_size = intermediate_size, .activation = activation, .bias = bias},
                      .mlp_norm = norm});
  return spec;
}

RandomEncoder::RandomEncoder(const EncoderSizes& sizes, uint32_t seed) : spec(sizes.spec()) {
  const int64_t h = spec.hidden_size;
  auto tensor = [&](const std::string& name, std::vector<int64_t> shape, float low, float high) {
    size_t count = 1;
    for (const int64_t size : shape) count *= static_cast<size_t>(size);
    return data_.add(name, std::move(shape), random_floats(++seed, count, low, high));
  };
  auto table = [&](const std::string& name, int64_t rows) { return tensor(name, {rows, h}, -1.0f, 1.0f); };
  auto norm = [&](const std::string& name) {
    return nn::NormTensors{.weight = tensor(name + ".weight", {h}, 0.5f, 1.5f),
                           .bias = tensor(name + ".bias", {h}, -0.3f, 0.3f)};
  };
  auto linear = [&](const std::string& name, int64_t out, int64_t in) {
    const float range = 2.0f / std::sqrt(static_cast<float>(in));
    nn::LinearTensors made{.weight = tensor(name + ".weight", {out, in}, -range, range), .bias = std::nullopt};
    if (sizes.bias) made.bias = tensor(name + ".bias", {out}, -0.3f, 0.3f);
    return made;
  };
  tensors.word_embeddings = table("word_embeddings", spec.embeddings.vocab_size);
  tensors.position_embeddings = table("position_embeddings", spec.embeddings.max_position_embeddings);
  tensors.token_type_embeddings = table("token_type_embeddings", spec.embeddings.type_vocab_size);
  tensors.embeddings_norm = norm("embeddings_norm");
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string layer = "layer." + std::to_string(i) + ".";
    tensors.layers.push_back({.query = linear(layer + "query", h, h),
                              .key = linear(layer + "key", h, h),
                              .value = linear(layer + "value", h, h),
                              .attention_output = linear(layer + "attention_output", h, h),
                              .attention_norm = norm(layer + "attention_norm"),
                              .mlp_up = linear(layer + "mlp_up", sizes.intermediate_size, h),
                              .mlp_down = linear(layer + "mlp_down", h, sizes.intermediate_size),
                              .mlp_norm = norm(layer + "mlp_norm")});
  }
}

std::vector<nn::TensorView*> RandomEncoder::all() {
  std::vector<nn::TensorView*> views = {&tensors.word_embeddings, &tensors.position_embeddings,
                                        &tensors.token_type_embeddings, &tensors.embeddings_norm.weight,
                                        &tensors.embeddings_norm.bias};
  for (nn::LayerTensors& layer : tensors.layers) {
    for (nn::LinearTensors* linear :
         {&layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.mlp_up, &layer.mlp_down}) {
      views.push_back(&linear->weight);
      if (linear->bias) views.push_back(&*linear->bias);
    }
    for (nn::NormTensors* norm : {&layer.attention_norm, &layer.mlp_norm}) {
      views.push_back(&norm->weight);
      views.push_back(&norm->bias);
    }
  }
  return views;
}

TokenizedInput random_text(const nn::EncoderSpec& spec, size_t length, uint32_t seed) {
  std::mt19937 engine(seed);
  TokenizedInput text;
  for (size_t i = 0; i < length; ++i) {
    text.ids.push_back(static_cast<int32_t>(engine() % static_cast<uint32_t>(spec.embeddings.vocab_size)));
    text.types.push_back(static_cast<int32_t>(engine() % static_cast<uint32_t>(spec.embeddings.type_vocab_size)));
  }
  return text;
}

nn::PackedBatch pack(const std::vector<TokenizedInput>& texts) {
  nn::PackedBatch batch;
  for (const TokenizedInput& text : texts) batch.add_text(text.ids, text.types);
  return batch;
}

}  // namespace sbert::test
