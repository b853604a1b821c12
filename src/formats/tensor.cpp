#include "formats/tensor.h"

#include <array>
#include <bit>
#include <cstring>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and is read as it lies");

struct DTypeInfo {
  DType dtype;
  const char* name;
  size_t bits;
};

// In the order of DType, so that the enumerator is the index.
constexpr std::array kDTypes{
    DTypeInfo{DType::kBool, "BOOL", 8},
    DTypeInfo{DType::kF4, "F4", 4},
    DTypeInfo{DType::kF6E2M3, "F6_E2M3", 6},
    DTypeInfo{DType::kF6E3M2, "F6_E3M2", 6},
    DTypeInfo{DType::kU8, "U8", 8},
    DTypeInfo{DType::kI8, "I8", 8},
    DTypeInfo{DType::kF8E5M2, "F8_E5M2", 8},
    DTypeInfo{DType::kF8E4M3, "F8_E4M3", 8},
    DTypeInfo{DType::kF8E8M0, "F8_E8M0", 8},
    DTypeInfo{DType::kF8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    DTypeInfo{DType::kF8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    DTypeInfo{DType::kI16, "I16", 16},
    DTypeInfo{DType::kU16, "U16", 16},
    DTypeInfo{DType::kF16, "F16", 16},
    DTypeInfo{DType::kBF16, "BF16", 16},
    DTypeInfo{DType::kI32, "I32", 32},
    DTypeInfo{DType::kU32, "U32", 32},
    DTypeInfo{DType::kF32, "F32", 32},
    DTypeInfo{DType::kC64, "C64", 64},
    DTypeInfo{DType::kF64, "F64", 64},
    DTypeInfo{DType::kI64, "I64", 64},
    DTypeInfo{DType::kU64, "U64", 64},
};

constexpr bool in_order() {
  for (size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].dtype != static_cast<DType>(i)) return false;
  }
  return true;
}
static_assert(in_order());

// binary16: sign, 5 exponent bits (bias 15), 10 mantissa bits. Every path is exact and none uses a subnormal float, so
// that the result does not depend on the processor's flush-to-zero mode.
float widen_f16(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = half & 0x7c00u;
  const uint32_t mantissa = half & 0x03ffu;
  const uint32_t normal = (static_cast<uint32_t>(half & 0x7fffu) << 13) + (uint32_t{127 - 15} << 23);
  const uint32_t infinite_or_nan = 0x7f800000u | mantissa << 13;
  const auto subnormal = std::bit_cast<uint32_t>(static_cast<float>(static_cast<int32_t>(mantissa)) * 0x1p-24f);
  const uint32_t magnitude = exponent == 0 ? subnormal : exponent == 0x7c00u ? infinite_or_nan : normal;
  return std::bit_cast<float>(sign | magnitude);
}

float widen_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// Elements may lie at any address: memcpy is the unaligned load.
template <typename Element, typename Convert>
void convert(const std::byte* from, std::span<float> out, Convert to_float) {
  for (size_t i = 0; i < out.size(); ++i) {
    Element element;
    std::memcpy(&element, from + i * sizeof(Element), sizeof(Element));
    out[i] = to_float(element);
  }
}

[[noreturn]] void fail(const TensorView& tensor, const std::string& problem) {
  throw InvalidModelError(common::quote(tensor.file) + ": tensor " + common::quote(tensor.name) + " " + problem);
}

}  // namespace

const char* dtype_name(DType dtype) noexcept {
  return kDTypes[static_cast<size_t>(dtype)].name;
}

size_t dtype_bits(DType dtype) noexcept {
  return kDTypes[static_cast<size_t>(dtype)].bits;
}

std::optional<DType> parse_dtype(std::string_view name) noexcept {
  for (const DTypeInfo& info : kDTypes) {
    if (name == info.name) return info.dtype;
  }
  return std::nullopt;
}

bool is_float(DType dtype) noexcept {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF64;
}

size_t TensorView::num_elements() const noexcept {
  return bytes.size() * 8 / dtype_bits(dtype);
}

std::string shape_to_string(std::span<const int64_t> shape) {
  std::string text = "[";
  for (const int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

void read_floats(const TensorView& tensor, size_t begin, std::span<float> out) {
  if (!is_float(tensor.dtype)) {
    fail(tensor, std::string("has type ") + dtype_name(tensor.dtype) + "; weights must be F32, F16, BF16 or F64");
  }
  const size_t count = tensor.num_elements();
  if (begin > count || out.size() > count - begin) {
    fail(tensor, "of shape " + shape_to_string(tensor.shape) + " has " + std::to_string(count) + " elements; " +
                     std::to_string(out.size()) + " from element " + std::to_string(begin) + " on were asked for");
  }
  if (out.empty()) return;
  const std::byte* from = tensor.bytes.data() + begin * (dtype_bits(tensor.dtype) / 8);
  switch (tensor.dtype) {
    case DType::kF32:
      std::memcpy(out.data(), from, out.size_bytes());
      break;
    case DType::kF16:
      convert<uint16_t>(from, out, widen_f16);
      break;
    case DType::kBF16:
      convert<uint16_t>(from, out, widen_bf16);
      break;
    default:
      convert<double>(from, out, [](double value) { return static_cast<float>(value); });
      break;
  }
}

std::vector<float> read_floats(const TensorView& tensor) {
  std::vector<float> values(tensor.num_elements());
  read_floats(tensor, 0, values);
  return values;
}

}  // namespace sbert::formats
