#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arch/architecture.h"
#include "formats/tensor_store.h"
#include "formats/transformer_config.h"
#include "modules/module.h"
#include "nn/encoder.h"
#include "tokenizer/tokenizer.h"

namespace sbert::modules {

/// Text -> token_embeddings, or sentence_embedding where the model itself makes one vector of a text (CLIP): a
/// tokenizer and an encoder. `sentence_transformers.base.modules.Transformer`.
class Transformer : public InputModule {
 public:
  static std::unique_ptr<Transformer> load(const ModuleSource& source);
  static std::unique_ptr<Transformer> load(const ModuleSource& source, const formats::TransformerConfig& config);
  /// A folder without modules.json, where sentence_bert_config.json is not read either (features 2-05).
  static std::unique_ptr<Transformer> load_plain(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override;
  size_t num_parameters() const override { return num_parameters_; }
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return store_.files(); }
  void save(const std::filesystem::path& source, const std::filesystem::path& folder) const override;

  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const override;
  size_t prompt_length(std::string_view prompt, Task task) const override;
  std::string_view modality() const override { return "text"; }
  void request_all_layer_embeddings() override { all_layer_embeddings_ = output_hidden_states_; }
  std::optional<size_t> max_seq_length() const override { return max_seq_length_; }
  void set_max_seq_length(size_t tokens) override;
  std::string_view id_to_token(int32_t id, Task) const override { return tokenizer_.id_to_token(id); }
  std::string tokenizer_description() const override {
    return tokenizer_.source_file() + " (" + tokenizer_.model_type() + ")";
  }
  std::string architecture() const override { return model_type_; }
  std::vector<std::string> notes() const override { return notes_; }

  /// The model itself makes one vector of a text: no Pooling follows.
  bool makes_sentence_embeddings() const { return makes_sentence_embeddings_; }

 private:
  Transformer(const ModuleSource& source, const formats::TransformerConfig& config, formats::TensorStore store,
              const common::JsonObject& model_config);
  void set_limits(const arch::Architecture& architecture);
  void set_padding(const std::filesystem::path& folder, const std::string& file);
  std::optional<size_t> max_length(Task task) const;

  std::string model_type_;
  formats::TransformerConfig config_;
  formats::TensorStore store_;  // the word embeddings stay in its files
  tokenizer::Tokenizer tokenizer_;
  std::optional<nn::Encoder> encoder_;
  std::optional<size_t> max_seq_length_;
  std::optional<size_t> max_positions_;  // texts can have no more tokens
  std::optional<int32_t> padding_id_;    // fills texts up to their limit
  bool max_seq_length_is_set_ = false;   // by set_max_seq_length
  bool makes_sentence_embeddings_ = false;
  bool output_hidden_states_ = false;  // of config.json
  bool all_layer_embeddings_ = false;  // ... and a later module reads them
  size_t num_parameters_ = 0;
  std::vector<std::string> notes_;
};

/// The module that folders of version 2 and 3 have for CLIP ("0_CLIPModel"): a Transformer that makes sentence
/// embeddings.
struct CLIPModel {
  static std::unique_ptr<Transformer> load(const ModuleSource& source);
};

}  // namespace sbert::modules
