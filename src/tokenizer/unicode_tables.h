#pragma once

#include <cstdint>
#include <utf8proc.h>

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
struct GraphemeRange {
  char32_t first, last;
  utf8proc_boundclass_t value;
};
enum class ConjunctKind : uint8_t { kNone, kConsonant, kLinker };
struct ConjunctRange {
  char32_t first, last;
  ConjunctKind value;
};
struct ScriptRange {
  char32_t first, last;
  uint8_t value;
};
struct Mapping {
  char32_t from;
  char32_t to[4];  // ends at the first 0
};

#include "tokenizer/unicode_differences.inc"
#include "tokenizer/unicode_scripts.inc"

}  // namespace
}  // namespace sbert::tokenizer::unicode
