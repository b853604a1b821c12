#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/json.h"
#include "formats/tensor_store.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"

// A family of models = its config.json read into a spec, and the names of its tensors. One file per family.
namespace sbert::arch {

/// Names around one sublayer, one for each norm that the spec has there.
struct SublayerNormNames {
  std::string input, output, residual;
};

/// Names of the tensors of one layer, behind the layer's own prefix. A linear or norm named "x" has "x.weight" and,
/// where the spec says so, "x.bias".
struct LayerNames {
  std::string query, key, value;  // three tensors ...
  std::string qkv;                // ... or one, with the rows of query, key and value below each other
  std::string attention_output;
  std::string query_norm, key_norm;
  std::string relative_attention_bias;  // of the layer's own: a whole tensor name
  std::string position_query, position_key;
  SublayerNormNames attention_norms;
  std::string mlp_up, mlp_gate;  // two tensors (gate only where the MLP is gated) ...
  std::string mlp_gate_up;       // ... or one with the rows of gate, then up ...
  std::string mlp_up_gate;       // ... or of up, then gate
  std::string mlp_down;
  SublayerNormNames mlp_norms;
};

struct TensorNames {
  /// Prefixes that checkpoints may put before every name ("bert." in BertForMaskedLM); "" is always tried first.
  std::vector<std::string> prefixes;
  std::vector<std::string> word_embeddings;                // whole names, the first that is there
  std::string position_embeddings, token_type_embeddings;  // whole names
  std::string embeddings_norm, embeddings_projection;
  std::vector<std::string> layer_prefixes;  // one for each of EncoderSpec::layers: "encoder.layer.0."
  LayerNames layer;
  std::string relative_attention_bias;  // one for all layers: a whole name, without layer prefix
  std::string relative_embeddings;      // a whole name
  std::string relative_embeddings_norm;
  std::string convolution, convolution_norm;
  std::string final_norm;
  std::string text_projection;
};

/// "encoder.layer.0.", "encoder.layer.1.", ... for before = "encoder.layer.".
std::vector<std::string> numbered_prefixes(const std::string& before, size_t count);

struct Architecture {
  nn::EncoderSpec spec;
  TensorNames names;
  /// Other names for the same tensors: those that a model's own code had before transformers took it in. The first
  /// whose names of a layer are there is used.
  std::vector<TensorNames> other_names;
  /// What the reference caps max_seq_length by where nothing else sets it (features 2-23): the config's
  /// max_position_embeddings, where it has one. A table of learned positions may allow less.
  std::optional<int64_t> max_position_embeddings;
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
