#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "formats/tensor_store.h"

namespace sbert::formats {

/// The weights of a transformers model, and the folder whose config.json describes them.
struct ModelWeights {
  TensorStore store;
  std::filesystem::path config_folder;
};

/// Gives the folder of a model that is named, not a path; throws where there is none.
using FindModel = std::function<std::filesystem::path(const std::string& name)>;

/// `folder` holds a model, or a LoRA adapter of peft (adapter_config.json) that names its base model. As in the
/// reference, a config.json beside the adapter makes the folder itself the base; else base_model_name_or_path is a
/// folder (a relative one begins at the working directory), or a name for `find_model`. The adapter is merged into the
/// weights in float32. Throws as TensorStore::open and read_lora_config, and ModelNotFoundError for a base model that
/// is not there.
ModelWeights open_model_weights(const std::filesystem::path& folder, common::FileAccess access,
                                const FindModel& find_model = {});

/// `config_folder` of the same, without its weights.
std::filesystem::path model_config_folder(const std::filesystem::path& folder, const FindModel& find_model = {});

}  // namespace sbert::formats
