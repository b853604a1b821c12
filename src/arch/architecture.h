#pragma once

#include <string>
#include <vector>

#include "common/json.h"
#include "formats/tensor_store.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"

// A family of models = its config.json read into a spec, and the names of its tensors. One file per family.
namespace sbert::arch {

/// Names of the tensors of one layer; `{}` stands for the layer's number. A linear named "x" has "x.weight" and, where
/// the spec says so, "x.bias".
struct LayerNames {
  std::string query, key, value, attention_output;
  std::string attention_norm;
  std::string mlp_up, mlp_down;
  std::string mlp_norm;
};

struct TensorNames {
  /// Prefixes that checkpoints may put before every name ("bert." in BertForMaskedLM); "" is always tried first.
  std::vector<std::string> prefixes;
  std::string word_embeddings, position_embeddings, token_type_embeddings;  // whole names
  std::string embeddings_norm;
  LayerNames layer;
};

struct Architecture {
  nn::EncoderSpec spec;
  TensorNames names;
};

/// The architecture of a config.json, by its `model_type`. Throws UnsupportedError naming an unknown one and listing
/// the known, InvalidModelError for values that contradict each other.
Architecture read_architecture(const common::JsonObject& config);

/// The `model_type`s that are known.
std::vector<std::string> known_model_types();

/// Finds every tensor of `architecture`. Throws InvalidModelError naming the first that is missing. Tensors that
/// nothing uses (a pooler, position ids) are ignored.
nn::EncoderTensors resolve_tensors(const Architecture& architecture, const formats::TensorStore& store);

}  // namespace sbert::arch
