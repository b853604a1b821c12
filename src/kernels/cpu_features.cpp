#include "kernels/cpu_features.h"

namespace sbert::kernels {

// The compiler's own detection, which asks the system too whether it saves the wide registers. Highway's would need its
// library, whose start-up calibrates a timer for milliseconds.
bool machine_has(Level level) noexcept {
  switch (level) {
    case Level::kReference:
      return true;
#if defined(__x86_64__)
    case Level::kAvx2:  // what HWY_AVX2 assumes
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
             __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("aes") &&
             __builtin_cpu_supports("f16c");
    case Level::kAvx512:  // what HWY_AVX3 adds
      return machine_has(Level::kAvx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd");
#elif defined(__aarch64__)
    case Level::kNeon:
      return true;
#endif
    default:
      return false;
  }
}

}  // namespace sbert::kernels
