#include "tokenizer/truncation.h"

#include <algorithm>
#include <utility>

namespace sbert::tokenizer {

PairLengths truncate_longest_first(PairLengths lengths, size_t max_length) noexcept {
  auto [shorter, longer] = lengths;
  if (shorter <= max_length && longer <= max_length - shorter) return lengths;
  const bool swapped = shorter > longer;
  if (swapped) std::swap(shorter, longer);
  if (shorter <= max_length / 2) {
    longer = max_length - shorter;  // the shorter one stays whole
  } else {
    shorter = max_length / 2;
    longer = shorter + max_length % 2;
  }
  return swapped ? PairLengths{longer, shorter} : PairLengths{shorter, longer};
}

}  // namespace sbert::tokenizer
