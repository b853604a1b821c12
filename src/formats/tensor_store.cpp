#include "formats/tensor_store.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include <sbert/error.h>

#include "common/json.h"
#include "common/text.h"
#include "formats/folder_entry.h"
#include "formats/safe_path.h"

namespace sbert::formats {
namespace {

namespace fs = std::filesystem;

// Weights in one file, or the index of several. The first one that is there counts.
struct Format {
  const char* weights;
  const char* index;
};
constexpr std::array kFormats{
    Format{"model.safetensors", "model.safetensors.index.json"},
    Format{"pytorch_model.bin", "pytorch_model.bin.index.json"},
};

[[noreturn]] void fail_without_weights(const fs::path& folder) {
  struct Other {
    const char* file;
    const char* advice;
  };
  constexpr std::array kOthers{
      Other{"adapter_model.safetensors", "an adapter needs its adapter_config.json"},
      Other{"adapter_model.bin", "an adapter needs its adapter_config.json"},
      Other{"tf_model.h5", "load it with PyTorch (from_tf=True) and save the model with safe_serialization=True"},
      Other{"flax_model.msgpack",
            "load it with PyTorch (from_flax=True) and save the model with safe_serialization=True"},
  };
  for (const Other& other : kOthers) {
    if (has_entry(folder / other.file)) {
      throw UnsupportedError(std::string(other.file) + " found but no " + kFormats[0].weights + " in " +
                             common::quote(folder.string()) + ": " + other.advice);
    }
  }
  throw InvalidModelError("no weights in " + common::quote(folder.string()) + ": neither " + kFormats[0].weights +
                          " nor " + kFormats[1].weights + " is there");
}

bool name_less(const TensorView* a, const TensorView* b) {
  return a->name < b->name;
}

}  // namespace

TensorStore TensorStore::open(const fs::path& folder, common::FileAccess access) {
  TensorStore store;
  for (const Format& format : kFormats) {
    if (has_entry(folder / format.weights)) return open_file(folder / format.weights, access);
    if (has_entry(folder / format.index)) {
      store.add_shards(folder, format.index, access);
      return store;
    }
  }
  if (!has_entry(folder)) throw InvalidModelError("folder " + common::quote(folder.string()) + " is missing");
  fail_without_weights(folder);
}

TensorStore TensorStore::open_file(const fs::path& file, common::FileAccess access) {
  TensorStore store;
  store.add_file(file, access);
  store.build_index();
  return store;
}

void TensorStore::add_file(const fs::path& path, common::FileAccess access) {
  files_.push_back(open_weight_file(path, access));
  paths_.push_back(path);
}

void TensorStore::add_shards(const fs::path& folder, const char* index_file, common::FileAccess access) {
  const common::JsonObject index = common::JsonObject::read_file(folder / index_file);
  const common::JsonObject weight_map = index.object("weight_map");
  std::map<std::string, std::vector<std::string>> tensors_of_shard;
  for (const std::string& tensor : weight_map.keys()) tensors_of_shard[weight_map.string(tensor)].push_back(tensor);
  if (tensors_of_shard.empty()) index.fail("weight_map", "names no tensors");

  for (const auto& [shard, tensors] : tensors_of_shard) {
    const fs::path path = safe_join(folder, shard, weight_map.source());
    if (!has_entry(path)) {
      weight_map.fail(tensors.front(), "names the file " + common::quote(shard) + ", which is missing");
    }
    add_file(path, access);
  }
  build_index();

  // add_file went through the shards in the same order.
  size_t file = 0;
  for (const auto& [shard, tensors] : tensors_of_shard) {
    const std::vector<TensorView>& views = files_[file++].tensors;
    for (const std::string& tensor : tensors) {
      const TensorView* found = find(tensor);
      // std::less: the pointers may belong to different arrays
      const std::less<const TensorView*> before;
      const bool inside =
          found != nullptr && !before(found, views.data()) && before(found, views.data() + views.size());
      if (!inside) weight_map.fail(tensor, "names the file " + common::quote(shard) + ", which has no such tensor");
    }
  }
}

void TensorStore::build_index() {
  for (const WeightFile& file : files_) {
    for (const TensorView& tensor : file.tensors) by_name_.push_back(&tensor);
  }
  std::sort(by_name_.begin(), by_name_.end(), name_less);
  const auto twice = std::adjacent_find(by_name_.begin(), by_name_.end(),
                                        [](const TensorView* a, const TensorView* b) { return a->name == b->name; });
  if (twice != by_name_.end()) {
    throw InvalidModelError("tensor " + common::quote((*twice)->name) + " stands in two files: " +
                            common::quote((*twice)->file) + " and " + common::quote((*std::next(twice))->file));
  }
}

void TensorStore::put(std::string name, std::vector<int64_t> shape, std::vector<float> values,
                      const std::string& file) {
  Owned& owned = owned_.emplace_back();
  owned.values = std::move(values);
  owned.view = {.name = std::move(name),
                .dtype = DType::kF32,
                .shape = std::move(shape),
                .bytes = std::as_bytes(std::span(owned.values)),
                .file = file};
  const auto place = std::lower_bound(by_name_.begin(), by_name_.end(), &owned.view, name_less);
  if (place != by_name_.end() && (*place)->name == owned.view.name) {
    *place = &owned.view;
  } else {
    by_name_.insert(place, &owned.view);
  }
}

const TensorView* TensorStore::find(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [](const TensorView* tensor, std::string_view key) { return tensor->name < key; });
  return found != by_name_.end() && (*found)->name == name ? *found : nullptr;
}

const TensorView& TensorStore::require(std::string_view name) const {
  const TensorView* tensor = find(name);
  if (tensor != nullptr) return *tensor;
  const std::string others = paths_.size() > 1 ? " and its " + std::to_string(paths_.size() - 1) + " sister files" : "";
  throw InvalidModelError(common::quote(paths_.front().string()) + others + ": tensor " + common::quote(name) +
                          " is missing");
}

std::vector<std::string> TensorStore::names() const {
  std::vector<std::string> names;
  names.reserve(by_name_.size());
  for (const TensorView* tensor : by_name_) names.push_back(tensor->name);
  return names;
}

void TensorStore::drop_pages(const TensorView& tensor) const noexcept {
  const std::less_equal<const std::byte*> not_after;
  for (const WeightFile& weights : files_) {
    const std::span<const std::byte> bytes = weights.file.bytes();
    if (not_after(bytes.data(), tensor.bytes.data()) &&
        not_after(tensor.bytes.data() + tensor.bytes.size(), bytes.data() + bytes.size())) {
      weights.file.drop_pages(tensor.bytes);
    }
  }
}

}  // namespace sbert::formats
