#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/packed_matrix.h"
#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/score_block.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The row of the relative embedding table for a key `distance` before (negative: behind) its query, as transformers'
/// DeBERTa v2, in float32 as there.
int64_t relative_position_row(const DisentangledSpec& spec, int64_t distance);

/// What disentangled attention adds to the scores of one layer: https://arxiv.org/abs/2006.03654, section 3.1. For
/// query i and key j, r = relative_position_row(i - j), and the projected relative embeddings K^r and Q^r:
///   q_i . K^r_r (content to position) + k_j . Q^r_r (position to content)
class DisentangledAttention {
 public:
  /// `relative_embeddings` [table_rows, H] are those behind their norm; `qkv` is the layer's product of query, key and
  /// value, which projects them too where projections are shared.
  DisentangledAttention(const AttentionSpec& spec, const LayerTensors& tensors, const Linear& qkv,
                        std::span<const float> relative_embeddings);

  /// To be called for each text, then for each of its heads, then for each block of its queries.
  void begin_text(size_t length, Workspace& workspace) const;
  void begin_head(const AttentionHead& head, Workspace& workspace) const;
  void add_to_scores(const AttentionHead& head, const ScoreBlock& block, Workspace& workspace) const;

 private:
  struct Range {
    size_t begin, end;  // rows of the table
  };
  Range range(size_t length) const;
  void multiply(const kernels::PackedMatrix& positions, const Range& rows, const float* x, size_t x_stride,
                size_t count, float* out) const;

  DisentangledSpec spec_;
  std::vector<kernels::PackedMatrix> keys_, queries_;  // K^r, Q^r of each head, [head_size, table_rows]
};

}  // namespace sbert::nn
