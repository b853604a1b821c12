#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "common/json.h"
#include "tokenizer/added_vocabulary.h"
#include "tokenizer/model.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/truncation.h"

namespace sbert::tokenizer {

/// The components, in the order in which a text goes through them. `added` finds its raw tokens before the normalizer
/// and its normalized ones behind it.
struct Tokenizer::Impl {
  std::unique_ptr<const Normalizer> normalizer;  // may be null: text stays as it is
  AddedVocabulary added;
  std::unique_ptr<const PreTokenizer> pre_tokenizer;  // may be null: all text is one word
  std::unique_ptr<const Model> model;
  PostProcessor post_processor;
  StoredTruncation truncation;

  bool gives_token_type_ids = true;  // else all are zero
  std::optional<size_t> model_max_length;
  std::string source_file;
  std::string note;
};

/// tokenizer_config.json of the folder, where there is one.
using TokenizerConfig = std::optional<common::JsonObject>;

/// Reads tokenizer.json. `config` only serves the note about transformers.
std::shared_ptr<Tokenizer::Impl> load_tokenizer_json(const std::filesystem::path& file, const LoadOptions& options,
                                                     const TokenizerConfig& config);
/// A folder without tokenizer.json: what transformers 5 builds of its other files and the class that it names.
std::shared_ptr<Tokenizer::Impl> load_tokenizer_class(const std::filesystem::path& folder, const LoadOptions& options,
                                                      const TokenizerConfig& config);

}  // namespace sbert::tokenizer
