#include "models/model_info.h"

#include <set>

#include <sbert/runtime.h>

#include "formats/weight_file.h"

namespace sbert::models {
namespace {

// "model.safetensors (F32)"
std::string describe_weight_file(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const std::string name = file.lexically_relative(folder).generic_string();
  if (file.extension() != ".safetensors" && file.extension() != ".bin") return name;
  std::set<std::string> dtypes;
  const formats::WeightFile weights = formats::open_weight_file(file, common::FileAccess::kMap);
  for (const formats::TensorView& tensor : weights.tensors) {
    if (formats::is_float(tensor.dtype)) dtypes.insert(formats::dtype_name(tensor.dtype));
  }
  std::string list;
  for (const std::string& dtype : dtypes) list += (list.empty() ? "" : ", ") + dtype;
  return name + " (" + list + ")";
}

}  // namespace

ModelInfo describe(const Pipeline& pipeline, const std::filesystem::path& folder) {
  const modules::InputModule& input = pipeline.input();
  ModelInfo info;
  info.folder = folder.string();
  info.architecture = input.architecture();
  info.max_seq_length = input.max_seq_length();
  info.tokenizer = input.tokenizer_description();
  info.notes = input.notes();
  info.cpu_level = cpu_level();
  info.precision = "fp32";
  for (const auto& [entry, module] : pipeline.modules()) {
    info.modules.push_back({.idx = entry.idx,
                            .name = entry.name,
                            .path = entry.path,
                            .type = entry.type,
                            .description = module->description()});
    info.num_parameters += module->num_parameters();
    for (const auto& file : module->weight_files()) info.weight_files.push_back(describe_weight_file(file, folder));
  }
  return info;
}

}  // namespace sbert::models
