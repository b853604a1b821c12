#pragma once

#include <cstdint>

// The generated tables of differences and checksums, with the types of their entries. For unicode.cpp and its test
// only.
namespace sbert::tokenizer::unicode {
namespace {

struct FlagRange {
  char32_t first, last;
  bool value;
};
struct ClassRange {
  char32_t first, last;
  uint8_t value;
};
struct Mapping {
  char32_t from;
  char32_t to[4];  // ends at the first 0
};

#include "tokenizer/unicode_differences.inc"

}  // namespace
}  // namespace sbert::tokenizer::unicode
