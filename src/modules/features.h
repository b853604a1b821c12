#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/aligned_buffer.h"
#include "common/json.h"
#include "nn/packed_batch.h"

namespace sbert::modules {

/// A matrix that modules hand on: [rows, cols], row-major. cols is 0 as long as no module has made it.
struct FeatureMatrix {
  common::AlignedBuffer values;
  size_t rows = 0;
  size_t cols = 0;

  float* resize(size_t new_rows, size_t new_cols) {
    rows = new_rows;
    cols = new_cols;
    return values.reserve(new_rows * new_cols);
  }
  float* row(size_t i) noexcept { return values.data() + i * cols; }
  const float* row(size_t i) const noexcept { return values.data() + i * cols; }
};

/// What flows through the modules of a model for one packed batch: the `features` dict of the reference.
struct Features {
  nn::PackedBatch batch;
  std::string task;                  // of the call (module.h)
  std::string modality;              // of the inputs: "text", or "" where the first module does not say
  size_t prompt_length = 0;          // tokens at the head of each text that belong to the prompt
  FeatureMatrix token_embeddings;    // [T, H]
  FeatureMatrix sentence_embedding;  // [N, D]
  /// What a Dense or Normalize wrote under a name of the model's own, for a later one to read: [T, ...] or [N, ...].
  struct Named {
    FeatureMatrix matrix;
    bool per_token = false;
  };
  std::map<std::string, Named, std::less<>> named;
  /// The reference's all_layer_embeddings: embeddings, then each layer's output, [T, H] each. Only where a later module
  /// asks for them (Transformer's output_hidden_states).
  std::vector<FeatureMatrix> all_layer_embeddings;
  /// Sum of the token weights of each text, [N]; empty unless WordWeights ran (features 2-59).
  std::vector<float> token_weights_sum;

  /// Forgets what modules made of another batch; buffers keep their capacity.
  void clear_outputs();
};

/// The matrices that a module reads and writes.
struct FeatureNames {
  std::string input = "sentence_embedding", output = "sentence_embedding";
};

/// `module_input_name` and `module_output_name` (default: the input's). Throws UnsupportedError for token embeddings
/// that would become the sentence embedding, or the other way round: there is not one row for each.
FeatureNames read_feature_names(const common::JsonObject& config, const char* module);

/// One row a token, or one a text.
bool is_per_token(const Features& features, std::string_view name);
/// Null where no earlier module made it.
FeatureMatrix* find_feature(Features& features, std::string_view name);
/// Throws InvalidModelError where no earlier module made it.
FeatureMatrix& require_feature(Features& features, std::string_view name, const char* module);
/// Where a module writes what it makes of `names.input`, row by row. Throws UnsupportedError as read_feature_names.
FeatureMatrix& output_feature(Features& features, const FeatureNames& names, const char* module);

}  // namespace sbert::modules
