#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace sbert::test {

/// Uniform floats; the same seed gives the same values with every standard library.
inline std::vector<float> random_floats(uint32_t seed, size_t n, float low = -1.0f, float high = 1.0f) {
  std::mt19937 engine(seed);
  std::vector<float> values(n);
  for (float& value : values) value = low + (high - low) * (static_cast<float>(engine() >> 8) * 0x1p-24f);
  return values;
}

/// Small integers as floats: their products and sums are exact in any order.
inline std::vector<float> random_integers(uint32_t seed, size_t n, int low = -4, int high = 4) {
  std::mt19937 engine(seed);
  std::vector<float> values(n);
  const auto count = static_cast<uint32_t>(high - low + 1);
  for (float& value : values) value = static_cast<float>(low + static_cast<int>(engine() % count));
  return values;
}

}  // namespace sbert::test
