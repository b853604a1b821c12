// dump_weights FILE...: prints one JSON object a line for each weight file, either
//   {"tensors": [{"name": "w", "dtype": "F32", "shape": [2], "bytes": "0000803f00000040"}], "metadata": {...}}
// or {"error": "..."}. Files other than .safetensors are read as those of torch.save, which have no metadata.
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "formats/pytorch_file.h"
#include "formats/safetensors.h"

namespace {

std::string hex(std::span<const std::byte> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

nlohmann::json dump(const char* path) {
  nlohmann::json result;
  try {
    const auto file = sbert::common::MappedFile::open(path);
    // sbert::formats::open_weight_file would not show the metadata.
    sbert::formats::SafetensorsContent content;
    sbert::formats::PytorchContent pytorch;
    if (file.path().extension() == ".safetensors") {
      content = sbert::formats::parse_safetensors(file.bytes(), path);
    } else {
      pytorch = sbert::formats::parse_pytorch(file.bytes(), path);
      content.tensors = pytorch.tensors;
    }
    result["tensors"] = nlohmann::json::array();
    for (const sbert::formats::TensorView& tensor : content.tensors) {
      result["tensors"].push_back({{"name", tensor.name},
                                   {"dtype", sbert::formats::dtype_name(tensor.dtype)},
                                   {"shape", tensor.shape},
                                   {"bytes", hex(tensor.bytes)}});
    }
    result["metadata"] = content.metadata;
  } catch (const sbert::Error& error) {
    result = {{"error", error.what()}};
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) std::cout << dump(argv[i]).dump() << '\n';
  return 0;
}
