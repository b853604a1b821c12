#pragma once

#include <memory>
#include <string>

#include "modules/embedding_table.h"
#include "modules/module.h"
#include "modules/word_tokenizer.h"

namespace sbert::modules {

/// A vector for each known word of a text (features 2-57). Its max_seq_length is only shown: no text is cut, as in the
/// reference. `sentence_transformers.sentence_transformer.modules.WordEmbeddings`.
class WordEmbeddings : public InputModule {
 public:
  static std::unique_ptr<WordEmbeddings> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return table_.cols(); }
  size_t num_parameters() const override { return table_.rows() * table_.cols(); }
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return table_.files(); }
  void save(const std::filesystem::path& source, const std::filesystem::path& folder) const override;

  /// Throws InvalidArgumentError for a pair, which the reference cannot read either.
  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const override;
  size_t prompt_length(std::string_view, Task) const override { return 0; }
  std::optional<size_t> max_seq_length() const override { return max_seq_length_; }
  void set_max_seq_length(size_t tokens) override { max_seq_length_ = tokens; }
  std::string_view id_to_token(int32_t id, Task) const override { return tokenizer_.word(id); }
  std::string tokenizer_description() const override { return tokenizer_.description(); }
  std::string architecture() const override { return "WordEmbeddings"; }

 private:
  WordEmbeddings(const ModuleSource& source, const common::JsonObject& config);

  std::string tokenizer_class_;
  WordTokenizer tokenizer_;
  EmbeddingTable table_;
  bool update_embeddings_ = false;
  size_t max_seq_length_ = 0;
};

/// The numbers of a text's words as an input module hands them on. Throws InvalidArgumentError for a pair; `module` is
/// its name.
void tokenize_words(const WordTokenizer& tokenizer, std::string_view first, std::optional<std::string_view> second,
                    const char* module, tokenizer::Encoding& out);

}  // namespace sbert::modules
