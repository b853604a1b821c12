#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sbert/sentence_transformer.h>

#include "formats/model_configs.h"
#include "models/pipeline.h"

namespace sbert::models {

/// Writes a model folder of version 6 that appears whole or not at all: the modules of `pipeline`, which was loaded
/// from `source`, and `config`. `model_card` becomes README.md.
/// Throws as NewFolder, IoError, and InvalidModelError where `source` is no longer there.
void save_model(const Pipeline& pipeline, const std::filesystem::path& source,
                const formats::SentenceTransformersConfig& config, const std::string& model_card,
                const std::string& path);

/// The README.md of a model: front matter that the hub knows, how to use the model, its modules.
std::string write_model_card(const ModelInfo& info);

/// The version of sentence_transformers whose format is written.
inline constexpr const char* kSavedVersion = "6.0.1";

}  // namespace sbert::models
