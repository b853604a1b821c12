#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/mapped_file.h"
#include "formats/safetensors.h"
#include "formats/tensor.h"

namespace sbert::formats {

/// All tensors of a module's folder: model.safetensors, or the shards that model.safetensors.index.json names.
/// Views stay valid as long as the store lives.
class TensorStore {
 public:
  /// Throws InvalidModelError when there are no weights (naming what was found instead, such as pytorch_model.bin), a
  /// shard is absent or named outside the folder, or a tensor stands in two shards or in none.
  static TensorStore open(const std::filesystem::path& folder, common::FileAccess access = common::FileAccess::kMap);

  /// Null when there is no such tensor.
  const TensorView* find(std::string_view name) const noexcept;
  /// Throws InvalidModelError naming tensor and file.
  const TensorView& require(std::string_view name) const;
  std::vector<std::string> names() const;
  /// Weight files, for messages and `sbert info`.
  const std::vector<std::filesystem::path>& files() const noexcept { return paths_; }
  /// The pages of a tensor that has been copied elsewhere need not stay resident.
  void drop_pages(const TensorView& tensor) const noexcept;

 private:
  std::vector<SafetensorsFile> files_;
  std::vector<std::filesystem::path> paths_;
  std::unordered_map<std::string, std::pair<size_t, size_t>> index_;  // name -> file, tensor
};

}  // namespace sbert::formats
