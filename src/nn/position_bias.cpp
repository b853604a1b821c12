#include "nn/position_bias.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "nn/linear.h"

namespace sbert::nn {

int64_t relative_bucket(const RelativeBucketsSpec& spec, int64_t distance) {
  const int64_t buckets = spec.num_buckets / 2;  // of each direction
  const int64_t exact = buckets / 2, far = std::abs(distance);
  const int64_t first = distance > 0 ? buckets : 0;
  if (far < exact) return first + far;
  const float share = std::log(static_cast<float>(far) / static_cast<float>(exact)) /
                      static_cast<float>(std::log(static_cast<double>(spec.max_distance) / static_cast<double>(exact)));
  const auto bucket = exact + static_cast<int64_t>(share * static_cast<float>(buckets - exact));
  return first + std::min(bucket, buckets - 1);
}

std::vector<float> alibi_slopes(size_t num_heads) {
  // 2^(-8 / n), 2^(-16 / n), ... for the largest power of two n <= num_heads; the other heads take every second slope
  // of 2 n heads.
  const size_t power = std::bit_floor(num_heads);
  std::vector<float> slopes;
  auto add = [&](size_t n, size_t i) {
    slopes.push_back(static_cast<float>(std::exp2(-8.0 * static_cast<double>(i) / static_cast<double>(n))));
  };
  for (size_t i = 1; i <= power; ++i) add(power, i);
  for (size_t i = 1; slopes.size() < num_heads; i += 2) add(2 * power, i);
  return slopes;
}

PositionBias::PositionBias(const RelativeBucketsSpec& spec, const TensorView& table, size_t num_heads)
    : num_heads_(num_heads) {
  require_shape(table, {spec.num_buckets, static_cast<int64_t>(num_heads)});
  table_ = formats::read_floats(table);
  for (int64_t bucket = 0; bucket < spec.num_buckets / 2; ++bucket) {
    int64_t low = 0, high = spec.max_distance;  // buckets ascend with the distance
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (relative_bucket(spec, -middle) < bucket) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    first_distances_.push_back(static_cast<size_t>(low));
  }
}

PositionBias PositionBias::alibi(size_t num_heads) {
  PositionBias bias;
  bias.slopes_ = alibi_slopes(num_heads);
  return bias;
}

void PositionBias::fill(size_t head, size_t length, float* out) const {
  float* center = out + length - 1;
  if (!slopes_.empty()) {
    for (size_t distance = 0; distance < length; ++distance) {
      const float value = -slopes_[head] * static_cast<float>(distance);
      center[distance] = *(center - distance) = value;
    }
    return;
  }
  const size_t buckets = first_distances_.size();
  size_t bucket = 0;
  for (size_t distance = 0; distance < length; ++distance) {
    while (bucket + 1 < buckets && distance >= first_distances_[bucket + 1]) ++bucket;
    center[distance] = table_[(bucket + buckets) * num_heads_ + head];
    *(center - distance) = table_[bucket * num_heads_ + head];  // of both at 0
  }
}

}  // namespace sbert::nn
