#pragma once

#include <cstddef>
#include <vector>

#include "nn/encoder_spec.h"
#include "nn/packed_batch.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The angle by which each pair of values turns from one position to the next, [size / 2]: in float32, step by step as
/// transformers' ROPE_INIT_FUNCTIONS, because at far positions a last bit of them is a large angle.
std::vector<float> rotary_frequencies(const RotarySpec& spec);

/// Turns the first spec.size values of each of `heads` heads, which stand side by side from x on, with x_stride floats
/// between tokens: (a, b) -> (a cos - b sin, b cos + a sin) for each pair, by position * frequency.
void rotate(const RotarySpec& spec, const PackedBatch& batch, size_t heads, size_t head_size, float* x, size_t x_stride,
            Workspace& workspace);

}  // namespace sbert::nn
