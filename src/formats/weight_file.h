#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "common/mapped_file.h"
#include "formats/tensor.h"

namespace sbert::formats {

/// One file of weights, validated as a whole before any tensor is handed out. Movable: the tensors and their bytes stay
/// where they are.
struct WeightFile {
  common::MappedFile file;
  std::vector<TensorView> tensors;
  std::vector<std::vector<std::byte>> copies;  // of tensors that do not lie row-major in the file
};

/// A file whose name ends in .safetensors is read as such (parse_safetensors), any other one as torch.save writes them
/// (parse_pytorch). A mapped file is not read beyond what describes its tensors, and those that need a copy.
WeightFile open_weight_file(const std::filesystem::path& path, common::FileAccess access);

}  // namespace sbert::formats
