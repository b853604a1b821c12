#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::test {

/// Makes the bytes of a .safetensors file of F32 tensors. Names must need no escapes.
class SafetensorsWriter {
 public:
  SafetensorsWriter& add(std::string_view name, const std::vector<int64_t>& shape, const std::vector<float>& values) {
    std::string dims;
    for (const int64_t size : shape) dims += (dims.empty() ? "" : ",") + std::to_string(size);
    const size_t begin = data_.size(), end = begin + values.size() * sizeof(float);
    header_ += (header_.empty() ? "\"" : ",\"") + std::string(name) + R"(":{"dtype":"F32","shape":[)" + dims +
               R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    data_.resize(end);
    if (!values.empty()) std::memcpy(data_.data() + begin, values.data(), values.size() * sizeof(float));
    return *this;
  }

  std::string bytes() const {
    const std::string header = "{" + header_ + "}";
    const uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + header + data_;
  }

 private:
  std::string header_, data_;
};

}  // namespace sbert::test
