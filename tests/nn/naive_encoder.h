#pragma once

#include <vector>

#include "nn/random_encoder.h"

namespace sbert::test {

/// The last hidden states [T, H] of one text: the formulas of BERT as they stand in the papers, in double, sharing no
/// code with the engine.
std::vector<double> naive_forward(const RandomEncoder& encoder, const TokenizedInput& text);

}  // namespace sbert::test
