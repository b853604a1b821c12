#include "tokenizer/trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <utility>

#include <sbert/error.h>

namespace sbert::tokenizer {
namespace {

struct Key {
  uint64_t head;  // the first eight bytes, big-endian: most often there is no need to look at the string itself
  std::string_view string;
  int32_t id;

  uint8_t byte_at(size_t i) const noexcept {
    return i < 8 ? static_cast<uint8_t>(head >> (56 - 8 * i)) : static_cast<uint8_t>(string[i]);
  }
};

Key key_of(std::string_view string, int32_t id) {
  uint64_t head = 0;
  for (size_t i = 0; i < 8; ++i) head = head << 8 | (i < string.size() ? static_cast<uint8_t>(string[i]) : 0);
  return {head, string, id};
}

bool comes_before(const Key& a, const Key& b) {
  if (a.head != b.head) return a.head < b.head;
  const int order = a.string.compare(b.string);
  return order != 0 ? order < 0 : a.id < b.id;
}

}  // namespace

/// Places the nodes of the sorted strings, parents first. Only the newest blocks are searched for room, so that the
/// cost stays linear; the older ones are nearly full.
class Trie::Builder {
 public:
  Builder(std::vector<Key> keys, std::vector<Unit>& units) : keys_(std::move(keys)), units_(units) {}

  void build() {
    add_block();
    take(kRoot);
    std::vector<Range> pending;
    if (!keys_.empty()) pending.push_back({kRoot, 0, keys_.size(), 0});
    while (!pending.empty()) {
      const Range range = pending.back();
      pending.pop_back();
      place_children(range, pending);
    }
  }

 private:
  static constexpr uint32_t kBlock = 256, kOpenBlocks = 4;
  // All keys that begin with the `depth` bytes that lead to `node`.
  struct Range {
    Node node;
    size_t begin, end, depth;
  };

  void place_children(Range range, std::vector<Range>& pending) {
    // Keys that end here are in front; the last of them counts.
    while (range.begin < range.end && keys_[range.begin].string.size() == range.depth) {
      units_[range.node].id = keys_[range.begin++].id;
    }
    if (range.begin == range.end) return;
    const size_t first_child = pending.size();
    size_t count = 0;
    for (size_t i = range.begin; i < range.end; ++i) {
      const auto label = keys_[i].byte_at(range.depth);
      if (count > 0 && labels_[count - 1] == label) {
        ++pending.back().end;
      } else {
        labels_[count++] = label;
        pending.push_back({0, i, i + 1, range.depth + 1});
      }
    }
    const uint32_t base = find_base(count);
    units_[range.node].base = base;
    for (size_t i = 0; i < count; ++i) {
      const Node child = base ^ labels_[i];
      take(child);
      units_[child].parent = range.node;
      pending[first_child + i].node = child;
    }
  }

  // All children of a node lie in one block: base and base ^ label differ in the low byte only.
  uint32_t find_base(size_t count) {
    if (count == 1 && !open_.empty()) {  // most nodes: any slot will do
      const Slots& slots = free_[open_.front()];
      const auto word =
          static_cast<uint32_t>(std::find_if(slots.begin(), slots.end(), std::identity()) - slots.begin());
      return (open_.front() * kBlock + word * 64 + lowest_bit(slots[word])) ^ labels_[0];
    }
    for (const uint32_t block : open_) {
      Slots bases = free_[block];
      permute(bases, labels_[0]);
      for (size_t i = 1; i < count && is_any(bases); ++i) {
        Slots others = free_[block];
        permute(others, labels_[i]);
        for (size_t word = 0; word < bases.size(); ++word) bases[word] &= others[word];
      }
      for (size_t word = 0; word < bases.size(); ++word) {
        if (bases[word] != 0) return block * kBlock + static_cast<uint32_t>(word * 64) + lowest_bit(bases[word]);
      }
    }
    return add_block() * kBlock ^ labels_[0];
  }

  // 256 bits, one for each slot of a block or for each base in it.
  using Slots = std::array<uint64_t, 4>;
  static bool is_any(const Slots& slots) noexcept { return (slots[0] | slots[1] | slots[2] | slots[3]) != 0; }
  static uint32_t lowest_bit(uint64_t word) noexcept { return static_cast<uint32_t>(std::countr_zero(word)); }

  // Moves bit i to i ^ label: from the slots that are free to the bases for which that label's slot is.
  static void permute(Slots& slots, uint8_t label) noexcept {
    constexpr std::array<uint64_t, 6> kLowerHalves = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
                                                      0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};
    if ((label & 0x80) != 0) std::swap(slots[0], slots[2]), std::swap(slots[1], slots[3]);
    if ((label & 0x40) != 0) std::swap(slots[0], slots[1]), std::swap(slots[2], slots[3]);
    for (size_t bit = 0; bit < kLowerHalves.size(); ++bit) {
      if ((label >> bit & 1) == 0) continue;
      const uint64_t lower = kLowerHalves[bit];
      const unsigned width = 1u << bit;
      for (uint64_t& word : slots) word = (word & lower) << width | (word >> width & lower);
    }
  }

  uint32_t add_block() {
    if (units_.size() > std::numeric_limits<uint32_t>::max() - 2 * kBlock) {
      throw UnsupportedError("a vocabulary with more than four billion characters is not supported");
    }
    const auto block = static_cast<uint32_t>(units_.size() / kBlock);
    units_.resize(units_.size() + kBlock);
    free_.push_back({~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}});
    if (open_.size() == kOpenBlocks) open_.erase(open_.begin());
    open_.push_back(block);
    return block;
  }

  void take(Node slot) {
    Slots& slots = free_[slot / kBlock];
    slots[slot % kBlock / 64] &= ~(uint64_t{1} << slot % 64);
    if (!is_any(slots)) std::erase(open_, slot / kBlock);
  }

  std::vector<Key> keys_;
  std::vector<Unit>& units_;
  std::vector<Slots> free_;     // per block
  std::vector<uint32_t> open_;  // the blocks that are searched
  std::array<uint8_t, 256> labels_{};
};

Trie::Trie(const std::vector<std::string_view>& strings) {
  std::vector<Key> keys;
  keys.reserve(strings.size());
  for (const std::string_view string : strings) keys.push_back(key_of(string, static_cast<int32_t>(keys.size())));
  if (!std::is_sorted(keys.begin(), keys.end(), comes_before)) std::sort(keys.begin(), keys.end(), comes_before);
  Builder(std::move(keys), units_).build();
  units_.shrink_to_fit();
}

int32_t Trie::find(std::string_view string) const noexcept {
  Node node = kRoot;
  for (const char byte : string) {
    if (!step(node, byte)) return kNone;
  }
  return id_at(node);
}

}  // namespace sbert::tokenizer
