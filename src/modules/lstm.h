#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/tensor_store.h"
#include "modules/module.h"
#include "nn/linear.h"

namespace sbert::modules {

/// torch.nn.LSTM over the tokens of a text, forwards or both ways (features 2-55).
/// `sentence_transformers.sentence_transformer.modules.LSTM`.
class LSTM : public Module {
 public:
  static std::unique_ptr<LSTM> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return hidden_size_ * num_directions(); }
  size_t num_parameters() const override;
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override { return weight_files_; }

 protected:
  std::vector<std::string> config_files() const override { return {"lstm_config.json"}; }

 private:
  /// Reads the tokens of a text from one end to the other.
  struct Direction {
    nn::Linear input, hidden;  // weight_ih, weight_hh: [4 H, ...], the gates i, f, g, o below each other
    bool backwards = false;
  };
  explicit LSTM(const ModuleSource& source);
  size_t num_directions() const { return bidirectional_ ? 2 : 1; }
  Direction load_direction(const formats::TensorStore& store, size_t layer, bool backwards) const;
  /// x [T, .] -> columns [column, column + H) of out.
  void run(const Direction& direction, const nn::PackedBatch& batch, const FeatureMatrix& x, FeatureMatrix& out,
           size_t column) const;

  size_t input_size_ = 0, hidden_size_ = 0, num_layers_ = 1;
  double dropout_ = 0;
  bool bidirectional_ = true;
  std::vector<std::vector<Direction>> layers_;
  std::string source_;  // lstm_config.json, for messages
  std::vector<std::filesystem::path> weight_files_;
};

}  // namespace sbert::modules
