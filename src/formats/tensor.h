#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::formats {

/// Element types of safetensors 0.8. All of them can be listed and carried around; weights are floats (`is_float`).
enum class DType {
  kBool,
  kF4,
  kF6E2M3,
  kF6E3M2,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kC64,
  kF64,
  kI64,
  kU64,
};

/// "F32", "BF16", ... as safetensors writes them.
const char* dtype_name(DType dtype) noexcept;

/// Nothing for a name that safetensors does not know; case matters.
std::optional<DType> parse_dtype(std::string_view name) noexcept;

/// Bits of one element: 4 for F4, 6 for F6_E2M3 and F6_E3M2, else whole bytes.
size_t dtype_bits(DType dtype) noexcept;

/// One tensor inside a file that a TensorStore keeps open. Row-major, contiguous.
struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;        // every dimension >= 0; empty for a scalar
  std::span<const std::byte> bytes;  // exactly product(shape) elements; not necessarily aligned
  std::string file;                  // for messages

  size_t num_elements() const noexcept;
};

/// "[30522, 384]".
std::string shape_to_string(std::span<const int64_t> shape);

/// True for F64, F32, F16 and BF16: the types that weights may have.
bool is_float(DType dtype) noexcept;

/// Writes elements [begin, begin + out.size()) of the flat tensor as float. F16 and BF16 are widened exactly
/// (subnormals, infinities and the payload of NaNs included), F64 is rounded to nearest even. Throws InvalidModelError
/// naming tensor and file for other types and for elements that the tensor does not have.
void read_floats(const TensorView& tensor, size_t begin, std::span<float> out);
std::vector<float> read_floats(const TensorView& tensor);

}  // namespace sbert::formats
