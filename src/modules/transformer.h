#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "formats/tensor_store.h"
#include "formats/transformer_config.h"
#include "modules/module.h"
#include "nn/encoder.h"
#include "tokenizer/tokenizer.h"

namespace sbert::modules {

/// What the input is for: picks query_length or document_length where the model has them.
enum class Task { kNone, kQuery, kDocument };

/// Text -> token_embeddings: a tokenizer and an encoder. `sentence_transformers.base.modules.Transformer`.
class Transformer : public Module {
 public:
  static std::unique_ptr<Transformer> load(const ModuleSource& source);
  /// A folder without modules.json, where sentence_bert_config.json is not read either (features 2-05).
  static std::unique_ptr<Transformer> load_plain(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override;
  size_t num_parameters() const override { return num_parameters_; }
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return store_.files(); }

  /// Tokens of one text, or of a pair: as this module receives them, at most max_length(task).
  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const;
  /// Tokens of a prompt alone, without a special token behind it (features 2-20).
  size_t prompt_length(std::string_view prompt, Task task) const;

  /// Most tokens of an input; nothing where there is no limit.
  std::optional<size_t> max_seq_length() const { return max_seq_length_; }
  /// Throws InvalidArgumentError when `tokens` is more than the model has positions for, or leaves no room for text.
  void set_max_seq_length(size_t tokens);

  const tokenizer::Tokenizer& tokenizer() const { return tokenizer_; }
  const std::string& model_type() const { return model_type_; }
  /// Where this module may differ from what the reference makes of the folder: one sentence each, for `sbert info`.
  std::vector<std::string> notes() const { return notes_; }

 private:
  Transformer(const ModuleSource& source, const formats::TransformerConfig& config);
  std::optional<size_t> max_length(Task task) const;

  std::string model_type_;
  formats::TransformerConfig config_;
  formats::TensorStore store_;  // the word embeddings stay in its files
  tokenizer::Tokenizer tokenizer_;
  std::optional<nn::Encoder> encoder_;
  std::optional<size_t> max_seq_length_;
  size_t max_positions_ = 0;
  size_t num_parameters_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace sbert::modules
