// Any bytes as a .safetensors file: tensors that cover its data, or an InvalidModelError.
#include <cstdint>
#include <cstdlib>
#include <span>

#include <sbert/error.h>

#include "formats/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sbert::formats::TensorView;
  const auto file = std::as_bytes(std::span(data, size));
  sbert::formats::SafetensorsContent content;
  try {
    content = sbert::formats::parse_safetensors(file, "fuzz");
  } catch (const sbert::InvalidModelError&) {
    return 0;
  }
  const std::byte* covered = nullptr;
  for (const TensorView& tensor : content.tensors) {
    if (covered != nullptr && tensor.bytes.data() != covered) std::abort();
    covered = tensor.bytes.data() + tensor.bytes.size();
    if (sbert::formats::is_float(tensor.dtype)) {
      volatile float sink = 0;  // every element is read
      for (const float value : sbert::formats::read_floats(tensor)) sink = value;
      static_cast<void>(sink);
    }
  }
  if (covered != nullptr && covered != file.data() + file.size()) std::abort();
  return 0;
}
