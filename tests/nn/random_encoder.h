#pragma once

#include <cstdint>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/packed_batch.h"
#include "nn/tensor_data.h"

namespace sbert::test {

/// The numbers that make a small BERT.
struct EncoderSizes {
  int64_t heads = 2, head_size = 8, intermediate_size = 40, layers = 2, vocab_size = 50, max_positions = 80;
  nn::Activation activation = nn::Activation::kGelu;
  bool bias = true;

  int64_t hidden_size() const { return heads * head_size; }
  nn::EncoderSpec spec() const;
};

/// A small spec with any of the features of EncoderSpec, for texts of up to 80 tokens.
nn::EncoderSpec random_spec(uint32_t seed);

/// A spec with random weights in memory.
struct RandomEncoder {
  RandomEncoder(const nn::EncoderSpec& spec, uint32_t seed);
  RandomEncoder(const EncoderSizes& sizes, uint32_t seed) : RandomEncoder(sizes.spec(), seed) {}

  nn::EncoderSpec spec;
  nn::EncoderTensors tensors;
  /// Every tensor of `tensors`, to change one of them.
  std::vector<nn::TensorView*> all();
  /// Makes every weight wrong by up to one rounding: what that does to a result is what rounding errors may do.
  void nudge(uint32_t seed);

 private:
  TensorData data_;
};

struct TokenizedInput {
  std::vector<int32_t> ids, types;
};

/// A text of `length` tokens of all ids and types.
TokenizedInput random_text(const nn::EncoderSpec& spec, size_t length, uint32_t seed);

nn::PackedBatch pack(const std::vector<TokenizedInput>& texts);

}  // namespace sbert::test
