#pragma once

#include <cstddef>
#include <string>

#include "common/aligned_buffer.h"
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
  size_t prompt_length = 0;          // tokens at the head of each text that belong to the prompt
  FeatureMatrix token_embeddings;    // [T, H]
  FeatureMatrix sentence_embedding;  // [N, D]
};

/// Which matrix a module reads or writes (`module_input_name`, `module_output_name`).
enum class FeatureName { kTokenEmbeddings, kSentenceEmbedding };

/// Throws UnsupportedError naming `source` for any other name.
FeatureName parse_feature_name(const std::string& name, const std::string& source);
const char* feature_name(FeatureName name) noexcept;

/// Throws InvalidModelError when no earlier module made it.
FeatureMatrix& require_feature(Features& features, FeatureName name, const char* module);

}  // namespace sbert::modules
