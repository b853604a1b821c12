#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <sbert/types.h>

// The array files of NumPy (numpy.lib.format): "\x93NUMPY", version, header length, a Python dict as text, the values.
namespace sbert::cli {

template <typename T>
constexpr std::string_view npy_type();
template <>
constexpr std::string_view npy_type<float>() {
  return "<f4";
}
template <>
constexpr std::string_view npy_type<int8_t>() {
  return "|i1";
}
template <>
constexpr std::string_view npy_type<uint8_t>() {
  return "|u1";
}

/// What stands before the values of an array of `shape` in C order; a multiple of 64 bytes, version 1.0.
std::string npy_header(std::string_view type, std::initializer_list<size_t> shape);

/// The 2-D array in `bytes`: little-endian float16, float32 or float64, C or Fortran order, all values finite.
/// `name` stands in messages. Throws RunError for anything else, whatever the bytes are.
FloatMatrix parse_npy(std::string_view bytes, const std::string& name);

/// parse_npy of a file.
FloatMatrix read_npy(const std::string& path);

}  // namespace sbert::cli
