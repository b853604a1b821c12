#pragma once

#include <cstdint>

namespace sbert::tokenizer {

__extension__ typedef unsigned __int128 uint128_t;

/// Mixes all bits of both; the one step that the hashes of this folder are made of.
inline uint64_t fold_multiply(uint64_t a, uint64_t b) noexcept {
  const uint128_t product = static_cast<uint128_t>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

struct HashSeeds {
  uint64_t a, b;
};

/// Different in each process: no file can be made whose entries all collide.
HashSeeds hash_seeds() noexcept;

}  // namespace sbert::tokenizer
