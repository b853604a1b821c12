#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/hwy/activation.cpp"
#include <hwy/foreach_target.h>

#include "kernels/hwy/activation-inl.h"
#include "kernels/hwy/hwy_kernels.h"

#if HWY_TARGET != HWY_EMU128  // Highway's baseline, which no level uses
HWY_BEFORE_NAMESPACE();
namespace sbert::kernels {
namespace HWY_NAMESPACE {

void activate(Activation activation, float* x, size_t n) {
  activate_values(hn::ScalableTag<float>(), activation, x, n);
}

void fill_activation_here(Kernels& table) {
  table.activate = activate;
}

}  // namespace HWY_NAMESPACE
}  // namespace sbert::kernels
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace sbert::kernels {
SBERT_DEFINE_FILL(fill_activation)
}  // namespace sbert::kernels
#endif
