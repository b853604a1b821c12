#include "formats/weight_file.h"

#include <utility>

#include "formats/pytorch_file.h"
#include "formats/safetensors.h"

namespace sbert::formats {

WeightFile open_weight_file(const std::filesystem::path& path, common::FileAccess access) {
  WeightFile weights{.file = common::MappedFile::open(path, access), .tensors = {}, .copies = {}};
  if (path.extension() == ".safetensors") {
    weights.tensors = parse_safetensors(weights.file.bytes(), path.string()).tensors;
  } else {
    PytorchContent content = parse_pytorch(weights.file.bytes(), path.string());
    weights.tensors = std::move(content.tensors);
    weights.copies = std::move(content.copies);
  }
  return weights;
}

}  // namespace sbert::formats
