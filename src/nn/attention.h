#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "nn/attend.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The attention of one layer: query, key and value, their norm and rotation, attend(), and the output projection.
class Attention {
 public:
  /// `relative_embeddings` as DisentangledAttention takes them; else they may be empty.
  Attention(const AttentionSpec& spec, const LayerTensors& tensors, size_t hidden_size,
            std::span<const float> relative_embeddings);

  /// x [T, H] -> out [T, H], which may not be x.
  void forward(const float* x, const PackedBatch& batch, Workspace& workspace, float* out) const;

 private:
  void normalize_heads(const Norm& norm, size_t heads, size_t rows, float* x) const;

  AttentionSpec spec_;
  Linear qkv_, output_;
  std::optional<Norm> query_norm_, key_norm_;
  PositionTerms terms_;
};

}  // namespace sbert::nn
