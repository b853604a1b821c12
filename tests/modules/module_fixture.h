#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <vector>

#include "modules/module.h"
#include "support/safetensors_writer.h"
#include "support/temporary_folder.h"

namespace sbert::modules {

/// A folder of one module, and features to send through it.
class ModuleFixture : public testing::Test {
 protected:
  void write_config(const std::string& json) { folder.write("config.json", json); }
  void write_weights(const test::SafetensorsWriter& weights) { folder.write("model.safetensors", weights.bytes()); }
  ModuleSource source() const { return {.folder = folder.path(), .access = common::FileAccess::kMap}; }
  std::string config_name() const { return "'" + (folder / "config.json").string() + "'"; }

  static void set(FeatureMatrix& matrix, size_t cols, const std::vector<float>& values) {
    std::ranges::copy(values, matrix.resize(values.size() / cols, cols));
  }
  static std::vector<float> values_of(const FeatureMatrix& matrix) {
    return {matrix.values.data(), matrix.values.data() + matrix.rows * matrix.cols};
  }

  /// The sentence embeddings [N, cols] after the module.
  std::vector<float> forward(const Module& module, size_t cols, const std::vector<float>& embeddings) {
    set(features.sentence_embedding, cols, embeddings);
    module.forward(features, workspace);
    return values_of(features.sentence_embedding);
  }

  test::TemporaryFolder folder;
  Features features;
  nn::Workspace workspace;
};

}  // namespace sbert::modules
