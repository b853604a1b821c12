#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.h"

namespace sbert::formats {

/// How one kind of input goes through the Hugging Face model: an entry of `modality_config`.
struct ModalityEntry {
  std::string method;                             // of the model: "forward", "get_text_features", ...
  std::optional<std::string> method_output_name;  // the field of its result; none when the result is the tensor itself
  std::string format;                             // of "message" only: "auto", "flat" or "structured"
};

/// What the tokenizer is called with: `processing_kwargs` "common", with "text" over it. Options that change padding or
/// the container of the result are left out, for they do not change a vector; any other option is refused.
struct TextProcessing {
  std::optional<int64_t> max_length;         // instead of max_seq_length, query_length and document_length
  std::string truncation = "longest_first";  // or "only_first", "only_second", "do_not_truncate"
  bool add_special_tokens = true;
  bool pad_to_max_length = false;  // padding "max_length": matters to models that look at padding (SigLIP)
};

/// Expansion of queries by mask tokens (ColBERT): query_length is either absent or at least `length`.
struct QueryExpansion {
  std::string strategy;  // "fixed" or "min"
  bool attend = false;
  std::optional<std::string> token;  // default: the mask token, else the end-of-sequence token
  int64_t length = 0;                // > 0
};

/// sentence_bert_config.json of a Transformer module and its legacy names (features 2-34 to 2-38), read as
/// sentence_transformers.base.modules.Transformer.load reads it in version 6.0.1.
struct TransformerConfig {
  std::string file;  // which one was read, "" if none

  /// Tokens of a text, special ones included. processor_kwargs.model_max_length wins over max_seq_length. A value given
  /// here holds even beyond config.json's max_position_embeddings; without it, the limit is the smaller one of
  /// model_max_length in tokenizer_config.json and max_position_embeddings (features 2-23). Values that no integer of
  /// 64 bits holds ("no limit", written as 1e30) are INT64_MAX.
  std::optional<int64_t> max_seq_length;
  /// Lowercase before the tokenizer's own normalizer, unless that one lowercases already.
  bool do_lower_case = false;
  /// Which head is loaded: "feature-extraction", "sequence-classification", "text-generation", "any-to-any",
  /// "fill-mask" or "retrieval".
  std::string transformer_task = "feature-extraction";

  /// `modality_config` by modality, several modalities in one input as "image+text". Where the file has none, the text
  /// (for retrieval also image) entry of the task. Unknown modalities are left out, as in the reference.
  std::map<std::string, ModalityEntry> modalities;
  /// The feature that this module makes: "token_embeddings", "sentence_embedding", "scores" or "causal_logits".
  std::string module_output_name;
  /// Null when the module takes no plain text. When there is a "message" entry, texts become messages first and
  /// `text()` is not used.
  const ModalityEntry* text() const;
  const ModalityEntry* message() const;

  TextProcessing text_processing;
  /// `processing_kwargs` "chat_template": arguments of the template, and restore_suffix.
  std::optional<common::JsonObject> chat_template_kwargs;
  /// Changes the reference's speed only; this library never pads.
  std::optional<bool> unpad_inputs;
  /// max_length for the tasks "query" and "document".
  std::optional<int64_t> query_length;
  std::optional<int64_t> document_length;
  std::optional<QueryExpansion> query_expansion;

  /// Further arguments of from_pretrained, under their old names as well (model_args, tokenizer_args, config_args); for
  /// who builds the model to judge. `trust_remote_code` in them means nothing.
  std::optional<common::JsonObject> model_kwargs;
  std::optional<common::JsonObject> processor_kwargs;
  std::optional<common::JsonObject> config_kwargs;
};

/// The first of the seven file names that is in `folder` and is not an empty object; defaults if none is.
/// InvalidModelError for values of a wrong type or that contradict each other, UnsupportedError for fields this library
/// does not know.
TransformerConfig read_transformer_config(const std::filesystem::path& folder);
TransformerConfig parse_transformer_config(std::string_view text, const std::string& source);

}  // namespace sbert::formats
