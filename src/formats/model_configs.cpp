#include "formats/model_configs.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include <sbert/error.h>

#include "common/json.h"
#include "common/log.h"
#include "common/mapped_file.h"
#include "common/text.h"
#include "formats/folder_entry.h"

namespace sbert::formats {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxConfigBytes = size_t{64} << 20;
constexpr int64_t kMaxDimension = std::numeric_limits<int32_t>::max();
constexpr int kReferenceMajorVersion = 6;

ModuleEntry parse_module(const common::JsonObject& json, int64_t place) {
  ModuleEntry module;
  module.idx = json.integer_if("idx", 0, kMaxDimension).value_or(place);
  module.name = json.string("name");
  module.path = json.string("path");
  module.type = json.string("type");
  if (module.type.empty()) json.fail("type", "is empty");
  if (json.has("kwargs")) module.kwargs = json.strings("kwargs");
  safe_join("", module.path, json.source() + ": field 'path'");  // for its check
  return module;
}

// {"sentence_transformers": "2.0.0", "transformers": ...}, or the version alone.
std::string parse_version(const common::JsonObject& json) {
  if (!json.has("__version__")) return "";
  if (json.raw().at("__version__").is_string()) return json.string("__version__");
  return json.object("__version__").string_if("sentence_transformers").value_or("");
}

void warn_if_newer(const std::string& version, const std::string& source) {
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  if (parsed.ec == std::errc() && major > kReferenceMajorVersion) {
    common::log(LogLevel::kWarning, source + ": saved by sentence_transformers " + common::quote(version) +
                                        ", newer than version " + std::to_string(kReferenceMajorVersion) +
                                        ", which this library follows");
  }
}

// What cannot be understood is left out with a warning, as in the reference: a typo there should not refuse a model.
std::map<std::string, std::string> parse_requirements(const common::JsonObject& json) {
  std::map<std::string, std::string> requirements;
  const auto ignore = [&json](const std::string& what) {
    common::log(LogLevel::kWarning, json.source() + ": ignoring " + what + ", a version specifier is expected");
  };
  if (!json.has("requirements")) return requirements;
  const nlohmann::json& value = json.raw().at("requirements");
  if (!value.is_object()) {
    ignore("field 'requirements'");
    return requirements;
  }
  for (const auto& [package, requirement] : value.items()) {
    const nlohmann::json* specifier = &requirement;
    if (requirement.is_object()) {
      const auto found = requirement.find("specifier");
      specifier = found == requirement.end() ? nullptr : &*found;
    }
    if (specifier != nullptr && specifier->is_string()) {
      requirements.emplace(package, specifier->get<std::string>());
    } else {
      ignore("the requirement of " + common::quote(package));
    }
  }
  return requirements;
}

SentenceTransformersConfig from_json(const common::JsonObject& json) {
  SentenceTransformersConfig config;
  config.version = parse_version(json);
  config.model_type = json.string_if("model_type");
  if (const auto prompts = json.object_if("prompts")) {
    for (const std::string& name : prompts->keys()) {
      config.prompts.emplace(name, prompts->string_if(name).value_or(""));
    }
  }
  config.default_prompt_name = json.string_if("default_prompt_name");
  config.similarity_fn_name = json.string_if("similarity_fn_name");
  config.truncate_dim = json.integer_if("truncate_dim", 1, kMaxDimension);
  config.activation_fn = json.string_if("activation_fn");
  config.requirements = parse_requirements(json);
  warn_if_newer(config.version, json.source());
  return config;
}

}  // namespace

std::vector<ModuleEntry> parse_modules_json(std::string_view text, const std::string& source) {
  const auto document = common::parse_json(text, source);
  if (!document->is_array()) throw InvalidModelError(source + ": expected a JSON array of modules");
  if (document->empty()) throw InvalidModelError(source + ": lists no modules");
  std::vector<ModuleEntry> modules;
  std::set<std::string> names;
  for (const nlohmann::json& item : *document) {
    const auto place = static_cast<int64_t>(modules.size());
    const std::string where = source + " item " + std::to_string(place);
    modules.push_back(parse_module(common::JsonObject::parse(item.dump(), where), place));
    if (!names.insert(modules.back().name).second) {
      throw InvalidModelError(where + ": the name " + common::quote(modules.back().name) +
                              " is that of another module");
    }
  }
  return modules;
}

std::optional<std::vector<ModuleEntry>> read_modules_json(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  if (!has_entry(path)) return std::nullopt;
  return parse_modules_json(common::read_small_file(path, kMaxConfigBytes), common::quote(path.string()));
}

SentenceTransformersConfig parse_sentence_transformers_config(std::string_view text, const std::string& source) {
  return from_json(common::JsonObject::parse(text, source));
}

SentenceTransformersConfig read_sentence_transformers_config(const fs::path& folder) {
  const fs::path path = folder / "config_sentence_transformers.json";
  return has_entry(path) ? from_json(common::JsonObject::read_file(path)) : SentenceTransformersConfig{};
}

}  // namespace sbert::formats
