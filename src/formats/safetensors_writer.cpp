#include "formats/safetensors_writer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/atomic_file.h"

namespace sbert::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "files hold little-endian numbers");

void check_size(const TensorView& tensor, const std::filesystem::path& path) {
  uint64_t bits = dtype_bits(tensor.dtype);
  bool overflow = false;
  for (const int64_t size : tensor.shape) {
    overflow = size < 0 || __builtin_mul_overflow(bits, static_cast<uint64_t>(size), &bits) || overflow;
  }
  if (overflow || bits % 8 != 0 || bits / 8 != tensor.bytes.size()) {
    throw InvalidArgumentError("cannot write " + common::quote(path.string()) + ": tensor " +
                               common::quote(tensor.name) + " of type " + dtype_name(tensor.dtype) + " and shape " +
                               shape_to_string(tensor.shape) + " does not fit its " +
                               std::to_string(tensor.bytes.size()) + " bytes");
  }
}

std::string header_of(const std::vector<const TensorView*>& tensors) {
  std::string header = R"({"__metadata__":{"format":"pt"})";
  size_t begin = 0;
  for (const TensorView* tensor : tensors) {
    const nlohmann::json shape = tensor->shape;
    const size_t end = begin + tensor->bytes.size();
    header += "," + nlohmann::json(tensor->name).dump() + R"(:{"dtype":")" + dtype_name(tensor->dtype) +
              R"(","shape":)" + shape.dump() + R"(,"data_offsets":[)" + std::to_string(begin) + "," +
              std::to_string(end) + "]}";
    begin = end;
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors) {
  std::vector<const TensorView*> sorted;
  for (const TensorView& tensor : tensors) {
    if (!common::is_valid_utf8(tensor.name) || tensor.name == "__metadata__") {
      throw InvalidArgumentError("cannot write " + common::quote(path.string()) + ": " + common::quote(tensor.name) +
                                 " is not a possible name of a tensor");
    }
    check_size(tensor, path);
    sorted.push_back(&tensor);
  }
  std::sort(sorted.begin(), sorted.end(), [](const TensorView* a, const TensorView* b) { return a->name < b->name; });
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end(),
                                        [](const TensorView* a, const TensorView* b) { return a->name == b->name; });
  if (twice != sorted.end()) {
    throw InvalidArgumentError("cannot write " + common::quote(path.string()) + ": two tensors have the name " +
                               common::quote((*twice)->name));
  }
  // DType lists the types in safetensors' own order, from narrow to wide.
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const TensorView* a, const TensorView* b) { return a->dtype > b->dtype; });

  AtomicFile file(path);
  const std::string header = header_of(sorted);
  const uint64_t length = header.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const TensorView* tensor : sorted) file.write(tensor->bytes);
  file.commit();
}

}  // namespace sbert::formats
