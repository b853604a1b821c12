#pragma once

#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/kernels.h"

// What the kernel tests share: a test of each level, and sizes around the borders of vectors and panels.
namespace sbert::kernels {

inline void PrintTo(Level level, std::ostream* out) {
  *out << level_name(level);
}

/// The parameter is a level that this machine has.
class EachLevel : public testing::TestWithParam<Level> {
 protected:
  const Kernels& kernel() const { return kernels_of(GetParam()); }
  std::string level() const { return level_name(GetParam()); }
};

#define SBERT_FOR_EACH_LEVEL(SUITE)                         \
  INSTANTIATE_TEST_SUITE_P(                                 \
      Levels, SUITE, testing::ValuesIn(available_levels()), \
      [](const testing::TestParamInfo<Level>& parameter) { return std::string(level_name(parameter.param)); })

/// One below, at and above each vector width (4, 8, 16 floats) and its multiples up to four vectors and more.
inline const std::vector<size_t> kSizes = {0,  1,  2,  3,  4,  5,  7,  8,  9,   15,  16,  17,  23,  31,  32,
                                           33, 47, 48, 49, 63, 64, 65, 95, 127, 128, 129, 255, 257, 384, 1000};

}  // namespace sbert::kernels
