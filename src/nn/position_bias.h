#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"

namespace sbert::nn {

/// The bucket of a key at `distance` behind (negative: before) its query: transformers' T5 and MPNet, in float32 as
/// there. https://arxiv.org/abs/1910.10683, section 2.1
int64_t relative_bucket(const RelativeBucketsSpec& spec, int64_t distance);

/// The slope of each head's ALiBi, for any number of heads: https://arxiv.org/abs/2108.12409, section 3.
std::vector<float> alibi_slopes(size_t num_heads);

/// What is added to scores for the distance of key and query alone: relative buckets, or ALiBi.
class PositionBias {
 public:
  /// `table` [num_buckets, num_heads].
  PositionBias(const RelativeBucketsSpec& spec, const TensorView& table, size_t num_heads);
  static PositionBias alibi(size_t num_heads);

  /// out [2 * length - 1]: the bias of query i and key j of a text of `length` tokens stands at j - i + length - 1.
  void fill(size_t head, size_t length, float* out) const;

 private:
  PositionBias() = default;

  std::vector<float> slopes_;  // [heads] of ALiBi; else empty
  std::vector<float> table_;   // [num_buckets, heads] of relative buckets
  size_t num_heads_ = 0;
  std::vector<size_t> first_distances_;  // of each bucket of one direction, ascending
};

}  // namespace sbert::nn
