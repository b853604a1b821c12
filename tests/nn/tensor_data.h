#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensor.h"

namespace sbert::test {

/// Owns the values of tensors that no file holds.
class TensorData {
 public:
  formats::TensorView add(std::string name, std::vector<int64_t> shape, std::vector<float> values) {
    values_.push_back(std::move(values));
    return {.name = std::move(name),
            .dtype = formats::DType::kF32,
            .shape = std::move(shape),
            .bytes = std::as_bytes(std::span(values_.back())),
            .file = "test.safetensors"};
  }
  std::deque<std::vector<float>>& values() { return values_; }

 private:
  std::deque<std::vector<float>> values_;
};

}  // namespace sbert::test
