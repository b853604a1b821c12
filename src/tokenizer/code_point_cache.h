#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace sbert::tokenizer {

/// A function of the code point, worked out once per block of 256 when the block is first met, and then a table
/// lookup. A whole table at load would cost a hundred times the load of a vocabulary. Any number of threads.
/// Covers planes 0 and 1; what lies above is rare and not kept.
template <class Entry>
class CodePointCache {
 public:
  static constexpr char32_t kEnd = 0x20000;

  CodePointCache() = default;
  CodePointCache(const CodePointCache&) = delete;
  CodePointCache& operator=(const CodePointCache&) = delete;
  ~CodePointCache() {
    for (auto& block : blocks_) delete block.load(std::memory_order_relaxed);
  }

  /// `compute(c)` gives the Entry of a code point; it must always be the same function.
  template <class Compute>
  Entry get(char32_t c, const Compute& compute) const {
    if (c >= kEnd) return compute(c);
    const Block* block = blocks_[c / kBlockSize].load(std::memory_order_acquire);
    if (block == nullptr) block = build(c / kBlockSize, compute);
    return (*block)[c % kBlockSize];
  }

 private:
  static constexpr size_t kBlockSize = 256;
  using Block = std::array<Entry, kBlockSize>;

  template <class Compute>
  const Block* build(size_t index, const Compute& compute) const {
    auto block = std::make_unique<Block>();
    for (size_t i = 0; i < kBlockSize; ++i) (*block)[i] = compute(static_cast<char32_t>(index * kBlockSize + i));
    const Block* expected = nullptr;
    // Two threads may both have built it: the first one's block stays.
    if (!blocks_[index].compare_exchange_strong(expected, block.get(), std::memory_order_acq_rel)) return expected;
    return block.release();
  }

  mutable std::array<std::atomic<const Block*>, kEnd / kBlockSize> blocks_{};
};

}  // namespace sbert::tokenizer
