#pragma once

#include <filesystem>

#include "tokenizer/tokenizer_impl.h"

namespace sbert::tokenizer {

/// Whether a model gets token type ids from this tokenizer. The post-processor has them always, but transformers passes
/// on what `model_input_names` lists: of tokenizer_config.json, else of the class. Where it does not, the model takes
/// zeros, also for the second text of a pair. A folder that names no class keeps what the post-processor says.
bool gives_token_type_ids(const std::filesystem::path& folder, const TokenizerConfig& config);

}  // namespace sbert::tokenizer
