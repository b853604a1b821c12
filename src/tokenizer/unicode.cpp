#include "tokenizer/unicode.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utf8proc.h>

#include "tokenizer/unicode_tables.h"

namespace sbert::tokenizer::unicode {
namespace {

// The range of a sorted table that holds `c`, or nullptr.
template <class Range, size_t N>
const Range* find(const Range (&table)[N], char32_t c) noexcept {
  const Range* range =
      std::lower_bound(std::begin(table), std::end(table), c, [](const Range& r, char32_t x) { return r.last < x; });
  return range != std::end(table) && range->first <= c ? range : nullptr;
}

template <size_t N>
const Mapping* find(const Mapping (&table)[N], char32_t c) noexcept {
  const Mapping* mapping =
      std::lower_bound(std::begin(table), std::end(table), c, [](const Mapping& m, char32_t x) { return m.from < x; });
  return mapping != std::end(table) && mapping->from == c ? mapping : nullptr;
}

CodePoints decompose(char32_t c, int more_options) noexcept {
  CodePoints result{{}, 0};
  utf8proc_int32_t buffer[std::tuple_size_v<decltype(result.values)>];
  constexpr auto kRoom = static_cast<utf8proc_ssize_t>(std::size(buffer));
  int boundary_class = 0;
  const auto n = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), buffer, kRoom,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | more_options), &boundary_class);
  if (n < 1 || n > kRoom) return {{c}, 1};
  result.size = static_cast<size_t>(n);
  std::copy_n(buffer, n, result.values.begin());
  return result;
}

CodePoints code_points_of(const Mapping& mapping) noexcept {
  CodePoints result{{}, 0};
  while (result.size < 4 && mapping.to[result.size] != 0) {
    result.values[result.size] = mapping.to[result.size];
    ++result.size;
  }
  return result;
}

utf8proc_category_t category(char32_t c) noexcept {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool in(char32_t c, char32_t first, char32_t last) noexcept {
  return c - first <= last - first;
}

// Circled letters and the like are alphabetic although their category is So.
bool is_alphabetic_symbol(char32_t c) noexcept {
  return in(c, 0x24B6, 0x24E9) || in(c, 0x1F130, 0x1F149) || in(c, 0x1F150, 0x1F169) || in(c, 0x1F170, 0x1F189);
}

}  // namespace

bool is_whitespace(char32_t c) noexcept {
  if (c < 0x80) return c == ' ' || in(c, 9, 13);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || in(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

bool is_control(char32_t c) noexcept {
  if (const FlagRange* range = find(kControlDifferences, c)) return range->value;
  const auto cat = category(c);
  return cat == UTF8PROC_CATEGORY_CC || cat == UTF8PROC_CATEGORY_CF || cat == UTF8PROC_CATEGORY_CO;
}

bool is_punctuation(char32_t c) noexcept {
  if (c < 0x80) return in(c, '!', '/') || in(c, ':', '@') || in(c, '[', '`') || in(c, '{', '~');
  if (const FlagRange* range = find(kPunctuationDifferences, c)) return range->value;
  const auto cat = category(c);
  return cat >= UTF8PROC_CATEGORY_PC && cat <= UTF8PROC_CATEGORY_PO;
}

bool is_cjk(char32_t c) noexcept {
  return in(c, 0x3400, 0x4DBF) || in(c, 0x4E00, 0x9FFF) || in(c, 0xF900, 0xFAFF) || in(c, 0x20000, 0x2A6DF) ||
         in(c, 0x2A700, 0x2B81F) || in(c, 0x2B920, 0x2CEAF) || in(c, 0x2F800, 0x2FA1F);
}

bool is_nonspacing_mark(char32_t c) noexcept {
  if (const FlagRange* range = find(kNonspacingMarkDifferences, c)) return range->value;
  return category(c) == UTF8PROC_CATEGORY_MN;
}

bool is_word(char32_t c) noexcept {
  if (const FlagRange* range = find(kWordDifferences, c)) return range->value;
  const auto cat = category(c);
  return (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_ME) || cat == UTF8PROC_CATEGORY_ND ||
         cat == UTF8PROC_CATEGORY_NL || cat == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D ||
         is_alphabetic_symbol(c);
}

bool may_be_mark(char32_t c) noexcept {
  const auto cat = category(c);
  return cat >= UTF8PROC_CATEGORY_MN && cat <= UTF8PROC_CATEGORY_ME;
}

bool is_mark(char32_t c) noexcept {
  if (const FlagRange* range = find(kMarkDifferences, c)) return range->value;
  return may_be_mark(c);
}

bool is_numeric(char32_t c) noexcept {
  if (const FlagRange* range = find(kNumericDifferences, c)) return range->value;
  const auto cat = category(c);
  return cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO;
}

int combining_class(char32_t c) noexcept {
  if (const ClassRange* range = find(kCombiningClassDifferences, c)) return range->value;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

CodePoints decomposition(char32_t c) noexcept {
  if (const Mapping* mapping = find(kDecompositionDifferences, c)) return code_points_of(*mapping);
  return decompose(c, 0);
}

CodePoints compatibility_decomposition(char32_t c) noexcept {
  if (find(kWithoutCompatibility, c)) return {{c}, 1};
  return decompose(c, UTF8PROC_COMPAT);
}

char32_t composition(char32_t a, char32_t b) noexcept {
  constexpr char32_t kL = 0x1100, kV = 0x1161, kT = 0x11A7, kS = 0xAC00;
  constexpr char32_t kLCount = 19, kVCount = 21, kTCount = 28;
  if (in(a, kL, kL + kLCount - 1)) {
    return in(b, kV, kV + kVCount - 1) ? kS + ((a - kL) * kVCount + (b - kV)) * kTCount : 0;
  }
  if (in(a, kS, kS + kLCount * kVCount * kTCount - 1)) {
    return (a - kS) % kTCount == 0 && in(b, kT + 1, kT + kTCount - 1) ? a + (b - kT) : 0;
  }
  utf8proc_int32_t pair[2] = {static_cast<utf8proc_int32_t>(a), static_cast<utf8proc_int32_t>(b)};
  const auto n = utf8proc_normalize_utf32(pair, 2, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (n != 1) return 0;
  const auto composed = static_cast<char32_t>(pair[0]);
  return find(kDecompositionDifferences, composed) ? 0 : composed;
}

CodePoints lowercase(char32_t c) noexcept {
  if (const Mapping* mapping = find(kLowercaseDifferences, c)) return code_points_of(*mapping);
  return {{static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)))}, 1};
}

GraphemeClass grapheme_class(char32_t c) noexcept {
  const ConjunctRange* const conjunct = find(kConjuncts, c);
  if (conjunct != nullptr && conjunct->value == ConjunctKind::kLinker) return GraphemeClass::kLinker;
  if (conjunct != nullptr && conjunct->value == ConjunctKind::kConsonant) return GraphemeClass::kConsonant;
  const GraphemeRange* const difference = find(kGraphemeDifferences, c);
  const unsigned known = utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->boundclass;
  switch (difference != nullptr ? static_cast<unsigned>(difference->value) : known) {
    case UTF8PROC_BOUNDCLASS_CR:
      return GraphemeClass::kCarriageReturn;
    case UTF8PROC_BOUNDCLASS_LF:
      return GraphemeClass::kLineFeed;
    case UTF8PROC_BOUNDCLASS_CONTROL:
      return GraphemeClass::kControl;
    case UTF8PROC_BOUNDCLASS_EXTEND:
      return conjunct != nullptr ? GraphemeClass::kExtendNoConjunct : GraphemeClass::kExtend;
    case UTF8PROC_BOUNDCLASS_ZWJ:
      return GraphemeClass::kZeroWidthJoiner;
    case UTF8PROC_BOUNDCLASS_SPACINGMARK:
      return GraphemeClass::kSpacingMark;
    case UTF8PROC_BOUNDCLASS_PREPEND:
      return GraphemeClass::kPrepend;
    case UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC:
      return GraphemeClass::kPictographic;
    case UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR:
      return GraphemeClass::kRegionalIndicator;
    case UTF8PROC_BOUNDCLASS_L:
      return GraphemeClass::kHangulL;
    case UTF8PROC_BOUNDCLASS_V:
      return GraphemeClass::kHangulV;
    case UTF8PROC_BOUNDCLASS_T:
      return GraphemeClass::kHangulT;
    case UTF8PROC_BOUNDCLASS_LV:
      return GraphemeClass::kHangulLV;
    case UTF8PROC_BOUNDCLASS_LVT:
      return GraphemeClass::kHangulLVT;
    default:
      return GraphemeClass::kOther;
  }
}

uint8_t script(char32_t c) noexcept {
  const ScriptRange* const range = find(kScripts, c);
  return range != nullptr ? range->value : kNoScript;
}

}  // namespace sbert::tokenizer::unicode
