#include "modules/python_text.h"

#include <algorithm>
#include <utf8proc.h>

#include "common/text.h"
#include "tokenizer/unicode.h"

namespace sbert::modules::python {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3, kSigma = 0x3C3, kFinalSigma = 0x3C2;

utf8proc_category_t category(char32_t c) noexcept {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool is_one_of(char32_t c, std::u32string_view list) noexcept {
  return list.find(c) != std::u32string_view::npos;
}

bool is_between(char32_t c, char32_t first, char32_t last) noexcept {
  return first <= c && c <= last;
}

// The Unicode properties Case_Ignorable and Cased, by the rules they are derived from
// (https://www.unicode.org/Public/UNIDATA/DerivedCoreProperties.txt).
bool is_case_ignorable(char32_t c) noexcept {
  constexpr std::u32string_view kInsideWords =
      U"'.:^`\u00a8\u00ad\u00af\u00b4\u00b7\u00b8\u0387\u055f\u05f4\u2018\u2019"
      U"\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return is_one_of(c, kInsideWords);
  }
}

bool is_cased(char32_t c) noexcept {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
      return true;
    default:  // Other_Lowercase and Other_Uppercase
      return c == 0xAA || c == 0xBA || is_between(c, 0x2B0, 0x2B8) || c == 0x2C0 || c == 0x2C1 ||
             is_between(c, 0x2E0, 0x2E4) || c == 0x345 || c == 0x37A || is_between(c, 0x1D2C, 0x1D6A) || c == 0x1D78 ||
             is_between(c, 0x1D9B, 0x1DBF) || c == 0x2071 || c == 0x207F || is_between(c, 0x2090, 0x209C) ||
             is_between(c, 0x2160, 0x217F) || is_between(c, 0x24B6, 0x24E9) || c == 0x2C7C || c == 0x2C7D ||
             c == 0xA69C || c == 0xA69D || c == 0xA770 || c == 0xA7F8 || c == 0xA7F9 || is_between(c, 0xAB5C, 0xAB5F) ||
             c == 0x10780 || is_between(c, 0x10783, 0x10785) || is_between(c, 0x10787, 0x107B0) ||
             is_between(c, 0x107B2, 0x107BA) || is_between(c, 0x1F130, 0x1F149) || is_between(c, 0x1F150, 0x1F169) ||
             is_between(c, 0x1F170, 0x1F189);
  }
}

// A sigma ends a word: a cased letter before it and none behind it, whatever case-ignorable characters lie between.
bool is_final_sigma(std::u32string_view text, size_t place) {
  size_t before = place;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  size_t behind = place + 1;
  while (behind < text.size() && is_case_ignorable(text[behind])) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_ascii_punctuation(char c) noexcept {
  return is_between(static_cast<unsigned char>(c), '!', '/') || is_between(static_cast<unsigned char>(c), ':', '@') ||
         is_between(static_cast<unsigned char>(c), '[', '`') || is_between(static_cast<unsigned char>(c), '{', '~');
}

}  // namespace

bool is_space(char32_t c) noexcept {
  return is_between(c, 0x9, 0xD) || is_between(c, 0x1C, 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         is_between(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_word(char32_t c) noexcept {
  if (c == '_') return true;
  const utf8proc_category_t kind = category(c);
  return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
         (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (const char c : text)
      out += is_between(static_cast<unsigned char>(c), 'A', 'Z') ? static_cast<char>(c + 32) : c;
    return out;
  }
  std::u32string points;
  for (size_t i = 0; i < text.size();) points += common::next_code_point(text, i);
  // A run of case-ignorable characters could be walked once for each sigma in it, but a sigma is none: the walks of two
  // sigmas overlap in one run at most.
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i] == kCapitalSigma) {
      common::append_utf8(out, is_final_sigma(points, i) ? kFinalSigma : kSigma);
      continue;
    }
    for (const char32_t c : tokenizer::unicode::lowercase(points[i])) common::append_utf8(out, c);
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t here = i;
    if (!is_space(common::next_code_point(text, i))) continue;
    if (here > begin) parts.push_back(text.substr(begin, here - begin));
    begin = i;
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

std::string_view strip_punctuation(std::string_view text) noexcept {
  while (!text.empty() && is_ascii_punctuation(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ascii_punctuation(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace sbert::modules::python
