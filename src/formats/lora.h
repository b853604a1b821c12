#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensor_store.h"

namespace sbert::formats {

/// What adapter_config.json of a LoRA adapter says about its arithmetic. Which layers it changes is said by the names
/// of its tensors, so that target_modules and layers_to_transform are not needed.
struct LoraConfig {
  std::string source;  // the file, for messages
  std::optional<std::string> base_model_name_or_path;
  int64_t r = 8;
  bool has_rank_pattern = false;  // then r holds for some layers only
  double lora_alpha = 8;
  /// Layers whose name ends in the key, in which a dot stands for any character -> their alpha.
  std::vector<std::pair<std::string, double>> alpha_pattern;
  bool use_rslora = false;      // scaling = alpha / sqrt(r) instead of alpha / r
  bool fan_in_fan_out = false;  // weights of the base model are [in, out]
  bool use_dora = false;
};

/// Reads `folder`/adapter_config.json. Other adapters than LoRA, and options of LoRA that compute something else, are
/// UnsupportedErrors that name them.
LoraConfig read_lora_config(const std::filesystem::path& folder);

/// Puts the changed weights into `model`: W + scaling * B A, with DoRA each output's row of that scaled to the length
/// in lora_magnitude_vector (https://arxiv.org/abs/2402.09353), and whole tensors (trained biases, modules_to_save) as
/// they are. Products are computed in float32. This is the one piece of arithmetic in this folder: so every module
/// above sees plain weights. Throws InvalidModelError for a tensor that fits nothing in the model.
void merge_lora(const LoraConfig& config, const TensorStore& adapter, TensorStore& model);

}  // namespace sbert::formats
