#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modules/module.h"
#include "modules/word_tokenizer.h"

namespace sbert::modules {

/// The sum of the weights of each word of the vocabulary in a text: a vector as long as the vocabulary (features 2-59).
/// `sentence_transformers.sentence_transformer.modules.BoW`.
class BoW : public InputModule {
 public:
  static std::unique_ptr<BoW> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return weights_.size(); }
  std::string description() const override;

  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const override;
  size_t prompt_length(std::string_view, Task) const override { return 0; }
  std::optional<size_t> max_seq_length() const override { return std::nullopt; }
  /// Throws InvalidArgumentError: texts of any length are read.
  void set_max_seq_length(size_t tokens) override;
  std::string_view id_to_token(int32_t id, Task) const override { return tokenizer_.word(id); }
  std::string tokenizer_description() const override { return "config.json (WhitespaceTokenizer)"; }
  std::string architecture() const override { return "BoW"; }

 private:
  BoW(const common::JsonObject& config, const std::vector<std::string>& vocab);

  WordTokenizer tokenizer_;
  std::vector<float> weights_;             // by token id
  bool cumulative_term_frequency_ = true;  // a word that stands there twice counts twice
};

}  // namespace sbert::modules
