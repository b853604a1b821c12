#pragma once

#include "common/aligned_buffer.h"

namespace sbert::nn {

/// The buffers of one thread's forward pass, kept between passes. Each grows to what the largest batch needs.
struct Workspace {
  common::AlignedBuffer qkv;         // [T, 3 * heads * head_size]
  common::AlignedBuffer context;     // [T, heads * head_size]
  common::AlignedBuffer projection;  // [T, H]: what a sublayer adds to its input
  common::AlignedBuffer mlp;         // [row block, intermediate_size]
  common::AlignedBuffer keys;        // one head's keys as a packed matrix [head_size, text length]
  common::AlignedBuffer scores;      // [query block, text length]
};

}  // namespace sbert::nn
