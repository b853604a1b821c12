#include "nn/attention.h"

#include <algorithm>

#include "kernels/packed_matrix.h"

namespace sbert::nn {
namespace {

// Queries whose scores are held at once. A multiple of the row tiles of every level (8 and 6), so that only the last
// block has a partial tile.
constexpr size_t kQueryBlock = 48;

// One head of one text of `length` tokens; q, k, v point at its first token, `stride` floats apart.
void attend_head(const AttentionSpec& spec, const float* q, const float* k, const float* v, size_t stride,
                 size_t length, float* context, size_t context_stride, Workspace& workspace) {
  const kernels::Kernels& kernel = kernels::active();
  const auto head_size = static_cast<size_t>(spec.head_size);
  const size_t panel_cols = kernel.panel_cols;

  kernels::MatmulArgs scores;  // Q K^T: the keys, transposed, are the panels of B
  scores.n = length;
  scores.k = head_size;
  scores.a_stride = stride;
  scores.b = workspace.keys.data();
  scores.b_row_stride = panel_cols;
  scores.b_panel_stride = panel_cols * head_size;
  scores.c = workspace.scores.data();
  scores.c_stride = length;
  kernels::pack_panels(k, stride, length, head_size, panel_cols, workspace.keys.data());

  kernels::MatmulArgs values;  // P V: the values stand in rows already, panels lie side by side in them
  values.n = head_size;
  values.k = length;
  values.a = workspace.scores.data();
  values.a_stride = length;
  values.b = v;
  values.b_row_stride = stride;
  values.b_panel_stride = panel_cols;
  values.c_stride = context_stride;

  for (size_t begin = 0; begin < length; begin += kQueryBlock) {
    scores.m = values.m = std::min(kQueryBlock, length - begin);
    scores.a = q + begin * stride;
    kernel.matmul(scores);
    kernel.softmax(workspace.scores.data(), scores.m, length, length, spec.scale);
    values.c = context + begin * context_stride;
    kernel.matmul(values);
  }
}

}  // namespace

void attend(const AttentionSpec& spec, const PackedBatch& batch, Workspace& workspace) {
  const auto heads = static_cast<size_t>(spec.num_heads), head_size = static_cast<size_t>(spec.head_size);
  const size_t width = heads * head_size, stride = 3 * width;
  size_t longest = 0;
  for (size_t text = 0; text < batch.num_texts(); ++text) longest = std::max(longest, batch.length(text));
  const size_t panel_cols = kernels::active().panel_cols;
  workspace.keys.reserve((longest + panel_cols - 1) / panel_cols * panel_cols * head_size);
  workspace.scores.reserve(std::min(kQueryBlock, longest) * longest);
  float* context = workspace.context.reserve(batch.num_tokens() * width);

  for (size_t text = 0; text < batch.num_texts(); ++text) {
    const size_t first = batch.offsets[text];
    for (size_t head = 0; head < heads; ++head) {
      const float* q = workspace.qkv.data() + first * stride + head * head_size;
      attend_head(spec, q, q + width, q + 2 * width, stride, batch.length(text),
                  context + first * width + head * head_size, width, workspace);
    }
  }
}

}  // namespace sbert::nn
