#include "modules/transformer.h"

#include <algorithm>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "common/text.h"

namespace sbert::modules {
namespace {

// Only what this module computes; anything else in the configuration would give other vectors.
void require_text_encoder(const formats::TransformerConfig& config, const std::filesystem::path& folder) {
  const std::string file = common::quote((folder / config.file).string());
  auto refuse = [&](const std::string& what) {
    throw UnsupportedError(file + ": " + what + " is not supported by this version");
  };
  if (config.transformer_task != "feature-extraction") {
    refuse("transformer_task " + common::quote(config.transformer_task));
  }
  if (config.message() != nullptr) refuse("modality 'message'");
  if (config.text() == nullptr) refuse("a model without text input");
  if (config.text()->method != "forward" || config.text()->method_output_name != "last_hidden_state") {
    refuse("method " + common::quote(config.text()->method) + " with output " +
           common::quote(config.text()->method_output_name.value_or("(none)")));
  }
  if (config.module_output_name != "token_embeddings") {
    refuse("module_output_name " + common::quote(config.module_output_name));
  }
  if (config.query_expansion) refuse("query_expansion");
  const std::string& truncation = config.text_processing.truncation;
  if (truncation != "longest_first" && truncation != "do_not_truncate") {
    refuse("truncation " + common::quote(truncation));
  }
}

formats::TransformerConfig plain_config() {
  return formats::parse_transformer_config("{}", "sentence_bert_config.json");
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

}  // namespace

std::unique_ptr<Transformer> Transformer::load(const ModuleSource& source) {
  const formats::TransformerConfig config = formats::read_transformer_config(source.folder);
  require_text_encoder(config, source.folder);
  return std::unique_ptr<Transformer>(new Transformer(source, config));
}

std::unique_ptr<Transformer> Transformer::load_plain(const ModuleSource& source) {
  return std::unique_ptr<Transformer>(new Transformer(source, plain_config()));
}

Transformer::Transformer(const ModuleSource& source, const formats::TransformerConfig& config)
    : config_(config),
      store_(formats::TensorStore::open(source.folder, source.access)),
      tokenizer_(tokenizer::Tokenizer::load(source.folder, {.do_lower_case = config.do_lower_case})) {
  const auto model_config = common::JsonObject::read_file(source.folder / "config.json");
  const arch::Architecture architecture = arch::read_architecture(model_config);
  const nn::EncoderTensors tensors = arch::resolve_tensors(architecture, store_);
  model_type_ = model_config.string("model_type");
  num_parameters_ = count_parameters(store_);
  encoder_.emplace(architecture.spec, tensors, [this](const nn::TensorView& copied) { store_.drop_pages(copied); });

  max_positions_ = static_cast<size_t>(architecture.spec.embeddings.max_position_embeddings);
  max_seq_length_ = max_positions_;
  if (config.max_seq_length) {
    max_seq_length_ = std::min(max_positions_, static_cast<size_t>(*config.max_seq_length));
    if (static_cast<size_t>(*config.max_seq_length) > max_positions_) {
      notes_.push_back("max_seq_length " + std::to_string(*config.max_seq_length) + " is more than the model's " +
                       std::to_string(max_positions_) + " positions: texts are cut to " +
                       std::to_string(max_positions_) + " tokens, where the reference fails");
    }
  } else if (const auto limit = tokenizer_.model_max_length()) {
    max_seq_length_ = std::min(max_positions_, *limit);
  }
  if (!tokenizer_.note().empty()) notes_.push_back(tokenizer_.note());
}

void Transformer::set_max_seq_length(size_t tokens) {
  if (tokens > max_positions_) {
    throw InvalidArgumentError("max_seq_length " + std::to_string(tokens) + " is more than the " +
                               std::to_string(max_positions_) + " positions of the model");
  }
  const size_t special = tokenizer_.num_special_tokens(false);
  if (tokens < std::max<size_t>(special, 1)) {
    throw InvalidArgumentError("max_seq_length " + std::to_string(tokens) + " leaves no room: the tokenizer adds " +
                               std::to_string(special) + " special tokens to each text");
  }
  max_seq_length_ = tokens;
}

std::optional<size_t> Transformer::max_length(Task task) const {
  if (config_.text_processing.truncation == "do_not_truncate") return std::nullopt;
  std::optional<int64_t> limit = config_.text_processing.max_length;
  if (!limit && task == Task::kQuery) limit = config_.query_length;
  if (!limit && task == Task::kDocument) limit = config_.document_length;
  return limit ? static_cast<size_t>(*limit) : max_seq_length_;
}

void Transformer::tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                           tokenizer::Encoding& out) const {
  const tokenizer::EncodeOptions options{
      .max_length = max_length(task).value_or(tokenizer::kNoLimit),
      .add_special_tokens = config_.text_processing.add_special_tokens,
  };
  if (second) {
    tokenizer_.encode_pair(first, *second, options, out);
  } else {
    tokenizer_.encode(first, options, out);
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
  float* hidden =
      features.token_embeddings.resize(features.batch.num_tokens(), static_cast<size_t>(encoder_->spec().hidden_size));
  encoder_->forward(features.batch, workspace, hidden);
}

std::optional<size_t> Transformer::embedding_dimension() const {
  return static_cast<size_t>(encoder_->spec().hidden_size);
}

std::string Transformer::description() const {
  const nn::EncoderSpec& spec = encoder_->spec();
  return "Transformer({'model_type': '" + model_type_ + "', 'hidden_size': " + std::to_string(spec.hidden_size) +
         ", 'num_hidden_layers': " + std::to_string(spec.layers.size()) +
         ", 'max_seq_length': " + (max_seq_length_ ? std::to_string(*max_seq_length_) : "None") + "})";
}

}  // namespace sbert::modules
