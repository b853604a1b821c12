#include "formats/model_weights.h"

#include <system_error>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/folder_entry.h"
#include "formats/lora.h"

namespace sbert::formats {
namespace {

namespace fs = std::filesystem;

fs::path base_folder(const fs::path& folder, const LoraConfig& config, const FindModel& find_model) {
  if (has_entry(folder / "config.json")) return folder;
  if (!config.base_model_name_or_path) {
    throw InvalidModelError(config.source +
                            ": field 'base_model_name_or_path' is missing, and there is no config.json beside it");
  }
  std::error_code error;
  if (fs::is_directory(*config.base_model_name_or_path, error)) return *config.base_model_name_or_path;
  if (find_model) return find_model(*config.base_model_name_or_path);
  throw ModelNotFoundError(config.source + ": the base model " + common::quote(*config.base_model_name_or_path) +
                           " is not a folder here: download it and write its folder into 'base_model_name_or_path'");
}

}  // namespace

fs::path model_config_folder(const fs::path& folder, const FindModel& find_model) {
  if (has_entry(folder / "config.json") || !has_entry(folder / "adapter_config.json")) return folder;
  return base_folder(folder, read_lora_config(folder), find_model);
}

ModelWeights open_model_weights(const fs::path& folder, common::FileAccess access, const FindModel& find_model) {
  if (!has_entry(folder / "adapter_config.json")) return {TensorStore::open(folder, access), folder};
  const LoraConfig config = read_lora_config(folder);
  const fs::path base = base_folder(folder, config, find_model);
  ModelWeights weights{TensorStore::open(base, access), base};
  const char* file = has_entry(folder / "adapter_model.safetensors") || !has_entry(folder / "adapter_model.bin")
                         ? "adapter_model.safetensors"
                         : "adapter_model.bin";
  merge_lora(config, TensorStore::open_file(folder / file, access), weights.store);
  weights.store.add_path(folder / file);
  return weights;
}

}  // namespace sbert::formats
