#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sbert::tokenizer {

enum class TruncationDirection : uint8_t { kRight, kLeft };  ///< the end that is cut off

/// The `truncation` block of tokenizer.json. Its strategy and stride are only checked: we always cut longest_first, and
/// give no overflowing parts.
struct StoredTruncation {
  std::optional<size_t> max_length;
  TruncationDirection direction = TruncationDirection::kRight;
};

struct PairLengths {
  size_t first, second;
};

/// How many tokens of each text of a pair remain when both together may have `max_length` (longest_first).
PairLengths truncate_longest_first(PairLengths lengths, size_t max_length) noexcept;

}  // namespace sbert::tokenizer
