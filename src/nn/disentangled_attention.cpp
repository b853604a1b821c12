#include "nn/disentangled_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "common/thread_pool.h"
#include "nn/spec_checks.h"

namespace sbert::nn {
namespace {

// Exact up to half of the buckets, logarithmic from there to max_relative_positions - 1.
int64_t log_bucket(const DisentangledSpec& spec, int64_t distance) {
  const int64_t middle = spec.position_buckets / 2, far = std::abs(distance);
  if (far <= middle) return distance;
  const auto half = static_cast<float>(middle);
  const float widest =
      std::log(static_cast<float>(static_cast<double>(spec.max_relative_positions - 1) / static_cast<double>(middle)));
  const float share = std::log(static_cast<float>(far) / half) / widest;
  const auto bucket = static_cast<int64_t>(std::ceil(share * static_cast<float>(middle - 1)) + half);
  return distance < 0 ? -bucket : bucket;
}

common::AlignedBuffer project(const Linear& linear, const float* x, size_t rows) {
  constexpr size_t kRowBlock = 48;
  common::AlignedBuffer projected(rows * linear.out_features());
  common::ThreadPool::instance().run((rows + kRowBlock - 1) / kRowBlock, [&](size_t i) {
    const size_t begin = i * kRowBlock;
    linear.forward(x + begin * linear.in_features(), linear.in_features(), std::min(kRowBlock, rows - begin),
                   projected.data() + begin * linear.out_features());
  });
  return projected;
}

// Columns [first_column, first_column + heads * head_size) of x [rows, x_stride], a packed matrix for each head.
std::vector<kernels::PackedMatrix> pack_heads(const float* x, size_t x_stride, size_t rows, size_t first_column,
                                              const AttentionSpec& spec) {
  const auto head_size = static_cast<size_t>(spec.head_size);
  std::vector<kernels::PackedMatrix> packed;
  for (size_t head = 0; head < static_cast<size_t>(spec.num_heads); ++head) {
    packed.emplace_back(head_size, rows, kernels::active().panel_cols);
    packed.back().set_columns(0, rows, x + first_column + head * head_size, x_stride);
  }
  return packed;
}

}  // namespace

int64_t relative_position_row(const DisentangledSpec& spec, int64_t distance) {
  const int64_t rows = spec.table_rows();
  const int64_t position = spec.position_buckets > 0 ? log_bucket(spec, distance) : distance;
  return std::clamp<int64_t>(position + rows / 2, 0, rows - 1);
}

DisentangledAttention::DisentangledAttention(const AttentionSpec& spec, const LayerTensors& tensors, const Linear& qkv,
                                             std::span<const float> relative_embeddings)
    : spec_(*spec.disentangled) {
  const size_t hidden_size = qkv.in_features(), width = static_cast<size_t>(spec.num_heads * spec.head_size);
  const auto rows = static_cast<size_t>(spec_.table_rows());
  if (relative_embeddings.size() != rows * hidden_size) {
    throw InvalidModelError("layers disagree about the relative embedding table: one needs " + std::to_string(rows) +
                            " rows");
  }
  if (spec_.shared_projections) {
    const common::AlignedBuffer projected = project(qkv, relative_embeddings.data(), rows);
    if (spec_.position_to_content) queries_ = pack_heads(projected.data(), qkv.out_features(), rows, 0, spec);
    if (spec_.content_to_position) keys_ = pack_heads(projected.data(), qkv.out_features(), rows, width, spec);
    return;
  }
  auto project_and_pack = [&](const LinearTensors& linear) {
    const common::AlignedBuffer projected =
        project(Linear(linear, hidden_size, width), relative_embeddings.data(), rows);
    return pack_heads(projected.data(), width, rows, 0, spec);
  };
  if (spec_.position_to_content) queries_ = project_and_pack(given(tensors.position_query, "position queries"));
  if (spec_.content_to_position) keys_ = project_and_pack(given(tensors.position_key, "position keys"));
}

// The rows that a text of `length` tokens can reach, from the border of a panel on.
DisentangledAttention::Range DisentangledAttention::range(size_t length) const {
  const auto farthest = static_cast<int64_t>(length) - 1;
  const auto first = static_cast<size_t>(relative_position_row(spec_, -farthest));
  const size_t panel_cols = kernels::active().panel_cols;
  return {.begin = first / panel_cols * panel_cols,
          .end = static_cast<size_t>(relative_position_row(spec_, farthest)) + 1};
}

// out [count, rows] = x [count, head_size] times those rows of `positions`
void DisentangledAttention::multiply(const kernels::PackedMatrix& positions, const Range& rows, const float* x,
                                     size_t x_stride, size_t count, float* out) const {
  kernels::MatmulArgs args;
  positions.describe(args);
  args.m = count;
  args.n = args.c_stride = rows.end - rows.begin;
  args.a = x;
  args.a_stride = x_stride;
  args.b += rows.begin * positions.k();
  args.c = out;
  kernels::active().matmul(args);
}

// For each key - query, from 1 - length on: the column of its row in the products below.
void DisentangledAttention::begin_text(size_t length, Workspace& workspace) const {
  const auto first = static_cast<int32_t>(range(length).begin);
  workspace.position_columns.resize(2 * length - 1);
  int32_t* zero = workspace.position_columns.data() + length - 1;
  for (size_t i = 0; i < length; ++i) {
    const auto distance = static_cast<int64_t>(i);
    zero[i] = static_cast<int32_t>(relative_position_row(spec_, -distance)) - first;
    *(zero - i) = static_cast<int32_t>(relative_position_row(spec_, distance)) - first;
  }
}

void DisentangledAttention::begin_head(const AttentionHead& head, Workspace& workspace) const {
  if (!spec_.position_to_content) return;
  const Range rows = range(head.length);
  float* products = workspace.position_to_content.reserve(head.length * (rows.end - rows.begin));
  multiply(queries_[head.number], rows, head.k, head.stride, head.length, products);
}

void DisentangledAttention::add_to_scores(const AttentionHead& head, const ScoreBlock& block,
                                          Workspace& workspace) const {
  const Range rows = range(head.length);
  const size_t width = rows.end - rows.begin;
  float* from_content = nullptr;
  if (spec_.content_to_position) {
    from_content = workspace.content_to_position.reserve(block.queries() * width);
    multiply(keys_[head.number], rows, head.q + block.begin * head.stride, head.stride, block.queries(), from_content);
  }
  for (size_t query = block.begin; query < block.end; ++query) {
    const int32_t* columns = workspace.position_columns.data() + head.length - 1 + block.first_key - query;
    float* scores = block.row(query);
    if (spec_.content_to_position) {
      const float* products = from_content + (query - block.begin) * width;
      for (size_t j = 0; j < block.keys(); ++j) scores[j] += products[columns[j]];
    }
    if (spec_.position_to_content) {
      const float* products = workspace.position_to_content.data() + block.first_key * width;
      for (size_t j = 0; j < block.keys(); ++j) scores[j] += products[j * width + static_cast<size_t>(columns[j])];
    }
  }
}

}  // namespace sbert::nn
