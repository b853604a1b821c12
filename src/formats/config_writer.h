#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "formats/model_configs.h"

// The JSON files of a model folder, as Sentence Transformers 6 writes them. All of them appear whole or not at all, and
// throw IoError when they cannot be written.
namespace sbert::formats {

/// Pretty JSON as Python's json.dump(value, file, indent=indent) writes it: keys in the order of `value`, everything
/// beyond ASCII escaped. Strings must be valid UTF-8 (InvalidArgumentError).
void write_json_file(const std::filesystem::path& path, const nlohmann::ordered_json& value, int indent = 2);

/// `folder`/modules.json, in the order given.
void write_modules_json(const std::filesystem::path& folder, std::span<const ModuleEntry> modules);

/// `folder`/config_sentence_transformers.json: model_type, __version__ (only the version of sentence_transformers, for
/// no other package takes part), prompts, default_prompt_name, and what is set of similarity_fn_name, truncate_dim and
/// activation_fn. As in the reference, requirements are never written.
void write_sentence_transformers_config(const std::filesystem::path& folder, const SentenceTransformersConfig& config);

}  // namespace sbert::formats
