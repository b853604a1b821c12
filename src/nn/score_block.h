#pragma once

#include <cstddef>

namespace sbert::nn {

/// One head of one text in attention: q, k, v and context point at its first token.
struct AttentionHead {
  size_t number = 0;
  size_t length = 0;  // tokens of the text
  const float *q = nullptr, *k = nullptr, *v = nullptr;
  size_t stride = 0;  // floats between tokens of the three
  float* context = nullptr;
  size_t context_stride = 0;
};

/// The scores of queries [begin, end) with keys [first_key, last_key) of a text: [end - begin, last_key - first_key].
struct ScoreBlock {
  size_t begin = 0, end = 0, first_key = 0, last_key = 0;
  float* values = nullptr;

  size_t queries() const noexcept { return end - begin; }
  size_t keys() const noexcept { return last_key - first_key; }
  float* row(size_t query) const noexcept { return values + (query - begin) * keys(); }
};

}  // namespace sbert::nn
