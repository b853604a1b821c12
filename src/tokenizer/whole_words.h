#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sbert::tokenizer {

/// Remembers which entries of a vocabulary come out as one token when they are a whole word, as most words of a text
/// do. Worked out once per entry, when it is first met: the answer never depends on what came before. Any number of
/// threads.
class WholeWords {
 public:
  WholeWords() = default;
  /// For the ids below `size`.
  explicit WholeWords(size_t size) : answers_(std::make_unique<std::atomic<Answer>[]>(size)), size_(size) {}

  /// `compute()` says whether the entry is one token; it must always give the same answer for the same id.
  template <class Compute>
  bool contains(int32_t id, const Compute& compute) const {
    if (static_cast<size_t>(id) >= size_) return false;
    std::atomic<Answer>& answer = answers_[static_cast<size_t>(id)];
    Answer known = answer.load(std::memory_order_relaxed);
    if (known == Answer::kUnknown) {
      known = compute() ? Answer::kOneToken : Answer::kNot;
      answer.store(known, std::memory_order_relaxed);
    }
    return known == Answer::kOneToken;
  }

 private:
  enum class Answer : uint8_t { kUnknown, kOneToken, kNot };
  std::unique_ptr<std::atomic<Answer>[]> answers_;
  size_t size_ = 0;
};

}  // namespace sbert::tokenizer
