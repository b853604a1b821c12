#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::formats {

/// Element types of safetensors.
enum class DType { kBool, kU8, kI8, kI16, kU16, kF16, kBF16, kI32, kU32, kF32, kF64, kI64, kU64, kOther };

/// "F32", "BF16", ... as safetensors writes them.
const char* dtype_name(DType dtype) noexcept;

/// One tensor inside a file that a TensorStore keeps open. Row-major, contiguous.
struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;          // every dimension >= 0; empty for a scalar
  std::span<const std::byte> bytes;    // exactly product(shape) elements; not necessarily aligned
  std::string file;                    // for messages

  size_t num_elements() const noexcept;
};

/// "[30522, 384]".
std::string shape_to_string(std::span<const int64_t> shape);

/// True for F64, F32, F16 and BF16: the types that weights may have.
bool is_float(DType dtype) noexcept;

/// Writes elements [begin, begin + out.size()) of the flat tensor as float; F16 and BF16 are widened exactly, F64 is
/// rounded. Throws InvalidModelError for other types, naming tensor and file.
void read_floats(const TensorView& tensor, size_t begin, std::span<float> out);
std::vector<float> read_floats(const TensorView& tensor);

}  // namespace sbert::formats
