#include "modules/embedding_table.h"

#include <algorithm>
#include <bit>
#include <string>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::modules {

EmbeddingTable::EmbeddingTable(const ModuleSource& source, std::initializer_list<const char*> names)
    : store_(formats::TensorStore::open(source.folder, source.access)) {
  for (const char* name : names) {
    if (tensor_ == nullptr) tensor_ = store_.find(name);
  }
  if (tensor_ == nullptr) tensor_ = &store_.require(*names.begin());  // says what is missing
  const std::string what = common::quote(tensor_->file) + ": tensor " + common::quote(tensor_->name);
  if (!formats::is_float(tensor_->dtype)) {
    throw UnsupportedError(what + " holds " + formats::dtype_name(tensor_->dtype) +
                           " values; embeddings must be F32, F16, BF16 or F64");
  }
  if (tensor_->shape.size() != 2 || tensor_->shape[0] < 1 || tensor_->shape[1] < 1) {
    throw InvalidModelError(what + " has shape " + formats::shape_to_string(tensor_->shape) +
                            ", expected [tokens, dimensions]");
  }
  rows_ = static_cast<size_t>(tensor_->shape[0]);
  cols_ = static_cast<size_t>(tensor_->shape[1]);
  const bool aligned = reinterpret_cast<std::uintptr_t>(tensor_->bytes.data()) % alignof(float) == 0;
  if (tensor_->dtype == formats::DType::kF32 && aligned && std::endian::native == std::endian::little) {
    values_ = reinterpret_cast<const float*>(tensor_->bytes.data());
  }
}

size_t EmbeddingTable::checked_row(int32_t id) const {
  const auto row = static_cast<size_t>(id);
  if (id < 0 || row >= rows_) {
    throw InvalidModelError(common::quote(tensor_->file) + ": tensor " + common::quote(tensor_->name) + " has " +
                            std::to_string(rows_) + " rows, none for the token id " + std::to_string(id) +
                            ": vocabulary and weights do not belong together");
  }
  return row;
}

void EmbeddingTable::read_row(size_t row, std::span<float> out) const {
  formats::read_floats(*tensor_, row * cols_, out);
}

void EmbeddingTable::copy_row(int32_t id, float* out) const {
  const size_t row = checked_row(id);
  if (values_ != nullptr) {
    std::copy_n(values_ + row * cols_, cols_, out);
  } else {
    read_row(row, {out, cols_});
  }
}

void EmbeddingTable::add_row(int32_t id, double* sum, std::vector<float>& buffer) const {
  const size_t row = checked_row(id);
  const float* values = nullptr;
  if (values_ != nullptr) {
    values = values_ + row * cols_;
  } else {
    buffer.resize(cols_);
    read_row(row, buffer);
    values = buffer.data();
  }
  for (size_t j = 0; j < cols_; ++j) sum[j] += static_cast<double>(values[j]);
}

}  // namespace sbert::modules
