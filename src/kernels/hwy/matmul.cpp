#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/hwy/matmul.cpp"
#include <hwy/foreach_target.h>

#include "kernels/hwy/activation-inl.h"
#include "kernels/hwy/hwy_kernels.h"

#if HWY_TARGET != HWY_EMU128  // Highway's baseline, which no level uses
HWY_BEFORE_NAMESPACE();
namespace sbert::kernels {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A tile of C is kRows x (kVecs vectors), held in registers over all of K. Each step over k loads kVecs vectors of B
// and one broadcast per row of A for kRows * kVecs multiply-adds. The number of accumulators must cover latency times
// throughput of the multiply-add (4 cycles x 2), and leave registers for B and the broadcast:
//   AVX-512, 32 registers: 8 x 3 = 24 accumulators + 3 + 1; 11 loads for 24 multiply-adds
//   AVX2,    16 registers: 6 x 2 = 12 accumulators + 2 + 1;  8 loads for 12
//   NEON,    32 registers: 6 x 4 = 24 accumulators + 4 + 1
#if HWY_TARGET == HWY_AVX3
constexpr size_t kMaxRows = 8, kMaxVecs = 3;
#elif HWY_ARCH_X86
constexpr size_t kMaxRows = 6, kMaxVecs = 2;
#else
constexpr size_t kMaxRows = 6, kMaxVecs = 4;
#endif
constexpr size_t kLanes = hn::MaxLanes(D());
constexpr size_t kPanelCols = kMaxVecs * kLanes;

// The last panel's tile may be wider than C: it is finished in a buffer.
template <size_t kRows, size_t kVecs>
HWY_INLINE void store_tile(const MatmulArgs& args, const V (&acc)[kRows][kVecs], const float* bias, float* c,
                           size_t cols) {
  const D d;
  if (cols == kVecs * kLanes) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (size_t j = 0; j < kVecs; ++j) {
        const V sum = bias == nullptr ? acc[i][j] : hn::Add(acc[i][j], hn::LoadU(d, bias + j * kLanes));
        hn::StoreU(sum, d, c + i * args.c_stride + j * kLanes);
      }
    }
  } else {
    HWY_ALIGN float tile[kRows][kVecs * kLanes];
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (size_t j = 0; j < kVecs; ++j) hn::Store(acc[i][j], d, tile[i] + j * kLanes);
    }
    for (size_t i = 0; i < kRows; ++i) {
      for (size_t j = 0; j < cols; ++j) c[i * args.c_stride + j] = bias == nullptr ? tile[i][j] : tile[i][j] + bias[j];
    }
  }
  if (args.activation != Activation::kIdentity) {
    for (size_t i = 0; i < kRows; ++i) activate_values(d, args.activation, c + i * args.c_stride, cols);
  }
}

template <size_t kRows, size_t kVecs>
HWY_INLINE void compute_tile(const MatmulArgs& args, const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                             const float* bias, float* c, size_t cols) {
  const D d;
  V acc[kRows][kVecs];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (size_t j = 0; j < kVecs; ++j) acc[i][j] = hn::Zero(d);
  }
  const size_t a_stride = args.a_stride, b_row_stride = args.b_row_stride;
  for (size_t k = 0; k < args.k; ++k) {
    V row[kVecs];
#pragma GCC unroll 16
    for (size_t j = 0; j < kVecs; ++j) row[j] = hn::LoadU(d, b + k * b_row_stride + j * kLanes);
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
      const V value = hn::Set(d, a[i * a_stride + k]);
#pragma GCC unroll 16
      for (size_t j = 0; j < kVecs; ++j) acc[i][j] = hn::MulAdd(value, row[j], acc[i][j]);
    }
  }
  store_tile<kRows, kVecs>(args, acc, bias, c, cols);
}

// All rows of one panel: tiles of kMaxRows rows, then one tile of what is left.
template <size_t kVecs>
HWY_NOINLINE void compute_panel(const MatmulArgs& args, const float* b, const float* bias, float* c, size_t cols) {
  size_t i = 0;
  for (; i + kMaxRows <= args.m; i += kMaxRows) {
    compute_tile<kMaxRows, kVecs>(args, args.a + i * args.a_stride, b, bias, c + i * args.c_stride, cols);
  }
  const float* a = args.a + i * args.a_stride;
  c += i * args.c_stride;
  switch (args.m - i) {
    case 1:
      return compute_tile<1, kVecs>(args, a, b, bias, c, cols);
    case 2:
      return compute_tile<2, kVecs>(args, a, b, bias, c, cols);
    case 3:
      return compute_tile<3, kVecs>(args, a, b, bias, c, cols);
    case 4:
      return compute_tile<4, kVecs>(args, a, b, bias, c, cols);
    case 5:
      return compute_tile<5, kVecs>(args, a, b, bias, c, cols);
#if HWY_TARGET == HWY_AVX3
    case 6:
      return compute_tile<6, kVecs>(args, a, b, bias, c, cols);
    case 7:
      return compute_tile<7, kVecs>(args, a, b, bias, c, cols);
#endif
    default:
      return;
  }
}

// Panels outside, rows inside: a panel of B is read from memory once and then stays in cache for all rows of A.
void matmul(const MatmulArgs& args) {
  for (size_t n = 0, panel = 0; n < args.n; n += kPanelCols, ++panel) {
    const size_t cols = HWY_MIN(kPanelCols, args.n - n);
    const float* b = args.b + panel * args.b_panel_stride;
    const float* bias = args.bias == nullptr ? nullptr : args.bias + n;
    switch ((cols + kLanes - 1) / kLanes) {
      case 1:
        compute_panel<1>(args, b, bias, args.c + n, cols);
        break;
      case 2:
        compute_panel<2>(args, b, bias, args.c + n, cols);
        break;
#if HWY_TARGET == HWY_AVX3 || !HWY_ARCH_X86
      case 3:
        compute_panel<3>(args, b, bias, args.c + n, cols);
        break;
#endif
#if !HWY_ARCH_X86
      case 4:
        compute_panel<4>(args, b, bias, args.c + n, cols);
        break;
#endif
      default:
        break;
    }
  }
}

void fill_matmul_here(Kernels& table) {
  table.panel_cols = kPanelCols;
  table.matmul = matmul;
}

}  // namespace HWY_NAMESPACE
}  // namespace sbert::kernels
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace sbert::kernels {
SBERT_DEFINE_FILL(fill_matmul)
}  // namespace sbert::kernels
#endif
