#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// Finds all places where one of many strings occurs, in time linear in the text whatever the strings are.
///
/// It is an Aho-Corasick automaton of the reversed strings that reads the text backwards: at each place it knows the
/// longest string that starts there, which is what "leftmost, then longest" asks for. (Forwards, that rule makes the
/// automaton read parts of the text again and again.)
class PatternMatcher {
 public:
  struct Match {
    size_t start;
    uint32_t pattern;
  };

  PatternMatcher() = default;
  /// None of the strings may be empty; of equal ones the first is found.
  explicit PatternMatcher(std::vector<std::string> patterns);

  bool empty() const noexcept { return patterns_.empty(); }
  const std::string& pattern(uint32_t index) const noexcept { return patterns_[index]; }

  /// Overwrites `matches` with the longest match at each place that has one, from the last place to the first.
  void find_backwards(std::string_view text, std::vector<Match>& matches) const;

 private:
  struct Node {
    uint32_t first_child = 0;
    uint32_t fail = 0;
    uint32_t best = 0;  // longest pattern (reversed) that ends here, index plus one; 0 = none
    uint16_t num_children = 0;
    uint8_t byte = 0;
  };
  uint32_t child(uint32_t node, uint8_t byte) const noexcept;
  uint32_t next_state(uint32_t state, uint8_t byte) const noexcept;
  size_t first_candidate(std::string_view text) const noexcept;

  std::vector<std::string> patterns_;
  std::vector<Node> nodes_;  // breadth first, the children of a node side by side and sorted by byte; 0 is the root
  std::array<uint32_t, 256> root_children_{};
  std::array<bool, 256> is_first_byte_{};
  int only_first_byte_ = -1;  // where all patterns start with the same byte
};

}  // namespace sbert::tokenizer
