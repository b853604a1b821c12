#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace sbert::common {

/// Uninitialised floats for kernels: the start is aligned to 64 bytes, and 64 floats behind the end may be read (their
/// values never reach a result).
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;  // a cache line, and the widest vector
  static constexpr size_t kPadding = 64;

  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { reserve(size); }
  AlignedBuffer(AlignedBuffer&& other) noexcept { *this = std::move(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { std::free(data_); }

  /// Makes room for `size` floats; the old content is lost when it has to grow.
  float* reserve(size_t size) {
    if (size <= capacity_ && data_ != nullptr) return data_;
    std::free(data_);
    capacity_ = 0;
    constexpr size_t kFloatsPerLine = kAlignment / sizeof(float);
    const size_t padded = (size + kPadding + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
    data_ = static_cast<float*>(std::aligned_alloc(kAlignment, padded * sizeof(float)));
    if (data_ == nullptr) throw std::bad_alloc();
    for (size_t i = size; i < padded; ++i) data_[i] = 0.0f;
    capacity_ = size;
    return data_;
  }

  float* data() noexcept { return data_; }
  const float* data() const noexcept { return data_; }
  size_t capacity() const noexcept { return capacity_; }

 private:
  float* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace sbert::common
