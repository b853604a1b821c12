#include "tokenizer/bpe_merges.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <queue>

namespace sbert::tokenizer {

BpeMergeTable::BpeMergeTable(size_t capacity)
    : seeds_(hash_seeds()), slots_(std::bit_ceil(std::max<size_t>(16, capacity * 2))), mask_(slots_.size() - 1) {}

void BpeMergeTable::set(int32_t left, int32_t right, Merge merge) {
  const uint64_t key = key_of(left, right);
  size_t i = hash_of(key) & mask_;
  while (slots_[i].key != key && slots_[i].key != kFree) i = (i + 1) & mask_;
  slots_[i] = {key, merge};
}

size_t merge_few_pairs(const BpeMergeTable& merges, int32_t* ids, size_t count) noexcept {
  constexpr uint32_t kNoRank = BpeMergeTable::kNoRank;
  // Of the pair that starts at each place; the last place's stays kNoRank.
  std::array<uint32_t, kFewIds> ranks;
  std::array<int32_t, kFewIds> merged;
  const auto look_up = [&](size_t i) {
    const BpeMergeTable::Merge merge = merges.find(ids[i], ids[i + 1]);
    ranks[i] = merge.rank;
    merged[i] = merge.merged;
  };
  for (size_t i = 0; i + 1 < count; ++i) look_up(i);

  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) best = ranks[i] < ranks[best] ? i : best;
    if (ranks[best] == kNoRank) break;
    ids[best] = merged[best];
    --count;
    for (size_t i = best + 1; i < count; ++i) {
      ids[i] = ids[i + 1];
      ranks[i - 1] = ranks[i];
      merged[i - 1] = merged[i];
    }
    if (best > 0) look_up(best - 1);
    if (best + 1 < count) look_up(best);
  }
  return count;
}

// A list of the ids that are left, and a heap of the pairs that can merge. A pair's entry may be out of date when its
// turn comes: like `tokenizers`, it is then used all the same if what stands there now merges to the same id.
size_t merge_pairs(const BpeMergeTable& merges, int32_t* ids, size_t count) {
  if (count < 2) return count;
  struct Candidate {
    uint32_t rank;
    int32_t merged;
    size_t position;
    bool operator<(const Candidate& other) const noexcept {  // std::priority_queue gives the largest first
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  constexpr size_t kGone = std::numeric_limits<size_t>::max();
  struct Links {
    size_t previous, next;  // next: kGone for what was merged into its left neighbour, `count` at the end
  };
  std::vector<Links> links(count);
  std::vector<Candidate> first_candidates;
  first_candidates.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    links[i] = {i - 1, i + 1};
    if (i + 1 == count) break;
    const BpeMergeTable::Merge merge = merges.find(ids[i], ids[i + 1]);
    if (merge.rank != BpeMergeTable::kNoRank) first_candidates.push_back({merge.rank, merge.merged, i});
  }
  std::priority_queue<Candidate> candidates({}, std::move(first_candidates));
  const auto add_candidate = [&](size_t left, size_t right) {
    const BpeMergeTable::Merge merge = merges.find(ids[left], ids[right]);
    if (merge.rank != BpeMergeTable::kNoRank) candidates.push({merge.rank, merge.merged, left});
  };

  while (!candidates.empty()) {
    const Candidate top = candidates.top();
    candidates.pop();
    const size_t left = top.position, right = links[left].next;
    if (right == kGone || right == count) continue;
    const BpeMergeTable::Merge now = merges.find(ids[left], ids[right]);
    if (now.rank == BpeMergeTable::kNoRank || now.merged != top.merged) continue;
    const size_t behind = links[right].next;
    ids[left] = top.merged;
    links[left].next = behind;
    links[right].next = kGone;
    if (behind != count) links[behind].previous = left;
    if (left != 0) add_candidate(links[left].previous, left);
    if (behind != count) add_candidate(left, behind);
  }

  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (links[i].next != kGone) ids[kept++] = ids[i];
  }
  return kept;
}

}  // namespace sbert::tokenizer
