#pragma once

#include <cstddef>
#include <optional>

#include "nn/disentangled_attention.h"
#include "nn/encoder_spec.h"
#include "nn/packed_batch.h"
#include "nn/position_bias.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// What positions add to the scores of one layer. Each may be absent.
struct PositionTerms {
  std::optional<PositionBias> bias;
  std::optional<DisentangledAttention> disentangled;
};

/// Every token attends to the tokens in its window of the same text: context = softmax(scores) V for each head, where
/// scores = softcap(scale * (Q K^T + disentangled)) + bias. `workspace.qkv` [T, (heads + 2 * key-value heads) *
/// head_size] holds queries, keys and values side by side; the result goes to `workspace.context` [T, heads *
/// head_size]. Memory: one block of queries times the keys in their range, never T x T.
/// https://arxiv.org/abs/1706.03762, section 3.2
void attend(const AttentionSpec& spec, const PositionTerms& terms, const PackedBatch& batch, Workspace& workspace);

}  // namespace sbert::nn
