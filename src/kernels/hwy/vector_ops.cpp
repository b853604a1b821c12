#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/hwy/vector_ops.cpp"
#include <cmath>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/hwy/hwy_kernels.h"

#if HWY_TARGET != HWY_EMU128  // Highway's baseline, which no level uses
HWY_BEFORE_NAMESPACE();
namespace sbert::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

void add(const float* x, float* y, size_t n) {
  const D d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, y + i), hn::LoadU(d, x + i)), d, y + i);
  }
  for (; i < n; ++i) y[i] += x[i];
}

void multiply(const float* x, float* y, size_t n) {
  const D d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    hn::StoreU(hn::Mul(hn::LoadU(d, y + i), hn::LoadU(d, x + i)), d, y + i);
  }
  for (; i < n; ++i) y[i] *= x[i];
}

void scale(float scale, float* y, size_t n) {
  const D d;
  const V scales = hn::Set(d, scale);
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) hn::StoreU(hn::Mul(scales, hn::LoadU(d, y + i)), d, y + i);
  for (; i < n; ++i) y[i] *= scale;
}

void maximum(const float* x, float* y, size_t n) {
  const D d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    const V a = hn::LoadU(d, x + i);
    const V larger = hn::Max(a, hn::LoadU(d, y + i));  // NaN where y is NaN, on every target
    hn::StoreU(hn::IfThenElse(hn::Eq(a, a), larger, a), d, y + i);
  }
  for (; i < n; ++i) y[i] = x[i] > y[i] || std::isnan(x[i]) ? x[i] : y[i];
}

// Sum over i of term(a_i, b_i) in kChains independent chains, which hide the latency of the addition.
template <class Step, class ScalarTerm>
HWY_INLINE float reduce(const float* a, const float* b, size_t n, Step step, ScalarTerm term) {
  constexpr size_t kChains = 4;
  const D d;
  const size_t lanes = hn::Lanes(d);
  V sums[kChains] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  size_t i = 0;
  for (; i + kChains * lanes <= n; i += kChains * lanes) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      sums[c] = step(hn::LoadU(d, a + i + c * lanes), hn::LoadU(d, b + i + c * lanes), sums[c]);
    }
  }
  for (; i + lanes <= n; i += lanes) sums[0] = step(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sums[0]);
  const V sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  float total = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < n; ++i) total += term(a[i], b[i]);
  return total;
}

float dot(const float* a, const float* b, size_t n) {
  return reduce(
      a, b, n, [](V x, V y, V sum) HWY_ATTR { return hn::MulAdd(x, y, sum); }, [](float x, float y) { return x * y; });
}

float squared_distance(const float* a, const float* b, size_t n) {
  return reduce(
      a, b, n,
      [](V x, V y, V sum) HWY_ATTR {
        const V difference = hn::Sub(x, y);
        return hn::MulAdd(difference, difference, sum);
      },
      [](float x, float y) { return (x - y) * (x - y); });
}

float manhattan_distance(const float* a, const float* b, size_t n) {
  return reduce(
      a, b, n, [](V x, V y, V sum) HWY_ATTR { return hn::Add(sum, hn::AbsDiff(x, y)); },
      [](float x, float y) { return std::abs(x - y); });
}

void fill_vector_ops_here(Kernels& table) {
  table.add = add;
  table.multiply = multiply;
  table.scale = scale;
  table.maximum = maximum;
  table.dot = dot;
  table.squared_distance = squared_distance;
  table.manhattan_distance = manhattan_distance;
}

}  // namespace HWY_NAMESPACE
}  // namespace sbert::kernels
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace sbert::kernels {
SBERT_DEFINE_FILL(fill_vector_ops)
}  // namespace sbert::kernels
#endif
