#pragma once

#include <optional>
#include <vector>

#include "formats/tensor.h"

// The weights of an encoder as they stand in its files: one field for each place in EncoderSpec. `arch` fills it by the
// checkpoint's names; engines (encoder.h) copy it into their own layout.
namespace sbert::nn {

using formats::TensorView;

struct LinearTensors {
  TensorView weight;               // [out, in]
  std::optional<TensorView> bias;  // [out]
};

struct NormTensors {
  TensorView weight;  // [H]
  TensorView bias;    // [H]
};

struct LayerTensors {
  LinearTensors query, key, value, attention_output;
  NormTensors attention_norm;
  LinearTensors mlp_up, mlp_down;
  NormTensors mlp_norm;
};

struct EncoderTensors {
  TensorView word_embeddings;        // [vocab_size, H]
  TensorView position_embeddings;    // [max_position_embeddings, H]
  TensorView token_type_embeddings;  // [type_vocab_size, H]
  NormTensors embeddings_norm;
  std::vector<LayerTensors> layers;
};

}  // namespace sbert::nn
