// Included once per target (no pragma once): element-wise functions on vectors.
#if defined(SBERT_ACTIVATION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SBERT_ACTIVATION_INL_H
#undef SBERT_ACTIVATION_INL_H
#else
#define SBERT_ACTIVATION_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace sbert::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// p[0] + p[1] t + ... by Horner's rule.
template <class D, size_t N>
HWY_INLINE hn::Vec<D> polynomial(D d, hn::Vec<D> t, const float (&p)[N]) {
  auto sum = hn::Set(d, p[N - 1]);
  for (size_t i = N - 1; i-- > 0;) sum = hn::MulAdd(sum, t, hn::Set(d, p[i]));
  return sum;
}

// erf(x) = x P(x^2) / Q(x^2) for |x| <= 3.925, where erf is 1 to within float; the coefficients minimise the largest
// relative error over that range (1.9e-8 exactly, 3.5e-7 in float arithmetic).
template <class D>
HWY_INLINE hn::Vec<D> erf(D d, hn::Vec<D> x) {
  constexpr float kP[] = {1.128379107e+00f, 1.905850321e-01f, 5.276796594e-02f,
                          3.772128839e-03f, 2.848264703e-04f, 2.045995188e-06f};
  constexpr float kQ[] = {1.000000000e+00f, 5.022343397e-01f, 1.141789556e-01f,
                          1.498235669e-02f, 1.163741574e-03f, 3.804654625e-05f};
  constexpr float kBound = 3.925f;
  const auto clamped = hn::Min(hn::Max(x, hn::Set(d, -kBound)), hn::Set(d, kBound));
  const auto t = hn::Mul(clamped, clamped);
  const auto value = hn::Div(hn::Mul(clamped, polynomial(d, t, kP)), polynomial(d, t, kQ));
  return hn::IfThenElse(hn::Eq(x, x), value, x);  // NaN stays NaN, though Min and Max may drop it
}

template <class D>
HWY_INLINE hn::Vec<D> sigmoid(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto bounded = hn::Max(x, hn::Set(d, -104.0f));  // exp(104) is infinite and the quotient 0, as beyond
  const auto value = hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(bounded))));
  return hn::IfThenElse(hn::Eq(x, x), value, x);
}

template <class D>
HWY_INLINE hn::Vec<D> tanh(D d, hn::Vec<D> x) {
  return hn::IfThenElse(hn::Eq(x, x), hn::Tanh(d, x), x);
}

template <class D>
HWY_INLINE hn::Vec<D> gelu(D d, hn::Vec<D> x) {
  return hn::Mul(hn::Mul(hn::Set(d, 0.5f), x), hn::Add(hn::Set(d, 1.0f), erf(d, hn::Mul(x, hn::Set(d, 0.70710678f)))));
}

// tanh(log(1 + e)) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1) = w / (w + 2) for w = e (e + 2). From 20 on that is 1.
template <class D>
HWY_INLINE hn::Vec<D> mish(D d, hn::Vec<D> x) {
  const auto two = hn::Set(d, 2.0f);
  const auto e = hn::Exp(d, hn::Min(hn::Max(x, hn::Set(d, -104.0f)), hn::Set(d, 20.0f)));
  const auto w = hn::Mul(e, hn::Add(e, two));
  return hn::Mul(x, hn::Div(w, hn::Add(w, two)));
}

template <class D>
HWY_INLINE hn::Vec<D> activate_vector(D d, Activation activation, hn::Vec<D> x) {
  const auto half = hn::Set(d, 0.5f);
  const auto one = hn::Set(d, 1.0f);
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kGelu:
      return gelu(d, x);
    case Activation::kGeluTanh: {
      const auto cube = hn::Mul(hn::Mul(x, x), x);
      const auto inner = hn::Mul(hn::Set(d, 0.79788456f), hn::MulAdd(hn::Set(d, 0.044715f), cube, x));
      return hn::Mul(hn::Mul(half, x), hn::Add(one, tanh(d, inner)));
    }
    case Activation::kRelu:
      return hn::IfThenElse(hn::Eq(x, x), hn::Max(x, hn::Zero(d)), x);
    case Activation::kSilu:
      return hn::Mul(x, sigmoid(d, x));
    case Activation::kSigmoid:
      return sigmoid(d, x);
    case Activation::kTanh:
      return tanh(d, x);
    case Activation::kQuickGelu:
      return hn::Mul(x, sigmoid(d, hn::Mul(hn::Set(d, 1.702f), x)));
    case Activation::kGelu10: {
      const auto value = gelu(d, x);
      const auto cut = hn::Min(hn::Max(value, hn::Set(d, -10.0f)), hn::Set(d, 10.0f));
      return hn::IfThenElse(hn::Eq(value, value), cut, value);
    }
    case Activation::kReluSquared: {
      const auto relu = hn::IfThenElse(hn::Eq(x, x), hn::Max(x, hn::Zero(d)), x);
      return hn::Mul(relu, relu);
    }
    case Activation::kMish:
      return mish(d, x);
    case Activation::kLaplace: {
      const auto centered = hn::Mul(hn::Sub(x, hn::Set(d, 0.707107f)), hn::Set(d, 2.5066264f));
      return hn::Mul(half, hn::Add(one, erf(d, centered)));
    }
  }
  return x;
}

// x = activation(x): the last, partial vector goes through a padded copy, so that a value's bits do not depend on its
// place.
template <class D>
HWY_INLINE void activate_loop(D d, Activation activation, float* x, size_t n) {
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(activate_vector(d, activation, hn::LoadU(d, x + i)), d, x + i);
  if (i < n) {
    HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
    for (size_t j = i; j < n; ++j) rest[j - i] = x[j];
    hn::Store(activate_vector(d, activation, hn::Load(d, rest)), d, rest);
    for (size_t j = i; j < n; ++j) x[j] = rest[j - i];
  }
}

// The switch stands outside the loop. One copy of it all, which the tiles of matmul call for each of their rows.
template <class D>
HWY_NOINLINE void activate_values(D d, Activation activation, float* x, size_t n) {
  switch (activation) {
    case Activation::kIdentity:
      return;
    case Activation::kGelu:
      return activate_loop(d, Activation::kGelu, x, n);
    case Activation::kGeluTanh:
      return activate_loop(d, Activation::kGeluTanh, x, n);
    case Activation::kRelu:
      return activate_loop(d, Activation::kRelu, x, n);
    case Activation::kSilu:
      return activate_loop(d, Activation::kSilu, x, n);
    case Activation::kSigmoid:
      return activate_loop(d, Activation::kSigmoid, x, n);
    case Activation::kTanh:
      return activate_loop(d, Activation::kTanh, x, n);
    case Activation::kQuickGelu:
      return activate_loop(d, Activation::kQuickGelu, x, n);
    case Activation::kGelu10:
      return activate_loop(d, Activation::kGelu10, x, n);
    case Activation::kReluSquared:
      return activate_loop(d, Activation::kReluSquared, x, n);
    case Activation::kMish:
      return activate_loop(d, Activation::kMish, x, n);
    case Activation::kLaplace:
      return activate_loop(d, Activation::kLaplace, x, n);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sbert::kernels
HWY_AFTER_NAMESPACE();

#endif
