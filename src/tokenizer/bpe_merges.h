#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "tokenizer/hash.h"

namespace sbert::tokenizer {

/// Which pairs of ids become one: (left, right) -> (rank, merged id). Open addressing, one cache line a look-up.
class BpeMergeTable {
 public:
  static constexpr uint32_t kNoRank = std::numeric_limits<uint32_t>::max();
  struct Merge {
    uint32_t rank = kNoRank;  ///< the lower, the earlier; kNoRank where the pair does not merge
    int32_t merged = 0;
  };

  explicit BpeMergeTable(size_t capacity);
  /// A pair that is there already gets the new rank. At most `capacity` pairs; ids are not negative.
  void set(int32_t left, int32_t right, Merge merge);

  Merge find(int32_t left, int32_t right) const noexcept {
    const uint64_t key = key_of(left, right);
    for (size_t i = hash_of(key);; ++i) {
      const Slot& slot = slots_[i & mask_];
      if (slot.key == key || slot.key == kFree) return slot.merge;
    }
  }

 private:
  static constexpr uint64_t kFree = std::numeric_limits<uint64_t>::max();
  struct Slot {
    uint64_t key = kFree;
    Merge merge;
  };
  static uint64_t key_of(int32_t left, int32_t right) noexcept {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  size_t hash_of(uint64_t key) const noexcept { return static_cast<size_t>(fold_multiply(key ^ seeds_.a, seeds_.b)); }

  HashSeeds seeds_;
  std::vector<Slot> slots_;
  size_t mask_;
};

/// Merges the best pair of neighbours, the leftmost among equals, until no pair merges; gives the new number of ids.
/// Linear but for a logarithm, whatever the ids. As `tokenizers` does it, even where ids stand for several strings.
size_t merge_pairs(const BpeMergeTable& merges, int32_t* ids, size_t count);

/// The same, faster for few ids (at most kFewIds), where each merged string is longer than both of its parts and no
/// two strings have the same id: then a pair's id says which merge made it.
inline constexpr size_t kFewIds = 40;
size_t merge_few_pairs(const BpeMergeTable& merges, int32_t* ids, size_t count) noexcept;

}  // namespace sbert::tokenizer
