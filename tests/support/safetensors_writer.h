#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/safetensors_writer.h"
#include "support/temporary_folder.h"

namespace sbert::test {

/// Collects F32 tensors and makes the bytes of a .safetensors file of them.
class SafetensorsWriter {
 public:
  SafetensorsWriter& add(std::string_view name, std::vector<int64_t> shape, std::vector<float> values) {
    tensors_.push_back({std::string(name), std::move(shape), std::move(values)});
    return *this;
  }

  std::string bytes() const {
    std::vector<formats::TensorView> views;
    for (const Tensor& tensor : tensors_) {
      views.push_back({.name = tensor.name,
                       .dtype = formats::DType::kF32,
                       .shape = tensor.shape,
                       .bytes = std::as_bytes(std::span(tensor.values)),
                       .file = ""});
    }
    const TemporaryFolder folder;
    formats::write_safetensors(folder / "m.safetensors", views);
    return contents_of(folder / "m.safetensors");
  }

 private:
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  std::vector<Tensor> tensors_;
};

}  // namespace sbert::test
