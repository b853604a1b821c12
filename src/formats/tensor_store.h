#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/mapped_file.h"
#include "formats/tensor.h"
#include "formats/weight_file.h"

namespace sbert::formats {

/// All tensors of a module's folder: model.safetensors, or the shards that model.safetensors.index.json names, or the
/// same of pytorch_model.bin; the first of these four that is there, as in transformers.
/// Views stay valid as long as the store lives, also when it is moved.
class TensorStore {
 public:
  /// Throws UnsupportedError when the weights lie there in another format only (such as tf_model.h5), and
  /// InvalidModelError when there are none, a file is broken, a shard is absent or named outside the folder, or a
  /// tensor stands in two shards or not in the one that the index names.
  static TensorStore open(const std::filesystem::path& folder, common::FileAccess access = common::FileAccess::kMap);
  /// The tensors of one file, whatever its name.
  static TensorStore open_file(const std::filesystem::path& file, common::FileAccess access);

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

  /// Puts a tensor of floats in the place of the one of that name, or adds it. Views of the old one stay valid.
  void put(std::string name, std::vector<int64_t> shape, std::vector<float> values, const std::string& file);
  /// Names a further file that changed tensors come from.
  void add_path(std::filesystem::path path) { paths_.push_back(std::move(path)); }

 private:
  struct Owned {
    TensorView view;
    std::vector<float> values;
  };

  TensorStore() = default;
  void add_file(const std::filesystem::path& path, common::FileAccess access);
  void add_shards(const std::filesystem::path& folder, const char* index, common::FileAccess access);
  void build_index();

  std::vector<WeightFile> files_;
  std::deque<Owned> owned_;
  std::vector<std::filesystem::path> paths_;
  std::vector<const TensorView*> by_name_;  // sorted; point into files_ and owned_
};

}  // namespace sbert::formats
