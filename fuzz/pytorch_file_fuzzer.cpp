// Any bytes as a file of torch.save: tensors that lie in it or in copies no larger than it, or an error.
#include <cstdint>
#include <cstdlib>
#include <span>

#include <sbert/error.h>

#include "formats/pytorch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sbert::formats::TensorView;
  sbert::formats::PytorchContent content;
  try {
    content = sbert::formats::parse_pytorch(std::as_bytes(std::span(data, size)), "fuzz");
  } catch (const sbert::InvalidModelError&) {
    return 0;
  } catch (const sbert::UnsupportedError&) {
    return 0;
  }
  size_t copied = 0;
  for (const auto& copy : content.copies) copied += copy.size();
  if (copied > size) std::abort();
  for (const TensorView& tensor : content.tensors) {
    size_t elements = 1;
    for (const int64_t dimension : tensor.shape) elements *= static_cast<size_t>(dimension);
    if (elements != tensor.num_elements()) std::abort();
    volatile std::byte sink{};  // every byte is read
    for (const std::byte byte : tensor.bytes) sink = byte;
    static_cast<void>(sink);
  }
  return 0;
}
