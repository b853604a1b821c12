#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <vector>

#include "formats/tensor_store.h"
#include "modules/module.h"

namespace sbert::modules {

/// A vector for each token id, [rows, cols]. The weights stay in their file: a text reads the few rows it needs.
class EmbeddingTable {
 public:
  /// Reads the weights of the module's folder: the first of `names` that is there. Throws InvalidModelError where none
  /// is, or it is not a matrix of floats.
  EmbeddingTable(const ModuleSource& source, std::initializer_list<const char*> names);

  size_t rows() const noexcept { return rows_; }
  size_t cols() const noexcept { return cols_; }
  bool has_tensor(std::string_view name) const noexcept { return store_.find(name) != nullptr; }
  const std::vector<std::filesystem::path>& files() const noexcept { return store_.files(); }

  /// out [cols]. Throws InvalidModelError for an id that has no row.
  void copy_row(int32_t id, float* out) const;
  /// sum [cols] += the row; `buffer` is scratch.
  void add_row(int32_t id, double* sum, std::vector<float>& buffer) const;

 private:
  size_t checked_row(int32_t id) const;
  void read_row(size_t row, std::span<float> out) const;

  formats::TensorStore store_;
  const formats::TensorView* tensor_ = nullptr;  // in store_
  const float* values_ = nullptr;                // of tensor_ where they lie there as floats
  size_t rows_ = 0, cols_ = 0;
};

}  // namespace sbert::modules
