#pragma once

#include <optional>
#include <vector>

#include "formats/tensor.h"

// The weights of an encoder as they stand in its files: one field for each place in EncoderSpec; what the spec does not
// have is absent. `arch` fills it by the checkpoint's names; engines (encoder.h) copy it into their own layout.
namespace sbert::nn {

using formats::TensorView;

struct LinearTensors {
  TensorView weight;               // [out, in]
  std::optional<TensorView> bias;  // [out]
};

struct NormTensors {
  TensorView weight;               // [H]
  std::optional<TensorView> bias;  // [H]
};

struct SublayerNormTensors {
  std::optional<NormTensors> input, output, residual;
};

struct LayerTensors {
  LinearTensors query, key, value, attention_output;
  std::optional<NormTensors> query_norm, key_norm;            // [head_size]
  std::optional<TensorView> relative_attention_bias;          // [num_buckets, heads]; layers may share one
  std::optional<LinearTensors> position_query, position_key;  // disentangled attention without shared projections
  SublayerNormTensors attention_norms;
  LinearTensors mlp_up, mlp_down;
  std::optional<LinearTensors> mlp_gate;
  SublayerNormTensors mlp_norms;
};

struct ConvolutionTensors {
  LinearTensors conv;  // weight [H, H / groups, kernel_size]
  NormTensors norm;
};

struct EncoderTensors {
  TensorView word_embeddings;                       // [vocab_size, E]
  std::optional<TensorView> position_embeddings;    // [max_position_embeddings, E]
  std::optional<TensorView> token_type_embeddings;  // [type_vocab_size, E]
  std::optional<NormTensors> embeddings_norm;
  std::optional<LinearTensors> embeddings_projection;  // [H, E]
  std::vector<LayerTensors> layers;                    // as many as EncoderSpec::layers
  std::optional<TensorView> relative_embeddings;       // [DisentangledSpec::table_rows(), H]
  std::optional<NormTensors> relative_embeddings_norm;
  std::optional<ConvolutionTensors> convolution;
  std::optional<NormTensors> final_norm;
  std::optional<LinearTensors> text_projection;  // [projection_dim, H]
};

}  // namespace sbert::nn
