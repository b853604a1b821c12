#pragma once

#include <string>
#include <vector>

#include "common/json.h"

namespace sbert::modules {

/// A weight for each word of `vocab`: that of the word in the config's `word_weights`, else that of its lowercase form,
/// else `unknown_word_weight` (features 2-59).
std::vector<float> read_word_weights(const common::JsonObject& config, const std::vector<std::string>& vocab);

}  // namespace sbert::modules
