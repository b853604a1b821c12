#include "nn/attend.h"

#include <algorithm>
#include <cstdint>

#include "kernels/packed_matrix.h"
#include "nn/score_block.h"

namespace sbert::nn {
namespace {

// Queries whose scores are held at once. A multiple of the row tiles of every level (8 and 6), so that only the last
// block has a partial tile.
constexpr size_t kQueryBlock = 48;

// The tokens that a token of a text of `length` sees.
struct Window {
  size_t before, after, length;

  Window(const AttentionSpec& spec, size_t text_length)
      : before(static_cast<size_t>(spec.tokens_before.value_or(INT64_MAX))),
        after(static_cast<size_t>(spec.tokens_after.value_or(INT64_MAX))),
        length(text_length) {}

  size_t begin(size_t token) const { return token - std::min(token, before); }
  size_t end(size_t token) const { return token + std::min(after, length - 1 - token) + 1; }
  bool is_whole() const { return before >= length - 1 && after >= length - 1; }
};

// softmax(scale x) over each query's window; 0 outside of it.
void softmax_in_window(const Window& window, const ScoreBlock& block, float scale) {
  const kernels::Kernels& kernel = kernels::active();
  if (window.is_whole()) {
    kernel.softmax(block.values, block.queries(), block.keys(), block.keys(), scale);
    return;
  }
  for (size_t query = block.begin; query < block.end; ++query) {
    const size_t begin = window.begin(query) - block.first_key, end = window.end(query) - block.first_key;
    float* row = block.row(query);
    std::fill(row, row + begin, 0.0f);
    kernel.softmax(row + begin, 1, end - begin, end - begin, scale);
    std::fill(row + end, row + block.keys(), 0.0f);
  }
}

// Q K^T becomes softmax(scores).
void finish_scores(const AttentionSpec& spec, const PositionTerms& terms, const AttentionHead& head,
                   const Window& window, const ScoreBlock& block, Workspace& workspace) {
  const kernels::Kernels& kernel = kernels::active();
  const size_t count = block.queries() * block.keys();
  float scale = spec.scale;  // that is not applied yet
  if (terms.disentangled) terms.disentangled->add_to_scores(head, block, workspace);
  if (spec.score_softcap > 0) {
    kernel.scale(scale / spec.score_softcap, block.values, count);
    kernel.activate(Activation::kTanh, block.values, count);
    scale = spec.score_softcap;
  }
  if (terms.bias) {
    if (scale != 1.0f) kernel.scale(scale, block.values, count);
    scale = 1.0f;
    const float* zero = workspace.distance_bias.data() + head.length - 1;
    for (size_t query = block.begin; query < block.end; ++query) {
      kernel.add(zero + block.first_key - query, block.row(query), block.keys());
    }
  }
  softmax_in_window(window, block, scale);
}

// The head's keys stand packed in workspace.keys.
void attend_head(const AttentionSpec& spec, const PositionTerms& terms, const AttentionHead& head,
                 Workspace& workspace) {
  const kernels::Kernels& kernel = kernels::active();
  const auto head_size = static_cast<size_t>(spec.head_size);
  const size_t panel_cols = kernel.panel_cols;
  const Window window(spec, head.length);
  if (terms.bias) terms.bias->fill(head.number, head.length, workspace.distance_bias.data());
  if (terms.disentangled) terms.disentangled->begin_head(head, workspace);

  kernels::MatmulArgs scores;  // Q K^T: the keys, transposed, are the panels of B
  scores.k = head_size;
  scores.a_stride = head.stride;
  scores.b_row_stride = panel_cols;
  scores.b_panel_stride = panel_cols * head_size;
  scores.c = workspace.scores.data();

  kernels::MatmulArgs values;  // P V: the values stand in rows already, panels lie side by side in them
  values.n = head_size;
  values.a = workspace.scores.data();
  values.b_row_stride = head.stride;
  values.b_panel_stride = panel_cols;
  values.c_stride = head.context_stride;

  for (size_t begin = 0; begin < head.length; begin += kQueryBlock) {
    const size_t end = std::min(begin + kQueryBlock, head.length);
    const ScoreBlock block{.begin = begin,
                           .end = end,
                           .first_key = window.begin(begin) / panel_cols * panel_cols,
                           .last_key = window.end(end - 1),
                           .values = workspace.scores.data()};
    scores.m = values.m = block.queries();
    scores.n = scores.c_stride = values.k = values.a_stride = block.keys();
    scores.a = head.q + begin * head.stride;
    scores.b = workspace.keys.data() + block.first_key * head_size;
    kernel.matmul(scores);
    finish_scores(spec, terms, head, window, block, workspace);
    values.b = head.v + block.first_key * head.stride;
    values.c = head.context + begin * head.context_stride;
    kernel.matmul(values);
  }
}

void reserve_buffers(const AttentionSpec& spec, const PackedBatch& batch, Workspace& workspace) {
  size_t longest = 0;
  for (size_t text = 0; text < batch.num_texts(); ++text) longest = std::max(longest, batch.length(text));
  if (longest == 0) return;
  const size_t panel_cols = kernels::active().panel_cols;
  workspace.keys.reserve((longest + panel_cols - 1) / panel_cols * panel_cols * static_cast<size_t>(spec.head_size));
  const Window window(spec, longest);
  size_t keys = kQueryBlock + panel_cols;  // those of a block's own tokens, and up to the border of a panel
  keys += std::min(window.before, longest) + std::min(window.after, longest);
  workspace.scores.reserve(std::min(kQueryBlock, longest) * std::min(keys, longest));
  workspace.distance_bias.reserve(2 * longest - 1);
}

}  // namespace

void attend(const AttentionSpec& spec, const PositionTerms& terms, const PackedBatch& batch, Workspace& workspace) {
  const auto heads = static_cast<size_t>(spec.num_heads), groups = static_cast<size_t>(spec.num_key_value_heads);
  const auto head_size = static_cast<size_t>(spec.head_size);
  const size_t width = heads * head_size, stride = width + 2 * groups * head_size;
  const size_t panel_cols = kernels::active().panel_cols;
  reserve_buffers(spec, batch, workspace);
  float* context = workspace.context.reserve(batch.num_tokens() * width);

  for (size_t text = 0; text < batch.num_texts(); ++text) {
    const size_t first = batch.offsets[text], length = batch.length(text);
    if (length == 0) continue;
    if (terms.disentangled) terms.disentangled->begin_text(length, workspace);
    const float* q = workspace.qkv.data() + first * stride;
    const float *k = q + width, *v = k + groups * head_size;
    for (size_t group = 0; group < groups; ++group, k += head_size, v += head_size) {
      kernels::pack_panels(k, stride, length, head_size, panel_cols, workspace.keys.data());
      for (size_t number = group * (heads / groups); number < (group + 1) * (heads / groups); ++number) {
        attend_head(spec, terms,
                    {.number = number,
                     .length = length,
                     .q = q + number * head_size,
                     .k = k,
                     .v = v,
                     .stride = stride,
                     .context = context + first * width + number * head_size,
                     .context_stride = width},
                    workspace);
      }
    }
  }
}

}  // namespace sbert::nn
