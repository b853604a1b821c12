#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <sbert/types.h>

// How the inputs of one encode call are cut into pieces of work.
namespace sbert::models {

/// Inputs that are equal byte for byte, found once.
struct UniqueInputs {
  std::vector<uint32_t> first;  // [U]: the input that stands for each group of equal ones, ascending
  std::vector<uint32_t> group;  // [N]: input -> its group
};
UniqueInputs find_unique(const Inputs& inputs);

/// Consecutive runs of `lengths` (tokens of each text), as borders [0, ..., lengths.size()]: a run has at most
/// `max_texts` texts and at most `max_tokens` tokens, or one text that is longer.
std::vector<size_t> plan_chunks(const std::vector<size_t>& lengths, size_t max_texts, size_t max_tokens);

}  // namespace sbert::models
