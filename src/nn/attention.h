#pragma once

#include <cstddef>

#include "nn/encoder_spec.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// Every token of a text attends to all tokens of the same text: context = softmax(scale * Q K^T) V for each head.
/// `workspace.qkv` [T, 3 * heads * head_size] holds queries, keys and values side by side; the result goes to
/// `workspace.context` [T, heads * head_size]. Memory: one block of queries times the longest text, never T x T.
/// https://arxiv.org/abs/1706.03762, section 3.2
void attend(const AttentionSpec& spec, const PackedBatch& batch, Workspace& workspace);

}  // namespace sbert::nn
