#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/safe_path.h"
#include "formats/transformer_config.h"

// The JSON files with which Sentence Transformers describes a model folder. Each read_* takes the folder; each parse_*
// takes the text of the file and the name that stands for it in errors.
namespace sbert::formats {

/// One entry of modules.json (features 2-31).
struct ModuleEntry {
  int64_t idx = 0;                  // for people; the order of the file counts. Its place in the file when absent
  std::string name;                 // unique in the file
  std::string path;                 // relative to the model folder and inside it; "" is the folder itself
  std::string type;                 // dotted Python class path, as written
  std::vector<std::string> kwargs;  // names of the encode arguments that go to this module
};

/// The modules of `folder`/modules.json in order of the file; nothing when the file is absent. An empty list, a name
/// that appears twice and a path that leaves the folder are InvalidModelErrors.
std::optional<std::vector<ModuleEntry>> read_modules_json(const std::filesystem::path& folder);
std::vector<ModuleEntry> parse_modules_json(std::string_view text, const std::string& source);

/// config_sentence_transformers.json (features 2-32); defaults where the file or a key is absent.
struct SentenceTransformersConfig {
  std::string version;  // of the sentence_transformers that wrote it, "" if unknown
  std::optional<std::string> model_type;
  /// Only those of the file, null as "". A SentenceTransformer knows "query" and "document" beside them, each ""
  /// (features 2-19); a CrossEncoder does not.
  std::map<std::string, std::string> prompts;
  /// Not checked against `prompts`: callers may add prompts (features 2-16).
  std::optional<std::string> default_prompt_name;
  /// As written. The reference ignores a name that the model class does not know.
  std::optional<std::string> similarity_fn_name;
  std::optional<int64_t> truncate_dim;       // > 0
  std::optional<std::string> activation_fn;  // dotted Python class path; of cross-encoders
  /// Python package -> version specifier (features 2-33): shown, never checked, for no Python package is used.
  std::map<std::string, std::string> requirements;
};
SentenceTransformersConfig read_sentence_transformers_config(const std::filesystem::path& folder);
SentenceTransformersConfig parse_sentence_transformers_config(std::string_view text, const std::string& source);

}  // namespace sbert::formats
