#pragma once

#include <memory>
#include <string>

#include "modules/embedding_table.h"
#include "modules/module.h"
#include "tokenizer/tokenizer.h"

namespace sbert::modules {

/// The mean of the vectors of a text's tokens, without special tokens; zeros where there are none (features 2-60).
/// `sentence_transformers.sentence_transformer.modules.StaticEmbedding`; also what model2vec saves.
class StaticEmbedding : public InputModule {
 public:
  static std::unique_ptr<StaticEmbedding> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return table_.cols(); }
  size_t num_parameters() const override { return table_.rows() * table_.cols(); }
  std::string description() const override { return "StaticEmbedding({})"; }
  std::vector<std::filesystem::path> weight_files() const override { return table_.files(); }

  /// Cut only where tokenizer.json itself says so.
  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const override;
  size_t prompt_length(std::string_view, Task) const override { return 0; }  // nothing is pooled
  std::optional<size_t> max_seq_length() const override { return std::nullopt; }
  /// Throws InvalidArgumentError: texts of any length are read.
  void set_max_seq_length(size_t tokens) override;
  std::string_view id_to_token(int32_t id, Task) const override { return tokenizer_.id_to_token(id); }
  std::string tokenizer_description() const override {
    return tokenizer_.source_file() + " (" + tokenizer_.model_type() + ")";
  }
  std::string architecture() const override { return "StaticEmbedding"; }
  std::vector<std::string> notes() const override;

 protected:
  std::vector<std::string> config_files() const override { return {"tokenizer.json"}; }

 private:
  explicit StaticEmbedding(const ModuleSource& source);

  tokenizer::Tokenizer tokenizer_;
  EmbeddingTable table_;
};

}  // namespace sbert::modules
