#pragma once

#include <vector>

#include "nn/random_encoder.h"

namespace sbert::test {

/// What an encoder computes of one text, in double.
struct NaiveResult {
  /// [T, H] each: the embeddings, then the output of each layer; the last is behind the final norm.
  std::vector<std::vector<double>> hidden_states;
  std::vector<double> projection;  // [projection_dim], where there is one

  const std::vector<double>& last() const { return hidden_states.back(); }
};

/// The formulas of EncoderSpec as they stand in the papers, one number at a time. Of the engine it shares only the
/// tables that have tests of their own: rotary frequencies, relative buckets and rows, slopes.
NaiveResult naive_forward(const RandomEncoder& encoder, const TokenizedInput& text);

}  // namespace sbert::test
