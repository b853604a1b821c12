#include "npy.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "errors.h"
#include "file.h"
#include "message.h"

namespace sbert::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they lie in memory");

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  std::string type;
  bool fortran_order = false;
  std::vector<size_t> shape;
};

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw RunError(name + " is not a .npy file that can be used: " + what);
}

/// Reads the dict {'descr': '<f4', 'fortran_order': False, 'shape': (2, 384), }: keys in any order, each once.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Header parse() {
    Header header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !has_type) {
        if (peek() != '\'' && peek() != '"') fail(name_, "it holds records, not numbers of one type");
        header.type = string();
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = tuple();
        has_shape = true;
      } else {
        fail(name_, "unexpected key " + quote(key) + " in its header");
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (at_ != text_.size() || !has_type || !has_order || !has_shape) broken();
    return header;
  }

 private:
  [[noreturn]] void broken() const { fail(name_, "its header is broken"); }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  char peek() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) broken();
  }
  std::string string() {
    const char mark = peek();
    if (mark != '\'' && mark != '"') broken();
    const size_t end = text_.find(mark, at_ + 1);
    if (end == std::string_view::npos) broken();
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    broken();
  }
  std::vector<size_t> tuple() {
    std::vector<size_t> values;
    expect('(');
    while (!take(')')) {
      skip_spaces();
      size_t value = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
      if (error != std::errc() || values.size() == 32) broken();
      at_ = static_cast<size_t>(end - text_.data());
      values.push_back(value);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
};

/// IEEE 754 half precision.
float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 0x1F;
  const uint32_t fraction = half & 0x3FF;
  if (exponent == 0) {  // zero and subnormal numbers: fraction * 2^-24
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t wide = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

template <typename T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

float load_float(const char* bytes, size_t item_size) {
  switch (item_size) {
    case 2:
      return half_to_float(load<uint16_t>(bytes));
    case 4:
      return load<float>(bytes);
    default:
      return static_cast<float>(load<double>(bytes));
  }
}

}  // namespace

std::string npy_header(std::string_view type, std::initializer_list<size_t> shape) {
  std::string dict = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (";
  for (const size_t size : shape) dict += std::to_string(size) + ", ";
  // (2, 384) but (5,), as Python prints tuples
  dict.resize(dict.size() - (shape.size() == 1 ? 1 : 2));
  dict += "), }";
  const size_t before = kMagic.size() + 4;  // the version and the length take two bytes each
  dict.append(63 - (before + dict.size()) % 64, ' ');
  dict += '\n';
  std::string header(kMagic);
  header += {'\x01', '\x00', static_cast<char>(dict.size() & 0xFF), static_cast<char>(dict.size() >> 8)};
  return header + dict;
}

FloatMatrix parse_npy(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with(kMagic)) fail(name, "it does not begin as one");
  if (bytes.size() < kMagic.size() + 4) fail(name, "it is cut short");
  const auto major = static_cast<unsigned char>(bytes[kMagic.size()]);
  if (major < 1 || major > 3) fail(name, "its format version is " + std::to_string(major) + ", expected 1 to 3");
  const size_t length_size = major == 1 ? 2 : 4;
  const size_t before = kMagic.size() + 2 + length_size;
  if (bytes.size() < before) fail(name, "it is cut short");
  const char* length_bytes = bytes.data() + kMagic.size() + 2;
  const size_t header_size = major == 1 ? load<uint16_t>(length_bytes) : load<uint32_t>(length_bytes);
  if (header_size > bytes.size() - before) fail(name, "it is cut short");
  const Header header = HeaderParser(bytes.substr(before, header_size), name).parse();
  const std::string_view values = bytes.substr(before + header_size);

  size_t item_size = 0;
  if (header.type == "<f2") item_size = 2;
  if (header.type == "<f4") item_size = 4;
  if (header.type == "<f8") item_size = 8;
  if (item_size == 0) fail(name, "its values are " + quote(header.type) + ", expected '<f4' (float32)");
  if (header.shape.size() != 2) {
    fail(name, "it has " + std::to_string(header.shape.size()) + " dimensions, expected 2");
  }
  const size_t rows = header.shape[0], cols = header.shape[1];
  size_t count = 0, size = 0;
  if (__builtin_mul_overflow(rows, cols, &count) || __builtin_mul_overflow(count, item_size, &size) ||
      size != values.size()) {
    fail(name, "its shape (" + std::to_string(rows) + ", " + std::to_string(cols) + ") of '" + header.type +
                   "' does not fit its " + std::to_string(values.size()) + " bytes of values");
  }

  FloatMatrix matrix(rows, cols);
  if (count == 0) return matrix;  // rows may be any number then
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) {
      const size_t index = header.fortran_order ? j * rows + i : i * cols + j;
      const float value = load_float(values.data() + index * item_size, item_size);
      if (!std::isfinite(value)) {
        fail(name,
             "the value at row " + std::to_string(i) + ", column " + std::to_string(j) + " is not a finite float32");
      }
      matrix(i, j) = value;
    }
  }
  return matrix;
}

FloatMatrix read_npy(const std::string& path) {
  return parse_npy(read_file(path), quote(path));
}

}  // namespace sbert::cli
