#include <string>

#include <sbert/error.h>

#include "arch/architecture.h"

namespace sbert::arch {
namespace {

// Looks tensors up under the one prefix that this checkpoint uses.
class Resolver {
 public:
  Resolver(const TensorNames& names, const formats::TensorStore& store) : store_(store) {
    if (store.find(names.word_embeddings) != nullptr) return;
    for (const std::string& prefix : names.prefixes) {
      if (store.find(prefix + names.word_embeddings) != nullptr) prefix_ = prefix;
    }
  }

  const nn::TensorView& tensor(const std::string& name) const { return store_.require(prefix_ + name); }

  nn::LinearTensors linear(const std::string& name, bool has_bias) const {
    nn::LinearTensors linear{.weight = tensor(name + ".weight"), .bias = std::nullopt};
    if (has_bias) linear.bias = tensor(name + ".bias");
    return linear;
  }

  // Checkpoints converted from TensorFlow call a norm's weight and bias gamma and beta.
  nn::NormTensors norm(const std::string& name) const {
    if (store_.find(prefix_ + name + ".gamma") != nullptr) {
      return {.weight = tensor(name + ".gamma"), .bias = tensor(name + ".beta")};
    }
    return {.weight = tensor(name + ".weight"), .bias = tensor(name + ".bias")};
  }

 private:
  const formats::TensorStore& store_;
  std::string prefix_;
};

std::string of_layer(std::string name, size_t layer) {
  const size_t place = name.find("{}");
  return place == std::string::npos ? name : name.replace(place, 2, std::to_string(layer));
}

}  // namespace

nn::EncoderTensors resolve_tensors(const Architecture& architecture, const formats::TensorStore& store) {
  const TensorNames& names = architecture.names;
  const Resolver resolver(names, store);
  nn::EncoderTensors tensors{
      .word_embeddings = resolver.tensor(names.word_embeddings),
      .position_embeddings = resolver.tensor(names.position_embeddings),
      .token_type_embeddings = resolver.tensor(names.token_type_embeddings),
      .embeddings_norm = resolver.norm(names.embeddings_norm),
      .layers = {},
  };
  for (size_t i = 0; i < architecture.spec.layers.size(); ++i) {
    const nn::LayerSpec& layer = architecture.spec.layers[i];
    auto attention = [&](const std::string& name) { return resolver.linear(of_layer(name, i), layer.attention.bias); };
    auto mlp = [&](const std::string& name) { return resolver.linear(of_layer(name, i), layer.mlp.bias); };
    auto norm = [&](const std::string& name) { return resolver.norm(of_layer(name, i)); };
    tensors.layers.push_back({
        .query = attention(names.layer.query),
        .key = attention(names.layer.key),
        .value = attention(names.layer.value),
        .attention_output = attention(names.layer.attention_output),
        .attention_norm = norm(names.layer.attention_norm),
        .mlp_up = mlp(names.layer.mlp_up),
        .mlp_down = mlp(names.layer.mlp_down),
        .mlp_norm = norm(names.layer.mlp_norm),
    });
  }
  return tensors;
}

}  // namespace sbert::arch
