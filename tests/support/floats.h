#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <span>
#include <vector>

// Comparison of float arrays; failures name the worst element.
namespace sbert::test {

inline constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Equal bit for bit; NaNs are equal whatever their payload and sign.
inline testing::AssertionResult same_bits(std::span<const float> got, std::span<const float> want) {
  if (got.size() != want.size()) {
    return testing::AssertionFailure() << got.size() << " values, expected " << want.size();
  }
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(want[i])) continue;
    if (std::memcmp(&got[i], &want[i], sizeof(float)) != 0) {
      return testing::AssertionFailure() << "element " << i << " of " << got.size() << ": " << std::hexfloat << got[i]
                                         << ", expected the bits of " << want[i] << std::defaultfloat << " (" << want[i]
                                         << ")";
    }
  }
  return testing::AssertionSuccess();
}

/// |got - want| <= tolerance for each element. Where `want` is NaN or infinite, or beyond float, `got` must be the
/// same.
inline testing::AssertionResult all_close(std::span<const float> got, std::span<const double> want,
                                          std::span<const double> tolerance) {
  if (got.size() != want.size() || got.size() != tolerance.size()) {
    return testing::AssertionFailure() << got.size() << " values, expected " << want.size();
  }
  size_t worst = 0;
  double worst_excess = 0;  // error / tolerance
  for (size_t i = 0; i < got.size(); ++i) {
    double excess = 0;
    if (const auto rounded = static_cast<float>(want[i]); !std::isfinite(rounded)) {
      excess = std::isnan(rounded) ? (std::isnan(got[i]) ? 0 : HUGE_VAL) : (got[i] == rounded ? 0 : HUGE_VAL);
    } else if (const double error = std::abs(got[i] - want[i]); !(error <= tolerance[i])) {
      excess = std::isfinite(error) && tolerance[i] > 0 ? error / tolerance[i] : HUGE_VAL;
    }
    if (excess > worst_excess) worst = i, worst_excess = excess;
  }
  if (worst_excess == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "worst element " << worst << " of " << got.size() << ": " << got[worst]
                                     << ", expected " << want[worst] << " +- " << tolerance[worst];
}

inline testing::AssertionResult all_close(std::span<const float> got, std::span<const double> want, double tolerance) {
  return all_close(got, want, std::vector<double>(want.size(), tolerance));
}

inline testing::AssertionResult all_close(std::span<const float> got, std::span<const float> want, double tolerance) {
  return all_close(got, std::vector<double>(want.begin(), want.end()), tolerance);
}

}  // namespace sbert::test
