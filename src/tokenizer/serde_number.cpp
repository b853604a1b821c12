#include "tokenizer/serde_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace sbert::tokenizer {
namespace {

constexpr int kLargestPower = 308;

std::array<double, kLargestPower + 1> make_powers_of_ten() {
  std::array<double, kLargestPower + 1> powers{};
  for (int exponent = 0; exponent <= kLargestPower; ++exponent) {
    std::array<char, 8> text{'1', 'e'};
    const auto end = std::to_chars(text.data() + 2, text.data() + text.size(), exponent).ptr;
    std::from_chars(text.data(), end, powers[static_cast<size_t>(exponent)]);
  }
  return powers;
}

/// value = significand * 10^exponent, with the fewest digits that are read as `value` again.
struct Decimal {
  uint64_t significand = 0;
  int exponent = 0;
};

Decimal shortest_decimal(double value) {
  std::array<char, 32> text;  // "3.5948755741119385e+00"
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* p = text.data();
  bool in_fraction = false;
  for (; *p != 'e'; ++p) {
    if (*p == '.') {
      in_fraction = true;
    } else {
      decimal.significand = decimal.significand * 10 + static_cast<uint64_t>(*p - '0');
      if (in_fraction) --decimal.exponent;
    }
  }
  int written = 0;
  std::from_chars(p + 2, end, written);
  decimal.exponent += p[1] == '-' ? -written : written;
  return decimal;
}

}  // namespace

double as_serde_reads(double value) {
  static const auto kPowersOfTen = make_powers_of_ten();
  if (!std::isfinite(value)) return value;
  const auto [significand, exponent] = shortest_decimal(std::fabs(value));
  double result = static_cast<double>(significand);
  int scale = exponent;
  for (; scale < -kLargestPower; scale += kLargestPower) result /= kPowersOfTen.back();
  const double power = kPowersOfTen[static_cast<size_t>(std::abs(scale))];
  result = scale < 0 ? result / power : result * power;
  return std::copysign(result, value);
}

}  // namespace sbert::tokenizer
