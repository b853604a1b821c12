#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/aligned_buffer.h"
#include "nn/encoder_spec.h"

namespace sbert::nn {

/// Cosines and sines of the angles of rotary position embeddings, for the positions seen so far.
struct RotaryTable {
  RotarySpec spec;
  size_t positions = 0;
  common::AlignedBuffer values;  // [positions, 2, size / 2]: cosines, then sines
};

/// The buffers of one thread's forward pass, kept between passes. Each grows to what the largest batch needs.
struct Workspace {
  common::AlignedBuffer qkv;            // [T, (heads + 2 key-value heads) * head_size]
  common::AlignedBuffer context;        // [T, heads * head_size]
  common::AlignedBuffer projection;     // [T, H]: what a sublayer adds to its input
  common::AlignedBuffer normed;         // [T, H]: the input of a sublayer behind its norm
  common::AlignedBuffer mlp, mlp_gate;  // [row block, intermediate_size]
  common::AlignedBuffer keys;           // one head's keys as a packed matrix [head_size, text length]
  common::AlignedBuffer scores;         // [query block, keys in range]
  common::AlignedBuffer distance_bias;  // [2 * text length - 1], of one head

  common::AlignedBuffer content_to_position;  // [query block, positions in range]: disentangled attention
  common::AlignedBuffer position_to_content;  // [text length, positions in range]
  std::vector<int32_t> position_columns;      // [2 * text length - 1]

  common::AlignedBuffer embeddings;          // [T, E] before the projection to H; [T, H] for the convolution
  common::AlignedBuffer convolution_input;   // [T + N * (kernel_size - 1), H / groups]
  common::AlignedBuffer convolution_output;  // as many rows
  std::vector<RotaryTable> rotary;           // one for each spec
};

}  // namespace sbert::nn
