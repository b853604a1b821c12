#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sbert::nn {

/// N texts of any length, T tokens in all, one behind the other: never padded. Token-wise steps run over T rows and do
/// not see texts; attention and pooling run text by text between two offsets.
struct PackedBatch {
  std::vector<int32_t> token_ids;     // [T]
  std::vector<int32_t> type_ids;      // [T]
  std::vector<int32_t> positions;     // [T], 0, 1, ... in each text
  std::vector<size_t> offsets = {0};  // [N + 1]; text i is tokens [offsets[i], offsets[i + 1])

  size_t num_texts() const noexcept { return offsets.size() - 1; }
  size_t num_tokens() const noexcept { return token_ids.size(); }
  size_t length(size_t text) const noexcept { return offsets[text + 1] - offsets[text]; }

  void clear() {
    token_ids.clear();
    type_ids.clear();
    positions.clear();
    offsets.assign(1, 0);
  }
  void add_text(std::span<const int32_t> ids, std::span<const int32_t> types) {
    token_ids.insert(token_ids.end(), ids.begin(), ids.end());
    type_ids.insert(type_ids.end(), types.begin(), types.end());
    for (size_t i = 0; i < ids.size(); ++i) positions.push_back(static_cast<int32_t>(i));
    offsets.push_back(token_ids.size());
  }
};

}  // namespace sbert::nn
