#pragma once

#include <filesystem>

#include <sbert/sentence_transformer.h>

#include "models/pipeline.h"

namespace sbert::models {

/// What the modules of a model say of themselves; the caller adds what is his own.
ModelInfo describe(const Pipeline& pipeline, const std::filesystem::path& folder);

}  // namespace sbert::models
