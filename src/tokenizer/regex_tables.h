#pragma once

#include <cstdint>
#include <string_view>
#include <utf8proc.h>

// The generated tables of regex_unicode.cpp, with the types of their entries.
namespace sbert::tokenizer::regex_unicode {
namespace {

struct CategoryRange {
  char32_t first, last;
  utf8proc_category_t value;
};
/// Code points that all properties treat alike.
struct GroupRange {
  char32_t first, last;
  uint16_t group;
};
/// The properties with these names (as \p{...} knows them, in small letters without '_', '-' and ' ') gain and lose
/// these groups; where the system's Oniguruma does not know them at all, they consist of what they gain.
/// Lists are words between spaces: " lu uppercaseletter ", " 3 17 ".
struct PropertyDifference {
  std::string_view names, gained, lost;
  bool is_new;
};

#include "tokenizer/regex_differences.inc"

}  // namespace
}  // namespace sbert::tokenizer::regex_unicode
