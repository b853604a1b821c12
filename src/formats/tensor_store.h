#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/mapped_file.h"
#include "formats/safetensors.h"
#include "formats/tensor.h"

namespace sbert::formats {

/// All tensors of a module's folder: model.safetensors, or the shards that model.safetensors.index.json names.
/// Views stay valid as long as the store lives, also when it is moved.
class TensorStore {
 public:
  /// Throws UnsupportedError when the weights lie there in another format only (such as pytorch_model.bin), and
  /// InvalidModelError when there are none, a file is broken, a shard is absent or named outside the folder, or a
  /// tensor stands in two shards or not in the one that the index names.
  static TensorStore open(const std::filesystem::path& folder, common::FileAccess access = common::FileAccess::kMap);

  /// Null when there is no such tensor.
  const TensorView* find(std::string_view name) const noexcept;
  /// Throws InvalidModelError naming tensor and file.
  const TensorView& require(std::string_view name) const;
  /// Sorted.
  std::vector<std::string> names() const;
  /// Weight files, for messages and `sbert info`; sorted by name where there are several.
  const std::vector<std::filesystem::path>& files() const noexcept { return paths_; }
  /// The pages of a tensor that has been copied elsewhere need not stay resident.
  void drop_pages(const TensorView& tensor) const noexcept;

 private:
  TensorStore() = default;
  void add_file(const std::filesystem::path& path, common::FileAccess access);
  void add_shards(const std::filesystem::path& folder, common::FileAccess access);
  void build_index();

  std::vector<SafetensorsFile> files_;
  std::vector<std::filesystem::path> paths_;
  std::vector<const TensorView*> by_name_;  // sorted; point into files_
};

}  // namespace sbert::formats
