#pragma once

#include "kernels/kernels.h"

// Kernels written once on Google Highway and compiled for each level. Every source here is included once per target by
// hwy/foreach_target.h; all of it lives in that target's own namespace, so that the linker can never pick an inline
// function compiled for a newer CPU.
namespace sbert::kernels {

/// The table of a vector level (not kReference) that this machine has.
Kernels make_hwy_kernels(Level level);

/// Each source fills its part of the table.
void fill_matmul(Level level, Kernels& table);
void fill_activation(Level level, Kernels& table);
void fill_normalization(Level level, Kernels& table);
void fill_vector_ops(Level level, Kernels& table);

}  // namespace sbert::kernels

/// Defines `void NAME(Level, Kernels&)` as a call of NAME##_here in the namespace of the level's target.
#if defined(__aarch64__)
#define SBERT_DEFINE_FILL(NAME)                            \
  void NAME(Level level, Kernels& table) {                 \
    if (level == Level::kNeon) N_NEON::NAME##_here(table); \
  }
#else
#define SBERT_DEFINE_FILL(NAME)                              \
  void NAME(Level level, Kernels& table) {                   \
    if (level == Level::kAvx2) N_AVX2::NAME##_here(table);   \
    if (level == Level::kAvx512) N_AVX3::NAME##_here(table); \
  }
#endif
