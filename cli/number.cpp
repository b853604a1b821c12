#include "number.h"

#include <charconv>
#include <cmath>

#include "errors.h"

namespace sbert::cli {
namespace {

template <typename T>
void append(std::string& out, T value) {
  char digits[32];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, result.ptr);
}

}  // namespace

void append_number(std::string& out, float value) {
  if (!std::isfinite(value)) throw RunError("a computed value is not a finite number: the model cannot be trusted");
  append(out, value);
  // Many JSON readers take "-0" for the integer 0 and lose the sign.
  if (value == 0.0f && std::signbit(value)) out += ".0";
}

void append_number(std::string& out, int8_t value) {
  append(out, static_cast<int>(value));
}
void append_number(std::string& out, uint8_t value) {
  append(out, static_cast<int>(value));
}
void append_number(std::string& out, int32_t value) {
  append(out, value);
}
void append_number(std::string& out, size_t value) {
  append(out, value);
}

}  // namespace sbert::cli
