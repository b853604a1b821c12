#include "models/encode_plan.h"

#include <bit>
#include <functional>
#include <string_view>

namespace sbert::models {

// Open addressing over input numbers: 8 bytes a slot, the texts themselves are compared on a hit.
UniqueInputs find_unique(const Inputs& inputs) {
  constexpr uint32_t kEmpty = UINT32_MAX;
  const size_t n = inputs.size();
  UniqueInputs unique;
  unique.group.resize(n);
  std::vector<uint32_t> slots(std::bit_ceil(2 * n + 1), kEmpty);
  const size_t mask = slots.size() - 1;
  const std::hash<std::string_view> hash;
  for (uint32_t i = 0; i < n; ++i) {
    size_t slot = (hash(inputs.first(i)) * 31 + (inputs.pairs() ? hash(inputs.second(i)) : 0)) & mask;
    for (;; slot = (slot + 1) & mask) {
      const uint32_t group = slots[slot];
      if (group == kEmpty) {
        slots[slot] = unique.group[i] = static_cast<uint32_t>(unique.first.size());
        unique.first.push_back(i);
        break;
      }
      const uint32_t other = unique.first[group];
      if (inputs.first(other) == inputs.first(i) && inputs.second(other) == inputs.second(i)) {
        unique.group[i] = group;
        break;
      }
    }
  }
  return unique;
}

std::vector<size_t> plan_chunks(const std::vector<size_t>& lengths, size_t max_texts, size_t max_tokens) {
  std::vector<size_t> borders = {0};
  size_t tokens = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const size_t texts = i - borders.back();
    if (texts > 0 && (texts == max_texts || tokens + lengths[i] > max_tokens)) {
      borders.push_back(i);
      tokens = 0;
    }
    tokens += lengths[i];
  }
  if (!lengths.empty()) borders.push_back(lengths.size());
  return borders;
}

}  // namespace sbert::models
