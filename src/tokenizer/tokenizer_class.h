#pragma once

#include <filesystem>
#include <string>

#include "tokenizer/tokenizer_impl.h"

namespace sbert::tokenizer {

/// The class that transformers' AutoTokenizer takes for a folder, without "Fast" at its end.
struct ClassName {
  std::string name;    ///< empty where neither file names one
  std::string source;  ///< the quoted file that decided
};

/// tokenizer_config.json decides, then config.json: by `tokenizer_class` or by its `model_type`; some values of
/// `model_type` overrule a `tokenizer_class` that is known to be wrong.
ClassName tokenizer_class_of(const std::filesystem::path& folder, const TokenizerConfig& config);

}  // namespace sbert::tokenizer
