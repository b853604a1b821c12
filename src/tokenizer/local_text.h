#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>

namespace sbert::tokenizer {

/// A string that needs no heap while it is short: pre-tokenizers that rewrite words must not allocate for each.
class LocalText {
 public:
  explicit LocalText(size_t capacity) { text_.reserve(capacity); }
  LocalText(const LocalText&) = delete;
  LocalText& operator=(const LocalText&) = delete;

  std::pmr::string& operator*() noexcept { return text_; }
  std::pmr::string* operator->() noexcept { return &text_; }

 private:
  std::array<char, 512> bytes_;
  std::pmr::monotonic_buffer_resource pool_{bytes_.data(), bytes_.size()};
  std::pmr::string text_{&pool_};
};

}  // namespace sbert::tokenizer
