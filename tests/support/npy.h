#pragma once

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <sbert/types.h>

#include "support/temporary_folder.h"

namespace sbert::test {

/// A .npy file as numpy.save writes it: version 1.0, C order, little endian.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
class Npy {
 public:
  static Npy read(const std::filesystem::path& path) {
    const std::string file = contents_of(path);
    if (!file.starts_with(std::string("\x93NUMPY\x01\x00", 8)))
      throw std::runtime_error(path.string() + ": not .npy 1.0");
    const size_t header_size = static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
    const std::string header = file.substr(10, header_size);
    auto after = [&](const std::string& key) { return header.substr(header.find(key) + key.size()); };
    if (!after("'fortran_order': ").starts_with("False")) throw std::runtime_error(path.string() + ": not in C order");

    Npy npy;
    npy.path_ = path.string();
    const std::string descr = after("'descr': '");
    npy.dtype_ = descr.substr(0, descr.find('\''));
    std::string shape = after("'shape': (");
    shape.resize(shape.find(')'));
    for (size_t i = 0; i < shape.size();) {
      size_t digits = 0;
      npy.shape_.push_back(std::stoul(shape.substr(i), &digits));
      i += digits;
      while (i < shape.size() && (shape[i] == ',' || shape[i] == ' ')) ++i;
    }
    npy.data_ = file.substr(10 + header_size);
    return npy;
  }

  /// "<f4", "|i1" or "|u1".
  const std::string& dtype() const { return dtype_; }
  const std::vector<size_t>& shape() const { return shape_; }

  template <typename T>
  std::vector<T> values() const {
    if (data_.size() % sizeof(T) != 0 || dtype_.substr(1) != name_of<T>()) {
      throw std::runtime_error(path_ + ": holds other values: " + dtype_);
    }
    std::vector<T> values(data_.size() / sizeof(T));
    std::memcpy(values.data(), data_.data(), data_.size());
    return values;
  }

  FloatMatrix matrix() const {
    const std::vector<float> all = values<float>();
    FloatMatrix matrix(shape_.at(0), shape_.at(1));
    std::memcpy(matrix.data(), all.data(), all.size() * sizeof(float));
    return matrix;
  }

 private:
  template <typename T>
  static std::string name_of() {
    return (std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "i" : "u") + std::to_string(sizeof(T));
  }

  std::string path_, dtype_, data_;
  std::vector<size_t> shape_;
};

}  // namespace sbert::test
