#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/mapped_file.h"
#include "formats/tensor.h"

namespace sbert::formats {

/// A .safetensors file, validated as a whole before any tensor is handed out. It accepts what the `safetensors` library
/// (0.8) accepts, save duplicate keys, which are always an error.
/// Format: https://github.com/huggingface/safetensors#format
class SafetensorsFile {
 public:
  /// Throws InvalidModelError naming the file, the tensor and what is wrong.
  static SafetensorsFile open(const std::filesystem::path& path, common::FileAccess access);

  /// In the order of their place in the file.
  const std::vector<TensorView>& tensors() const noexcept { return tensors_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }
  const common::MappedFile& file() const noexcept { return file_; }

 private:
  explicit SafetensorsFile(common::MappedFile file);

  common::MappedFile file_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace sbert::formats
