#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "tokenizer/json_value.h"
#include "tokenizer/model.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/text_pattern.h"

// The blocks of tokenizer.json, each read in the file of its name (normalizer_json.cpp ...). `root` is the whole file.
// All throw InvalidModelError for broken fields and UnsupportedError naming a component that is not known.
namespace sbert::tokenizer {

inline constexpr int64_t kMaxId = std::numeric_limits<int32_t>::max();
inline constexpr int64_t kMaxSize = std::numeric_limits<int64_t>::max();

/// Null where the block is absent. `do_lower_case` puts a Lowercase in front, unless there is one already.
std::unique_ptr<const Normalizer> read_normalizer(const JsonValue& root, bool do_lower_case);
std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const JsonValue& root);
std::unique_ptr<const Model> read_model(const JsonValue& root);
PostProcessor read_post_processor(const JsonValue& root);

/// The options of a BertNormalizer block.
BertNormalizerOptions bert_normalizer_options(const JsonValue& json);

/// {"String": ...} or {"Regex": ...}.
std::unique_ptr<const TextPattern> read_text_pattern(const JsonValue& json);

inline std::string_view type_of(const JsonValue& component) {
  return component.at("type").string();
}
[[noreturn]] void throw_unsupported(const JsonValue& component, std::string_view type);

}  // namespace sbert::tokenizer
