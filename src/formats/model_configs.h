#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/json.h"

namespace sbert::formats {

/// One entry of modules.json (features 2-31).
struct ModuleEntry {
  int64_t idx = 0;
  std::string name;
  std::string path;  // relative to the model folder; "" is the folder itself
  std::string type;  // dotted Python class path, as written
  std::vector<std::string> kwargs;
};

/// The modules of `folder`/modules.json in order of the file; nothing when the file is absent. A path that leaves the
/// folder is an InvalidModelError.
std::optional<std::vector<ModuleEntry>> read_modules_json(const std::filesystem::path& folder);

/// config_sentence_transformers.json (features 2-32); defaults where the file or a key is absent.
struct SentenceTransformersConfig {
  std::string version;  // of the sentence_transformers that wrote it, "" if unknown
  std::optional<std::string> model_type;
  std::map<std::string, std::string> prompts;
  std::optional<std::string> default_prompt_name;
  std::optional<std::string> similarity_fn_name;
  std::optional<int64_t> truncate_dim;
};
SentenceTransformersConfig read_sentence_transformers_config(const std::filesystem::path& folder);

/// sentence_bert_config.json of a Transformer module and its legacy names (features 2-34 to 2-38).
struct TransformerConfig {
  std::optional<int64_t> max_seq_length;
  bool do_lower_case = false;
  std::string transformer_task = "feature-extraction";
  std::string module_output_name = "token_embeddings";
  std::string file;  // which one was read, "" if none
};
TransformerConfig read_transformer_config(const std::filesystem::path& folder);

/// `folder`/`relative` where `relative` is safe: not absolute, no "..", no NUL, no backslash. Throws InvalidModelError
/// saying which file named it.
std::filesystem::path safe_join(const std::filesystem::path& folder, const std::string& relative,
                                const std::string& named_by);

}  // namespace sbert::formats
