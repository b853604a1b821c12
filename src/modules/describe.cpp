#include "modules/describe.h"

#include <array>
#include <charconv>

namespace sbert::modules {

std::string python_number(double value) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string python_list(const std::vector<size_t>& values) {
  std::string text;
  for (const size_t value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

const char* python_boolean(bool value) noexcept {
  return value ? "True" : "False";
}

}  // namespace sbert::modules
