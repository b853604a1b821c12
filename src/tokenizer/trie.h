#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// Strings -> ids, walked a byte at a time: for all strings that start at some place of a text. A double array: the
/// child of a node for a byte is at `node's base ^ byte`, if what stands there names the node as its parent.
class Trie {
 public:
  static constexpr int32_t kNone = -1;

  /// Of several equal strings the last counts; a string's id is its place in the list.
  explicit Trie(const std::vector<std::string_view>& strings);

  /// A node: where a walk has got to.
  using Node = uint32_t;
  static constexpr Node kRoot = 0;
  /// Moves to the child for the byte; false, and `node` stays, where no string goes on so.
  bool step(Node& node, char byte) const noexcept {
    const uint32_t child = units_[node].base ^ static_cast<uint8_t>(byte);
    if (units_[child].parent != node) return false;
    node = child;
    return true;
  }
  /// The id of the string that ends at the node, or kNone.
  int32_t id_at(Node node) const noexcept { return units_[node].id; }

  int32_t find(std::string_view string) const noexcept;

 private:
  class Builder;
  static constexpr uint32_t kNoParent = std::numeric_limits<uint32_t>::max();
  struct Unit {
    uint32_t base = 0;
    uint32_t parent = kNoParent;
    int32_t id = kNone;
  };
  std::vector<Unit> units_;
};

}  // namespace sbert::tokenizer
