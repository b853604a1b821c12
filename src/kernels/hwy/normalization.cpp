#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/hwy/normalization.cpp"
#include <cmath>
#include <hwy/foreach_target.h>
#include <limits>

#include "kernels/hwy/activation-inl.h"
#include "kernels/hwy/hwy_kernels.h"

#if HWY_TARGET != HWY_EMU128  // Highway's baseline, which no level uses
HWY_BEFORE_NAMESPACE();
namespace sbert::kernels {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Loads the last n < Lanes values, and `fill` in the other lanes.
HWY_INLINE V load_part(D d, const float* x, size_t n, float fill) {
  HWY_ALIGN float values[hn::MaxLanes(d)];
  hn::Store(hn::Set(d, fill), d, values);
  for (size_t i = 0; i < n; ++i) values[i] = x[i];
  return hn::Load(d, values);
}

HWY_INLINE void store_part(D d, V v, float* x, size_t n) {
  HWY_ALIGN float values[hn::MaxLanes(d)];
  hn::Store(v, d, values);
  for (size_t i = 0; i < n; ++i) x[i] = values[i];
}

HWY_INLINE float lane_sum(D d, V v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

// exp(scale * (x - max)); NaN stays NaN, which hn::Exp makes 0.
HWY_INLINE V exponential(D d, V x, V max, V scale) {
  const V t = hn::Mul(scale, hn::Sub(x, max));
  return hn::IfThenElse(hn::Eq(t, t), hn::Exp(d, t), t);
}

void softmax(float* x, size_t m, size_t n, size_t stride, float scale) {
  const D d;
  const size_t lanes = hn::Lanes(d), whole = n - n % lanes, rest = n - whole;
  const V scales = hn::Set(d, scale);
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < m; ++i) {
    float* row = x + i * stride;
    V max = rest > 0 ? load_part(d, row + whole, rest, kLowest) : hn::Set(d, kLowest);
    for (size_t j = 0; j < whole; j += lanes) max = hn::Max(max, hn::LoadU(d, row + j));
    max = hn::MaxOfLanes(d, max);

    V sum = hn::Zero(d);
    for (size_t j = 0; j < whole; j += lanes) {
      const V value = exponential(d, hn::LoadU(d, row + j), max, scales);
      hn::StoreU(value, d, row + j);
      sum = hn::Add(sum, value);
    }
    if (rest > 0) {
      const V value = exponential(d, load_part(d, row + whole, rest, kLowest), max, scales);
      store_part(d, value, row + whole, rest);
      sum = hn::Add(sum, load_part(d, row + whole, rest, 0.0f));
    }

    const V inverse = hn::Set(d, 1.0f / lane_sum(d, sum));
    for (size_t j = 0; j < whole; j += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, row + j), inverse), d, row + j);
    if (rest > 0) store_part(d, hn::Mul(load_part(d, row + whole, rest, 0.0f), inverse), row + whole, rest);
  }
}

void layer_norm(const float* a, const float* b, const float* weight, const float* bias, float eps, float* out, size_t m,
                size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d), whole = n - n % lanes, rest = n - whole;
  const float count = static_cast<float>(n);
  for (size_t i = 0; i < m; ++i) {
    const float* row_a = a + i * n;
    const float* row_b = b == nullptr ? nullptr : b + i * n;
    float* row = out + i * n;
    auto load = [&](size_t j) HWY_ATTR {
      const V x = hn::LoadU(d, row_a + j);
      return row_b == nullptr ? x : hn::Add(x, hn::LoadU(d, row_b + j));
    };
    auto load_rest = [&](float fill) HWY_ATTR {
      const V x = load_part(d, row_a + whole, rest, fill);
      return row_b == nullptr ? x : hn::Add(x, load_part(d, row_b + whole, rest, 0.0f));
    };

    V sum = rest > 0 ? load_rest(0.0f) : hn::Zero(d);
    for (size_t j = 0; j < whole; j += lanes) sum = hn::Add(sum, load(j));
    const float mean_value = lane_sum(d, sum) / count;
    const V mean = hn::Set(d, mean_value);

    V squares = hn::Zero(d);
    if (rest > 0) {  // the lanes behind the end hold the mean: they add nothing
      const V centered = hn::Sub(load_rest(mean_value), mean);
      squares = hn::Mul(centered, centered);
    }
    for (size_t j = 0; j < whole; j += lanes) {
      const V centered = hn::Sub(load(j), mean);
      squares = hn::MulAdd(centered, centered, squares);
    }
    const V inverse = hn::Set(d, 1.0f / std::sqrt(lane_sum(d, squares) / count + eps));

    for (size_t j = 0; j < whole; j += lanes) {
      const V scaled = hn::Mul(hn::Sub(load(j), mean), inverse);
      hn::StoreU(hn::MulAdd(scaled, hn::LoadU(d, weight + j), hn::LoadU(d, bias + j)), d, row + j);
    }
    if (rest > 0) {
      const V scaled = hn::Mul(hn::Sub(load_rest(0.0f), mean), inverse);
      store_part(d,
                 hn::MulAdd(scaled, load_part(d, weight + whole, rest, 0.0f), load_part(d, bias + whole, rest, 0.0f)),
                 row + whole, rest);
    }
  }
}

void rms_norm(const float* a, const float* b, const float* weight, float eps, float* out, size_t m, size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d), whole = n - n % lanes, rest = n - whole;
  for (size_t i = 0; i < m; ++i) {
    const float* row_a = a + i * n;
    const float* row_b = b == nullptr ? nullptr : b + i * n;
    float* row = out + i * n;
    auto load = [&](size_t j) HWY_ATTR {
      const V x = hn::LoadU(d, row_a + j);
      return row_b == nullptr ? x : hn::Add(x, hn::LoadU(d, row_b + j));
    };
    auto load_rest = [&]() HWY_ATTR {
      const V x = load_part(d, row_a + whole, rest, 0.0f);
      return row_b == nullptr ? x : hn::Add(x, load_part(d, row_b + whole, rest, 0.0f));
    };

    V squares = hn::Zero(d);
    if (rest > 0) {
      const V x = load_rest();
      squares = hn::Mul(x, x);
    }
    for (size_t j = 0; j < whole; j += lanes) {
      const V x = load(j);
      squares = hn::MulAdd(x, x, squares);
    }
    const float mean = lane_sum(d, squares) / static_cast<float>(n);
    const V inverse = hn::Set(d, 1.0f / std::sqrt(mean + eps));

    for (size_t j = 0; j < whole; j += lanes) {
      hn::StoreU(hn::Mul(hn::Mul(load(j), inverse), hn::LoadU(d, weight + j)), d, row + j);
    }
    if (rest > 0) {
      store_part(d, hn::Mul(hn::Mul(load_rest(), inverse), load_part(d, weight + whole, rest, 0.0f)), row + whole,
                 rest);
    }
  }
}

void fill_normalization_here(Kernels& table) {
  table.softmax = softmax;
  table.layer_norm = layer_norm;
  table.rms_norm = rms_norm;
}

}  // namespace HWY_NAMESPACE
}  // namespace sbert::kernels
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace sbert::kernels {
SBERT_DEFINE_FILL(fill_normalization)
}  // namespace sbert::kernels
#endif
