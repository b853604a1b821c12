#include "formats/config_writer.h"

#include <nlohmann/json.hpp>
#include <string>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/atomic_file.h"

namespace sbert::formats {

using Json = nlohmann::ordered_json;

void write_json_file(const std::filesystem::path& path, const Json& value, int indent) {
  std::string text;
  try {
    text = value.dump(indent, ' ', /*ensure_ascii=*/true);
  } catch (const Json::exception& error) {
    throw InvalidArgumentError("cannot write " + common::quote(path.string()) + ": " + error.what());
  }
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void write_modules_json(const std::filesystem::path& folder, std::span<const ModuleEntry> modules) {
  Json list = Json::array();
  for (const ModuleEntry& module : modules) {
    Json entry = {{"idx", module.idx}, {"name", module.name}, {"path", module.path}, {"type", module.type}};
    if (!module.kwargs.empty()) entry["kwargs"] = module.kwargs;
    list.push_back(std::move(entry));
  }
  write_json_file(folder / "modules.json", list);
}

// Sorted by key: the reference writes this file with sort_keys=True.
void write_sentence_transformers_config(const std::filesystem::path& folder, const SentenceTransformersConfig& config) {
  Json json = Json::object();
  if (!config.version.empty()) json["__version__"] = {{"sentence_transformers", config.version}};
  if (config.activation_fn) json["activation_fn"] = *config.activation_fn;
  json["default_prompt_name"] = config.default_prompt_name ? Json(*config.default_prompt_name) : Json();
  if (config.model_type) json["model_type"] = *config.model_type;
  json["prompts"] = Json::object();
  for (const auto& [name, text] : config.prompts) json["prompts"][name] = text;
  if (config.similarity_fn_name) json["similarity_fn_name"] = *config.similarity_fn_name;
  if (config.truncate_dim) json["truncate_dim"] = *config.truncate_dim;
  write_json_file(folder / "config_sentence_transformers.json", json);
}

}  // namespace sbert::formats
