#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sbert/export.h>

namespace sbert {

/// A dense matrix [rows, cols], row-major and contiguous, owning its values.
template <typename T>
class Matrix {
 public:
  using value_type = T;

  Matrix() = default;
  Matrix(size_t rows, size_t cols) : rows_(rows), cols_(cols), data_(rows * cols) {}

  size_t rows() const noexcept { return rows_; }
  size_t cols() const noexcept { return cols_; }
  bool empty() const noexcept { return rows_ == 0; }

  T* data() noexcept { return data_.data(); }
  const T* data() const noexcept { return data_.data(); }
  std::span<T> row(size_t i) noexcept { return {data_.data() + i * cols_, cols_}; }
  std::span<const T> row(size_t i) const noexcept { return {data_.data() + i * cols_, cols_}; }
  std::span<const T> values() const noexcept { return data_; }
  T& operator()(size_t i, size_t j) noexcept { return data_[i * cols_ + j]; }
  const T& operator()(size_t i, size_t j) const noexcept { return data_[i * cols_ + j]; }

 private:
  size_t rows_ = 0;
  size_t cols_ = 0;
  std::vector<T> data_;
};

using FloatMatrix = Matrix<float>;

/// A float matrix [rows, cols] that somebody else owns, row-major and contiguous.
struct MatrixView {
  const float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;

  MatrixView() = default;
  MatrixView(const float* values, size_t num_rows, size_t num_cols) : data(values), rows(num_rows), cols(num_cols) {}
  MatrixView(const FloatMatrix& matrix) : data(matrix.data()), rows(matrix.rows()), cols(matrix.cols()) {}  // NOLINT
  /// One vector as a matrix of one row.
  MatrixView(const std::vector<float>& vector) : data(vector.data()), rows(1), cols(vector.size()) {}  // NOLINT

  std::span<const float> row(size_t i) const noexcept { return {data + i * cols, cols}; }
};

/// Two texts that the model reads as one sequence pair (features 2-10).
struct TextPair {
  std::string_view first;
  std::string_view second;
};

/// The inputs of one call: texts, or text pairs. A view: the strings must outlive the call. Any bytes are text;
/// ill-formed UTF-8 is read as U+FFFD.
class Inputs {
 public:
  Inputs(std::initializer_list<const char*> texts) : first_(texts.begin(), texts.end()) {}
  Inputs(std::span<const std::string> texts) : first_(texts.begin(), texts.end()) {}       // NOLINT
  Inputs(const std::vector<std::string>& texts) : first_(texts.begin(), texts.end()) {}    // NOLINT
  Inputs(std::span<const std::string_view> texts) : first_(texts.begin(), texts.end()) {}  // NOLINT
  Inputs(std::vector<std::string_view> texts) : first_(std::move(texts)) {}                // NOLINT
  Inputs(std::span<const TextPair> pairs) : pairs_(true) {                                 // NOLINT
    first_.reserve(pairs.size());
    second_.reserve(pairs.size());
    for (const TextPair& pair : pairs) {
      first_.push_back(pair.first);
      second_.push_back(pair.second);
    }
  }
  Inputs(const std::vector<TextPair>& pairs) : Inputs(std::span(pairs)) {}  // NOLINT

  size_t size() const noexcept { return first_.size(); }
  bool pairs() const noexcept { return pairs_; }
  /// The text, or the first text of the pair.
  std::string_view first(size_t i) const noexcept { return first_[i]; }
  /// The second text of the pair; empty when the inputs are not pairs.
  std::string_view second(size_t i) const noexcept { return pairs_ ? second_[i] : std::string_view(); }

 private:
  bool pairs_ = false;
  std::vector<std::string_view> first_;
  std::vector<std::string_view> second_;
};

/// What a call does with texts longer than the model takes.
enum class TruncationPolicy {
  kWarn,    ///< cut them, and log one line: "12 of 500 texts were cut to 256 tokens"
  kError,   ///< throw InvalidArgumentError naming the first one, before anything is computed
  kSilent,  ///< cut them
};

/// How many tokens a text has (special tokens and prompt included) and how many of them the model was given.
struct TokenCount {
  size_t tokens = 0;
  size_t used = 0;
};

}  // namespace sbert
