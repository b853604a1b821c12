#include "modules/transformer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/config_writer.h"
#include "formats/folder_entry.h"
#include "formats/model_weights.h"
#include "modules/save_files.h"

namespace sbert::modules {
namespace {

namespace fs = std::filesystem;
using common::JsonObject;
using common::quote;
using formats::TransformerConfig;

// config.json; an adapter's is that of the model it adapts.
JsonObject read_config(const fs::path& folder) {
  return JsonObject::read_file(formats::model_config_folder(folder) / "config.json");
}

// Arguments of from_pretrained that do not change a vector.
constexpr std::array<std::string_view, 12> kHarmlessEverywhere = {
    "trust_remote_code", "token",          "use_auth_token",  "revision", "code_revision", "cache_dir",
    "local_files_only",  "force_download", "resume_download", "proxies",  "_from_auto",    "attn_implementation"};
constexpr std::array<std::string_view, 9> kHarmlessModel = {
    "torch_dtype",       "dtype",           "device_map",
    "low_cpu_mem_usage", "use_safetensors", "offload_folder",
    "add_pooling_layer", "use_cache",       "ignore_mismatched_sizes"};
constexpr std::array<std::string_view, 4> kHarmlessProcessor = {"model_max_length", "padding_side", "use_fast",
                                                                "clean_up_tokenization_spaces"};
constexpr std::array<std::string_view, 8> kHarmlessConfig = {
    "torch_dtype",          "dtype",        "use_cache",      "use_memory_efficient_attention",
    "output_hidden_states", "unpad_inputs", "use_flash_attn", "output_attentions"};

template <size_t N>
void require_harmless(const std::optional<JsonObject>& kwargs, const std::array<std::string_view, N>& harmless) {
  if (!kwargs) return;
  auto listed = [](const auto& names, const std::string& key) {
    return std::find(names.begin(), names.end(), key) != names.end();
  };
  for (const std::string& key : kwargs->keys()) {
    if (!listed(harmless, key) && !listed(kHarmlessEverywhere, key)) {
      throw UnsupportedError(kwargs->source() + ": " + quote(key) + " is not supported by this version");
    }
  }
}

// Only what this module computes; anything else in the configuration would give other vectors.
void require_text_encoder(const TransformerConfig& config, const std::string& file) {
  auto refuse = [&](const std::string& what) {
    throw UnsupportedError(file + ": " + what + " is not supported by this version");
  };
  if (config.transformer_task != "feature-extraction") refuse("transformer_task " + quote(config.transformer_task));
  if (config.message() != nullptr) refuse("modality 'message' (a chat template around each text)");
  if (config.text() == nullptr) refuse("a model without text input");
  if (config.query_expansion) refuse("query_expansion");
  const std::string& truncation = config.text_processing.truncation;
  if (truncation == "only_second") refuse("truncation 'only_second'");
  require_harmless(config.model_kwargs, kHarmlessModel);
  require_harmless(config.processor_kwargs, kHarmlessProcessor);
  require_harmless(config.config_kwargs, kHarmlessConfig);
}

// True for a model that makes one vector of a text itself. The configuration must then call the method that does it,
// and may not else.
bool require_output(const TransformerConfig& config, const nn::EncoderSpec& spec, const std::string& file) {
  const formats::ModalityEntry& text = *config.text();
  const std::string output = text.method_output_name.value_or("(none)");
  const bool features = text.method == "get_text_features" && (output == "pooler_output" || output == "(none)") &&
                        config.module_output_name == "sentence_embedding";
  const bool tokens =
      text.method == "forward" && output == "last_hidden_state" && config.module_output_name == "token_embeddings";
  if (spec.text_projection ? !features : !tokens) {
    throw UnsupportedError(file + ": method " + quote(text.method) + " with output " + quote(output) + " as " +
                           quote(config.module_output_name) + " is not supported by this version; for this model: " +
                           (spec.text_projection ? "'get_text_features' with 'pooler_output' as 'sentence_embedding'"
                                                 : "'forward' with 'last_hidden_state' as 'token_embeddings'"));
  }
  return features;
}

// What a folder that says nothing of modalities means for a model of two towers.
void call_text_features(TransformerConfig& config, const JsonObject& model_config) {
  config.modalities["text"] = {"get_text_features", "pooler_output", ""};
  // Not for us, but for who loads the model from where we save it.
  if (model_config.has("vision_config")) config.modalities["image"] = {"get_image_features", "pooler_output", ""};
  config.module_output_name = "sentence_embedding";
}

// Where the reference finds a chat template in a folder without modules.json, it makes every text a chat message.
void require_no_chat_template(const fs::path& folder) {
  auto refuse = [](const fs::path& file) {
    throw UnsupportedError(quote(file.string()) +
                           ": a model with a chat template and without modules.json (texts become chat messages) is "
                           "not supported by this version");
  };
  for (const char* name : {"chat_template.jinja", "chat_template.json"}) {
    if (formats::has_entry(folder / name)) refuse(folder / name);
  }
  const fs::path tokenizer = folder / "tokenizer_config.json";
  if (formats::has_entry(tokenizer) && JsonObject::read_file(tokenizer).has("chat_template")) refuse(tokenizer);
}

// SigLIP 2's texts are lower-cased: by the class that transformers takes for it whatever the folder names, and not by
// the tokenizer.json of the published folders.
tokenizer::Tokenizer load_tokenizer(const fs::path& folder, const TransformerConfig& config,
                                    const JsonObject& model_config) {
  const bool siglip2 = model_config.string_if("model_type") == "siglip2";
  return tokenizer::Tokenizer::load(folder, {.do_lower_case = config.do_lower_case || siglip2});
}

// All weights in the files, also those that only training uses (a pooler).
size_t count_parameters(const formats::TensorStore& store) {
  size_t count = 0;
  for (const std::string& name : store.names()) {
    const formats::TensorView& tensor = store.require(name);
    if (formats::is_float(tensor.dtype)) count += tensor.num_elements();
  }
  return count;
}

std::optional<size_t> least(std::optional<size_t> a, std::optional<size_t> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

}  // namespace

std::unique_ptr<Transformer> Transformer::load(const ModuleSource& source) {
  return load(source, formats::read_transformer_config(source.folder));
}

std::unique_ptr<Transformer> Transformer::load_plain(const ModuleSource& source) {
  require_no_chat_template(source.folder);
  TransformerConfig config = formats::parse_transformer_config("{}", "");
  const auto model_config = read_config(source.folder);
  if (arch::read_architecture(model_config).spec.text_projection) call_text_features(config, model_config);
  return load(source, config);
}

std::unique_ptr<Transformer> CLIPModel::load(const ModuleSource& source) {
  TransformerConfig config = formats::read_transformer_config(source.folder);
  // Written before there were modalities: such a folder is about the texts and images of CLIP.
  if (config.module_output_name == "token_embeddings") {
    call_text_features(config, read_config(source.folder));
  }
  return Transformer::load(source, config);
}

std::unique_ptr<Transformer> Transformer::load(const ModuleSource& source, const TransformerConfig& config) {
  require_text_encoder(config, quote((source.folder / config.file).string()));
  formats::ModelWeights weights = formats::open_model_weights(source.folder, source.access);
  const auto model_config = JsonObject::read_file(weights.config_folder / "config.json");
  return std::unique_ptr<Transformer>(new Transformer(source, config, std::move(weights.store), model_config));
}

Transformer::Transformer(const ModuleSource& source, const TransformerConfig& config, formats::TensorStore store,
                         const JsonObject& model_config)
    : config_(config), store_(std::move(store)), tokenizer_(load_tokenizer(source.folder, config, model_config)) {
  const arch::Architecture architecture = arch::read_architecture(model_config);
  const std::string file = quote((source.folder / config.file).string());
  makes_sentence_embeddings_ = require_output(config, architecture.spec, file);
  const nn::EncoderTensors tensors = arch::resolve_tensors(architecture, store_);
  model_type_ = model_config.string("model_type");
  for (const auto* place : {&std::as_const(model_config), config.config_kwargs ? &*config.config_kwargs : nullptr}) {
    if (place != nullptr)
      output_hidden_states_ = place->boolean_if("output_hidden_states").value_or(output_hidden_states_);
  }
  num_parameters_ = count_parameters(store_);
  encoder_.emplace(architecture.spec, tensors, [this](const nn::TensorView& copied) { store_.drop_pages(copied); });
  set_limits(architecture);
  if (makes_sentence_embeddings_ && config.text_processing.pad_to_max_length) set_padding(source.folder, file);
  if (!tokenizer_.note().empty()) notes_.push_back(tokenizer_.note());
}

void Transformer::set_limits(const arch::Architecture& architecture) {
  max_positions_ = architecture.spec.embeddings.max_text_length();
  if (!config_.max_seq_length) {
    const auto from_config = architecture.max_position_embeddings;
    max_seq_length_ = least(tokenizer_.model_max_length(),
                            from_config ? std::optional(static_cast<size_t>(*from_config)) : std::nullopt);
    max_seq_length_ = least(max_seq_length_, max_positions_);
    return;
  }
  const auto wanted = static_cast<size_t>(*config_.max_seq_length);
  max_seq_length_ = least(max_positions_, wanted);
  if (*max_seq_length_ < wanted) {
    notes_.push_back("max_seq_length " + std::to_string(wanted) + " is more than the model's " +
                     std::to_string(*max_positions_) + " positions: texts are cut to " +
                     std::to_string(*max_positions_) + " tokens, where the reference fails");
  }
}

// SigLIP takes the vector of the last token, which is padding when texts are filled up: padding tokens are then tokens
// like any other, as long as the tokenizer puts them behind the text and the model gets no attention mask.
void Transformer::set_padding(const std::filesystem::path& folder, const std::string& file) {
  const std::filesystem::path path = folder / "tokenizer_config.json";
  const auto tokenizer = JsonObject::read_file(path);
  const std::vector<std::string> inputs =
      tokenizer.has("model_input_names") ? tokenizer.strings("model_input_names") : std::vector<std::string>{};
  const bool masked = inputs.empty() || std::find(inputs.begin(), inputs.end(), "attention_mask") != inputs.end();
  if (masked || tokenizer.string_if("padding_side").value_or("right") != "right") {
    throw UnsupportedError(file + ": padding 'max_length' is supported only where " + quote(path.string()) +
                           " has model_input_names without 'attention_mask' and padding_side 'right'");
  }
  const auto& token = tokenizer.raw().contains("pad_token") && tokenizer.raw().at("pad_token").is_object()
                          ? tokenizer.object("pad_token").string("content")
                          : tokenizer.string("pad_token");
  padding_id_ = tokenizer_.token_to_id(token);
  if (!padding_id_) tokenizer.fail("pad_token", quote(token) + " is not in the vocabulary");
}

void Transformer::set_max_seq_length(size_t tokens) {
  if (max_positions_ && tokens > *max_positions_) {
    throw InvalidArgumentError("max_seq_length " + std::to_string(tokens) + " is more than the " +
                               std::to_string(*max_positions_) + " positions of the model");
  }
  const size_t special = tokenizer_.num_special_tokens(false);
  if (tokens < std::max<size_t>(special, 1)) {
    throw InvalidArgumentError("max_seq_length " + std::to_string(tokens) + " leaves no room: the tokenizer adds " +
                               std::to_string(special) + " special tokens to each text");
  }
  max_seq_length_ = tokens;
  max_seq_length_is_set_ = true;
}

std::optional<size_t> Transformer::max_length(Task task) const {
  if (config_.text_processing.truncation == "do_not_truncate") return std::nullopt;
  std::optional<int64_t> limit = config_.text_processing.max_length;
  if (!limit && task == "query") limit = config_.query_length;
  if (!limit && task == "document") limit = config_.document_length;
  return limit ? least(static_cast<size_t>(*limit), max_positions_) : max_seq_length_;
}

void Transformer::tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                           tokenizer::Encoding& out) const {
  const auto limit = max_length(task);
  const tokenizer::EncodeOptions options{
      .max_length = limit.value_or(tokenizer::kNoLimit),
      .add_special_tokens = config_.text_processing.add_special_tokens,
  };
  if (!second) {
    tokenizer_.encode(first, options, out);
  } else if (config_.text_processing.truncation == "only_first") {
    throw UnsupportedError("text pairs with truncation 'only_first' are not supported by this version");
  } else {
    tokenizer_.encode_pair(first, *second, options, out);
  }
  if (padding_id_ && limit && out.input_ids.size() < *limit) {
    out.input_ids.resize(*limit, *padding_id_);
    out.token_type_ids.resize(*limit, 0);
  }
}

size_t Transformer::prompt_length(std::string_view prompt, Task task) const {
  if (prompt.empty()) return 0;
  tokenizer::Encoding encoding;
  tokenize(prompt, std::nullopt, task, encoding);
  const size_t length = encoding.input_ids.size();
  return length > 0 && tokenizer_.is_special(encoding.input_ids.back()) ? length - 1 : length;
}

void Transformer::forward(Features& features, nn::Workspace& workspace) const {
  const nn::PackedBatch& batch = features.batch;
  const size_t tokens = batch.num_tokens(), hidden_size = static_cast<size_t>(encoder_->spec().hidden_size);
  if (makes_sentence_embeddings_) {
    float* hidden = features.token_embeddings.values.reserve(tokens * hidden_size);  // only room: no feature
    encoder_->forward(batch, workspace, hidden);
    encoder_->project(batch, hidden, workspace,
                      features.sentence_embedding.resize(batch.num_texts(), *embedding_dimension()));
    return;
  }
  float* hidden = features.token_embeddings.resize(tokens, hidden_size);
  if (!all_layer_embeddings_) return encoder_->forward(batch, workspace, hidden);
  encoder_->forward(batch, workspace, hidden, [&](size_t index, const float* state) {
    if (features.all_layer_embeddings.size() <= index) features.all_layer_embeddings.resize(index + 1);
    std::copy(state, state + tokens * hidden_size, features.all_layer_embeddings[index].resize(tokens, hidden_size));
  });
}

std::optional<size_t> Transformer::embedding_dimension() const {
  const nn::EncoderSpec& spec = encoder_->spec();
  return static_cast<size_t>(spec.text_projection ? spec.text_projection->projection_dim : spec.hidden_size);
}

void Transformer::save(const fs::path& source, const fs::path& folder) const {
  // Opened again, for the pages of store_ may have been given back. A LoRA adapter is merged.
  const formats::ModelWeights weights = formats::open_model_weights(source, common::FileAccess::kMap);
  save_weights(weights.store, folder);
  copy_file(weights.config_folder, "config.json", folder);
  copy_tokenizer_files(source, folder);

  // The fields that were there, for version 6 reads those of all versions; modalities are what it always writes.
  auto config = nlohmann::json::object();
  if (!config_.file.empty()) config = JsonObject::read_file(source / config_.file).raw();
  if (!config.contains("modality_config") || config["modality_config"].is_null()) {
    config["transformer_task"] = config_.transformer_task;
    config["modality_config"] = nlohmann::json::object();
    for (const auto& [modality, entry] : config_.modalities) {
      auto& saved = config["modality_config"][modality] = {{"method", entry.method}, {"method_output_name", nullptr}};
      if (entry.method_output_name) saved["method_output_name"] = *entry.method_output_name;
    }
    config["module_output_name"] = config_.module_output_name;
  }
  if (max_seq_length_is_set_) {
    config["max_seq_length"] = *max_seq_length_;
    for (const char* arguments : {"processor_kwargs", "tokenizer_args"}) {  // a limit there would win
      if (config.contains(arguments) && config[arguments].is_object()) config[arguments].erase("model_max_length");
    }
  }
  formats::write_json_file(folder / "sentence_bert_config.json", config, 4);
}

std::string Transformer::description() const {
  const nn::EncoderSpec& spec = encoder_->spec();
  return "Transformer({'model_type': '" + model_type_ + "', 'hidden_size': " + std::to_string(spec.hidden_size) +
         ", 'num_hidden_layers': " + std::to_string(spec.layers.size()) +
         ", 'max_seq_length': " + (max_seq_length_ ? std::to_string(*max_seq_length_) : "None") + "})";
}

}  // namespace sbert::modules
