#include "tokenizer/pattern_matcher.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace sbert::tokenizer {

PatternMatcher::PatternMatcher(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {
  if (patterns_.empty()) return;
  for (const std::string& pattern : patterns_) is_first_byte_[static_cast<uint8_t>(pattern[0])] = true;
  if (std::count(is_first_byte_.begin(), is_first_byte_.end(), true) == 1) {
    only_first_byte_ = static_cast<uint8_t>(patterns_[0][0]);
  }

  std::vector<uint32_t> sorted(patterns_.size());  // by reversed string
  std::iota(sorted.begin(), sorted.end(), 0);
  std::stable_sort(sorted.begin(), sorted.end(), [this](uint32_t a, uint32_t b) {
    return std::lexicographical_compare(
        patterns_[a].rbegin(), patterns_[a].rend(), patterns_[b].rbegin(), patterns_[b].rend(),
        [](char x, char y) { return static_cast<uint8_t>(x) < static_cast<uint8_t>(y); });
  });

  // The patterns below a node are a range of `sorted` that has the node's bytes in common.
  struct Range {
    size_t begin, end;
  };
  std::vector<Range> ranges = {{0, sorted.size()}};
  nodes_.emplace_back();
  size_t depth = 0;
  for (size_t level_begin = 0, level_end = 1; level_begin < level_end; ++depth) {
    for (size_t node = level_begin; node < level_end; ++node) {
      auto [i, end] = ranges[node];
      if (depth > 0 && patterns_[sorted[i]].size() == depth) nodes_[node].best = sorted[i] + 1;
      while (i < end && patterns_[sorted[i]].size() == depth) ++i;
      nodes_[node].first_child = static_cast<uint32_t>(nodes_.size());
      while (i < end) {
        const auto byte_of = [&](size_t k) { return patterns_[sorted[k]].rbegin()[static_cast<ptrdiff_t>(depth)]; };
        const size_t begin = i;
        while (i < end && byte_of(i) == byte_of(begin)) ++i;
        nodes_.push_back({.byte = static_cast<uint8_t>(byte_of(begin))});
        ranges.push_back({begin, i});
        ++nodes_[node].num_children;
      }
    }
    level_begin = level_end;
    level_end = nodes_.size();
  }

  for (uint32_t i = 0; i < nodes_[0].num_children; ++i) {
    root_children_[nodes_[nodes_[0].first_child + i].byte] = nodes_[0].first_child + i;
  }
  for (uint32_t parent = 0; parent < nodes_.size(); ++parent) {  // parents come before children
    for (uint32_t i = 0; i < nodes_[parent].num_children; ++i) {
      Node& node = nodes_[nodes_[parent].first_child + i];
      node.fail = parent == 0 ? 0 : next_state(nodes_[parent].fail, node.byte);
      if (node.best == 0) node.best = nodes_[node.fail].best;
    }
  }
}

uint32_t PatternMatcher::child(uint32_t node, uint8_t byte) const noexcept {
  if (node == 0) return root_children_[byte];
  const Node* begin = nodes_.data() + nodes_[node].first_child;
  const Node* end = begin + nodes_[node].num_children;
  const Node* found = std::lower_bound(begin, end, byte, [](const Node& n, uint8_t b) { return n.byte < b; });
  return found != end && found->byte == byte ? static_cast<uint32_t>(found - nodes_.data()) : 0;
}

uint32_t PatternMatcher::next_state(uint32_t state, uint8_t byte) const noexcept {
  while (true) {
    const uint32_t next = child(state, byte);
    if (next != 0 || state == 0) return next;
    state = nodes_[state].fail;
  }
}

size_t PatternMatcher::first_candidate(std::string_view text) const noexcept {
  if (text.empty()) return 0;
  if (only_first_byte_ >= 0) {
    const void* found = std::memchr(text.data(), only_first_byte_, text.size());
    return found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
  }
  size_t i = 0;
  while (i < text.size() && !is_first_byte_[static_cast<uint8_t>(text[i])]) ++i;
  return i;
}

void PatternMatcher::find_backwards(std::string_view text, std::vector<Match>& matches) const {
  matches.clear();
  if (empty()) return;
  const size_t first = first_candidate(text);
  uint32_t state = 0;
  for (size_t i = text.size(); i-- > first;) {
    state = next_state(state, static_cast<uint8_t>(text[i]));
    if (nodes_[state].best != 0) matches.push_back({i, nodes_[state].best - 1});
  }
}

}  // namespace sbert::tokenizer
