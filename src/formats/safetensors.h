#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/mapped_file.h"
#include "formats/tensor.h"

namespace sbert::formats {

/// What the header of a .safetensors file says.
struct SafetensorsContent {
  std::vector<TensorView> tensors;              // in the order of their place in the file
  std::map<std::string, std::string> metadata;  // `__metadata__`
};

/// Validates `file`, the bytes of a whole .safetensors file, and lists its tensors; their bytes point into `file`. Only
/// the header is read. It accepts what the `safetensors` library (0.8) accepts, with these exceptions, all of which
/// tests/parity/safetensors_parity.py states and checks:
/// - duplicate keys, at any level, are always an error (the library takes the last one);
/// - a tensor is a JSON object and its dtype a string (the library also takes ["F32", [1], [0, 4]] and {"F32": null});
/// - dimensions end at 2^63 - 1, and integers of unknown fields at 64 bits;
/// - the number -0 counts as 0.
/// Throws InvalidModelError naming the file (`name`), the tensor and what is wrong.
SafetensorsContent parse_safetensors(std::span<const std::byte> file, const std::string& name);

/// A .safetensors file, validated as a whole before any tensor is handed out.
/// Format: https://github.com/huggingface/safetensors#format
class SafetensorsFile {
 public:
  /// Throws as parse_safetensors. A mapped file is not read beyond its header.
  static SafetensorsFile open(const std::filesystem::path& path, common::FileAccess access);

  /// In the order of their place in the file. Their addresses outlive a move of the file.
  const std::vector<TensorView>& tensors() const noexcept { return content_.tensors; }
  const std::map<std::string, std::string>& metadata() const noexcept { return content_.metadata; }
  const common::MappedFile& file() const noexcept { return file_; }

 private:
  explicit SafetensorsFile(common::MappedFile file);

  common::MappedFile file_;
  SafetensorsContent content_;
};

}  // namespace sbert::formats
