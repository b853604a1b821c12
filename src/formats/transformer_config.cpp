#include "formats/transformer_config.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "common/log.h"
#include "common/text.h"
#include "formats/folder_entry.h"

namespace sbert::formats {
namespace {

namespace fs = std::filesystem;
using common::JsonObject;

constexpr int64_t kMaxTokens = std::numeric_limits<int64_t>::max();

constexpr std::array kFileNames{
    "sentence_bert_config.json",      "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json",  "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
};

// The arguments of Transformer.__init__; any other makes the reference fail.
constexpr std::array kKnownFields{
    "max_seq_length",    "do_lower_case", "transformer_task", "modality_config",        "module_output_name",
    "processing_kwargs", "unpad_inputs",  "query_length",     "document_length",        "query_expansion",
    "model_kwargs",      "model_args",    "processor_kwargs", "tokenizer_args",         "config_kwargs",
    "config_args",       "backend",       "cache_dir",        "tokenizer_name_or_path",
};

struct TaskDefault {
  const char* task;
  const char* method_output_name;
  const char* module_output_name;
};
constexpr std::array kTasks{
    TaskDefault{"feature-extraction", "last_hidden_state", "token_embeddings"},
    TaskDefault{"sequence-classification", "logits", "scores"},
    TaskDefault{"text-generation", "logits", "causal_logits"},
    TaskDefault{"any-to-any", "logits", "causal_logits"},
    TaskDefault{"fill-mask", "logits", "token_embeddings"},
    TaskDefault{"retrieval", "embeddings", "token_embeddings"},
};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <typename Names>
std::string one_of(const Names& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "'" : ", '") + std::string(name) + "'";
  return "must be one of " + text;
}

const TaskDefault& task_default(const JsonObject& json, const std::string& task) {
  for (const TaskDefault& known : kTasks) {
    if (task == known.task) return known;
  }
  std::vector<std::string> names;
  for (const TaskDefault& known : kTasks) names.emplace_back(known.task);
  json.fail("transformer_task", "is " + common::quote(task) + ", it " + one_of(names));
}

void check_fields(const JsonObject& json) {
  for (const std::string& key : json.keys()) {
    if (!contains(kKnownFields, key)) {
      throw UnsupportedError(json.source() + ": unknown field " + common::quote(key) +
                             "; Sentence Transformers 6 has no such option either");
    }
  }
  if (json.has("tokenizer_name_or_path")) {
    throw UnsupportedError(json.source() +
                           ": field 'tokenizer_name_or_path' names a tokenizer outside the model folder; " +
                           "save the model with its tokenizer");
  }
}

// A positive number of tokens. Python writes "no limit" as int(1e30).
std::optional<int64_t> tokens_if(const JsonObject& json, const char* key) {
  if (!json.has(key)) return std::nullopt;
  const nlohmann::json& value = json.raw().at(key);
  if (value.is_number_float() && value.get<double>() >= 0x1p63) return kMaxTokens;
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(kMaxTokens)) return kMaxTokens;
  return json.integer(key, 1, kMaxTokens);
}

std::optional<JsonObject> renamed_object_if(const JsonObject& json, const char* name, const char* old_name) {
  // The reference renames old to new when it reads the file, so that the old one wins.
  return json.has(old_name) ? json.object_if(old_name) : json.object_if(name);
}

// "image+text" has both, each known.
bool is_known_modality(std::string_view key) {
  constexpr std::array<std::string_view, 5> kModalities{"text", "image", "audio", "video", "message"};
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('+', begin), key.size());
    if (!contains(kModalities, key.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

ModalityEntry parse_modality(const JsonObject& entry, bool is_message) {
  ModalityEntry modality;
  modality.method = entry.string("method");
  if (!entry.raw().contains("method_output_name")) entry.fail("method_output_name", "is missing");  // null is a value
  modality.method_output_name = entry.string_if("method_output_name");
  if (is_message) {
    constexpr std::array<std::string_view, 3> kFormats{"auto", "flat", "structured"};
    modality.format = entry.string_if("format").value_or("auto");
    if (!contains(kFormats, modality.format)) {
      entry.fail("format", "is " + common::quote(modality.format) + ", it " + one_of(kFormats));
    }
  }
  return modality;
}

void parse_modalities(const JsonObject& json, const TaskDefault& task, TransformerConfig& config) {
  const auto modalities = json.object_if("modality_config");
  if (!modalities) {
    // Written before there were modalities, so it is about text. The reference drops a module_output_name as well.
    config.modalities["text"] = {"forward", task.method_output_name, ""};
    if (config.transformer_task == "retrieval") config.modalities["image"] = config.modalities["text"];
    config.module_output_name = task.module_output_name;
    return;
  }
  for (const std::string& key : modalities->keys()) {
    if (!is_known_modality(key)) {
      common::log(LogLevel::kWarning, modalities->source() + ": ignoring the unknown modality " + common::quote(key));
      continue;
    }
    config.modalities.emplace(key, parse_modality(modalities->object(key), key == "message"));
  }
  if (!json.has("module_output_name")) json.fail("module_output_name", "is missing; 'modality_config' needs it");
  config.module_output_name = json.string("module_output_name");
}

// True or "longest_first", False or "do_not_truncate", ... (transformers' TruncationStrategy)
std::string parse_truncation(const JsonObject& options) {
  if (options.raw().at("truncation").is_boolean()) {
    return *options.boolean_if("truncation") ? "longest_first" : "do_not_truncate";
  }
  constexpr std::array<std::string_view, 4> kStrategies{"longest_first", "only_first", "only_second",
                                                        "do_not_truncate"};
  const std::string strategy = options.string("truncation");
  if (!contains(kStrategies, strategy)) {
    options.fail("truncation", "is " + common::quote(strategy) + ", it " + one_of(kStrategies));
  }
  return strategy;
}

void apply_text_options(const JsonObject& options, TextProcessing& processing) {
  constexpr std::array<std::string_view, 6> kWithoutEffect{
      "padding_side", "pad_to_multiple_of", "return_tensors", "return_attention_mask", "return_length", "verbose"};
  for (const std::string& key : options.keys()) {
    if (key == "max_length") {
      processing.max_length = tokens_if(options, "max_length");
    } else if (key == "truncation") {
      // None lets the tokenizer truncate when a max_length is given, and not else.
      if (options.has(key)) processing.truncation = parse_truncation(options);
    } else if (key == "padding") {
      const auto& padding = options.raw().at(key);
      processing.pad_to_max_length = padding.is_string() && options.string(key) == "max_length";
    } else if (key == "add_special_tokens") {
      processing.add_special_tokens = options.boolean_if(key).value_or(true);
    } else if (!contains(kWithoutEffect, key)) {
      throw UnsupportedError(options.source() + ": the tokenizer option " + common::quote(key) + " is not supported");
    }
  }
}

void parse_processing(const JsonObject& json, TransformerConfig& config) {
  constexpr std::array<std::string_view, 6> kKeys{"common", "text", "audio", "image", "video", "chat_template"};
  const auto processing = json.object_if("processing_kwargs");
  if (!processing) return;
  for (const std::string& key : processing->keys()) {
    if (!contains(kKeys, key)) {
      common::log(LogLevel::kWarning, processing->source() + ": ignoring the unknown key " + common::quote(key));
    }
  }
  for (const char* key : {"common", "text"}) {
    if (const auto options = processing->object_if(key)) apply_text_options(*options, config.text_processing);
  }
  config.chat_template_kwargs = processing->object_if("chat_template");
}

std::optional<QueryExpansion> parse_query_expansion(const JsonObject& json, const TransformerConfig& config) {
  constexpr std::array<std::string_view, 4> kKeys{"strategy", "attend", "token", "length"};
  constexpr std::array<std::string_view, 2> kStrategies{"fixed", "min"};
  const auto object = json.object_if("query_expansion");
  if (!object) return std::nullopt;
  for (const std::string& key : object->keys()) {
    if (!contains(kKeys, key)) object->fail(key, "is unknown; a key " + one_of(kKeys));
  }
  QueryExpansion expansion;
  expansion.strategy = object->string("strategy");
  if (!contains(kStrategies, expansion.strategy)) {
    object->fail("strategy", "is " + common::quote(expansion.strategy) + ", it " + one_of(kStrategies));
  }
  expansion.attend = object->boolean_if("attend").value_or(false);
  expansion.token = object->string_if("token");
  expansion.length = object->integer("length", 1, kMaxTokens);
  if (config.query_length && *config.query_length < expansion.length) {
    json.fail("query_length", "is " + std::to_string(*config.query_length) + ", less than the length " +
                                  std::to_string(expansion.length) + " of 'query_expansion'");
  }
  return expansion;
}

TransformerConfig from_json(const JsonObject& json) {
  check_fields(json);
  TransformerConfig config;
  config.processor_kwargs = renamed_object_if(json, "processor_kwargs", "tokenizer_args");
  config.model_kwargs = renamed_object_if(json, "model_kwargs", "model_args");
  config.config_kwargs = renamed_object_if(json, "config_kwargs", "config_args");
  config.max_seq_length = tokens_if(json, "max_seq_length");
  if (config.processor_kwargs && config.processor_kwargs->has("model_max_length")) {
    config.max_seq_length = tokens_if(*config.processor_kwargs, "model_max_length");
  }
  config.do_lower_case = json.boolean_if("do_lower_case").value_or(false);
  config.transformer_task = json.string_if("transformer_task").value_or("feature-extraction");
  parse_modalities(json, task_default(json, config.transformer_task), config);
  parse_processing(json, config);
  config.unpad_inputs = json.boolean_if("unpad_inputs");
  config.query_length = tokens_if(json, "query_length");
  config.document_length = tokens_if(json, "document_length");
  config.query_expansion = parse_query_expansion(json, config);
  return config;
}

}  // namespace

const ModalityEntry* TransformerConfig::text() const {
  const auto found = modalities.find("text");
  return found == modalities.end() ? nullptr : &found->second;
}

const ModalityEntry* TransformerConfig::message() const {
  const auto found = modalities.find("message");
  return found == modalities.end() ? nullptr : &found->second;
}

TransformerConfig parse_transformer_config(std::string_view text, const std::string& source) {
  return from_json(JsonObject::parse(text, source));
}

TransformerConfig read_transformer_config(const fs::path& folder) {
  for (const char* name : kFileNames) {
    const fs::path path = folder / name;
    if (!has_entry(path)) continue;
    const JsonObject json = JsonObject::read_file(path);
    if (json.keys().empty()) continue;
    TransformerConfig config = from_json(json);
    config.file = name;
    return config;
  }
  return parse_transformer_config("{}", common::quote((folder / kFileNames.front()).string()));
}

}  // namespace sbert::formats
