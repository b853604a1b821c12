#include "tokenizer/word_pattern.h"

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "tokenizer/regex_unicode.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

// Kinds of code points; of those that are none of these only ' ' and '/' matter by themselves.
constexpr uint8_t kCapital = 1;      // \p{Lu}\p{Lt}
constexpr uint8_t kSmall = 2;        // \p{Ll}
constexpr uint8_t kOtherLetter = 4;  // \p{Lm}\p{Lo}: capital and small
constexpr uint8_t kMark = 8;         // \p{M}: likewise, but no letter
constexpr uint8_t kNumber = 16;      // \p{N}
constexpr uint8_t kSpace = 32;       // \s
constexpr uint8_t kLineEnd = 64;     // [\r\n]

constexpr uint8_t kLetter = kCapital | kSmall | kOtherLetter;
constexpr uint8_t kAsCapital = kCapital | kOtherLetter | kMark;
constexpr uint8_t kAsSmall = kSmall | kOtherLetter | kMark;

uint8_t compute_kind(char32_t c) {
  using regex_unicode::Category;
  if (c == '\r' || c == '\n') return kSpace | kLineEnd;
  if (unicode::is_whitespace(c)) return kSpace;
  switch (regex_unicode::category(c)) {
    case Category::kUppercase:
    case Category::kTitlecase:
      return kCapital;
    case Category::kLowercase:
      return kSmall;
    case Category::kOtherLetter:
      return kOtherLetter;
    case Category::kMark:
      return kMark;
    case Category::kNumber:
      return kNumber;
    case Category::kOther:
      break;
  }
  return 0;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes the first of the spellings that `text` starts with, and the '|' behind it.
bool take_alternative(std::string_view& text, std::initializer_list<std::string_view> spellings) {
  for (const std::string_view spelling : spellings) {
    std::string_view rest = text;
    if (take(rest, spelling) && take(rest, "|")) {
      text = rest;
      return true;
    }
  }
  return false;
}

}  // namespace

WordPatternOptions WordPatternOptions::gpt2() noexcept {
  WordPatternOptions options;
  options.contraction = Contraction::kCaseSensitive;
  options.number_lead = true;
  return options;
}

std::optional<WordPatternOptions> WordPattern::recognize(std::string_view regex) {
  using Contraction = WordPatternOptions::Contraction;
  using Letters = WordPatternOptions::Letters;
  WordPatternOptions options;

  if (take_alternative(regex, {"'s|'t|'re|'ve|'m|'ll|'d"})) {
    options.contraction = Contraction::kCaseSensitive;
  } else if (take_alternative(regex, {"(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'(?i:[sdmt]|ll|ve|re)"})) {
    options.contraction = Contraction::kIgnoreCase;
  }

  constexpr std::string_view kContraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
  constexpr std::string_view kCased = R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)";
  constexpr std::string_view kCapitals =
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)";
  if (take_alternative(regex, {R"( ?\p{L}+)"})) {
  } else if (take_alternative(regex, {R"([^\r\n\p{L}\p{N}]?\p{L}+)", R"([^\r\n\p{L}\p{N}]?+\p{L}+)"})) {
    options.any_lead = true;
  } else if (take_alternative(regex, {R"([^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+)"})) {
    options.any_lead = true;
    options.letters = Letters::kLettersAndMarks;
  } else if (options.contraction == Contraction::kNone && take(regex, kCased)) {
    options.any_lead = true;
    options.letters = Letters::kCased;
    if (take(regex, kContraction)) options.contraction = Contraction::kIgnoreCaseBehindWord;
    const bool behind_word = options.contraction == Contraction::kIgnoreCaseBehindWord;
    if (!take(regex, "|") || !take(regex, kCapitals) || (behind_word && !take(regex, kContraction)) ||
        !take(regex, "|")) {
      return std::nullopt;
    }
  } else {
    return std::nullopt;
  }

  if (take_alternative(regex, {R"( ?\p{N}+)"})) {
    options.number_lead = true;
  } else if (take_alternative(regex, {R"(\p{N}{1,3})"})) {
    options.max_digits = 3;
  } else if (take_alternative(regex, {R"(\p{N})"})) {
    options.max_digits = 1;
  } else if (!take_alternative(regex, {R"(\p{N}+)"})) {
    return std::nullopt;
  }

  const bool marks = options.letters == Letters::kLettersAndMarks;
  if (take_alternative(regex, {marks ? R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)" : R"( ?[^\s\p{L}\p{N}]+[\r\n]*)",
                               marks ? R"( ?[^\s\p{L}\p{M}\p{N}]++[\r\n]*)" : R"( ?[^\s\p{L}\p{N}]++[\r\n]*)"})) {
    options.symbols_take_line_ends = true;
  } else if (take_alternative(regex,
                              {marks ? R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n/]*)" : R"( ?[^\s\p{L}\p{N}]+[\r\n/]*)"})) {
    options.symbols_take_line_ends = options.symbols_take_slashes = true;
  } else if (!take_alternative(regex, {marks ? R"( ?[^\s\p{L}\p{M}\p{N}]+)" : R"( ?[^\s\p{L}\p{N}]+)"})) {
    return std::nullopt;
  }

  options.line_ends = take_alternative(regex, {R"(\s*[\r\n]+)"});
  return regex == R"(\s+(?!\S)|\s+)" ? std::optional(options) : std::nullopt;
}

WordPattern::WordPattern(const WordPatternOptions& options)
    : options_(options),
      word_kinds_(options.letters == WordPatternOptions::Letters::kLetters ? kLetter : kLetter | kMark) {
  for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = compute_kind(static_cast<char32_t>(c));
}

uint8_t WordPattern::kind_at(std::string_view text, size_t i, size_t& next) const {
  const auto byte = static_cast<uint8_t>(text[i]);
  if (byte < 0x80) {
    next = i + 1;
    return ascii_[byte];
  }
  next = i;
  return cache_.get(common::next_code_point(text, next), compute_kind);
}

// The first place from `i` on whose kind is not wanted.
template <class Wanted>
size_t WordPattern::skip(std::string_view text, size_t i, const Wanted& wanted) const {
  while (i < text.size()) {
    size_t next;
    if (!wanted(kind_at(text, i, next))) break;
    i = next;
  }
  return i;
}

size_t WordPattern::match_end(std::string_view text, size_t begin) const {
  using Contraction = WordPatternOptions::Contraction;
  if (text[begin] == '\'' &&
      (options_.contraction == Contraction::kCaseSensitive || options_.contraction == Contraction::kIgnoreCase)) {
    if (const size_t end = contraction_end(text, begin); end != begin) return end;
  }
  size_t after_first;
  const uint8_t first = kind_at(text, begin, after_first);
  if (const size_t end = word_end(text, begin, after_first, first); end != begin) {
    return options_.contraction == Contraction::kIgnoreCaseBehindWord ? contraction_end(text, end) : end;
  }
  if (first & kNumber) return number_end(text, begin);
  if (first & kSpace) {
    if (text[begin] == ' ' && after_first < text.size()) {
      size_t ignored;
      const uint8_t second = kind_at(text, after_first, ignored);
      if (options_.number_lead && (second & kNumber)) return number_end(text, after_first);
      if (!(second & (kSpace | kNumber | kLetter))) return symbols_end(text, after_first);
    }
    return space_end(text, begin);
  }
  return symbols_end(text, begin);
}

// Behind 's 't 're 've 'm 'll 'd at `begin`; `begin` where there is none of them.
size_t WordPattern::contraction_end(std::string_view text, size_t begin) const {
  if (begin >= text.size() || text[begin] != '\'') return begin;
  const bool ignore_case = options_.contraction != WordPatternOptions::Contraction::kCaseSensitive;
  const std::string_view rest = text.substr(begin + 1);
  const auto letter = [&](size_t i) {
    if (i >= rest.size()) return '\0';
    return ignore_case && rest[i] >= 'A' && rest[i] <= 'Z' ? static_cast<char>(rest[i] + ('a' - 'A')) : rest[i];
  };
  switch (letter(0)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return begin + 2;
    case 'r':
    case 'v':
      return letter(1) == 'e' ? begin + 3 : begin;
    case 'l':
      return letter(1) == 'l' ? begin + 3 : begin;
    default:
      return ignore_case && rest.starts_with("\xC5\xBF") ? begin + 3 : begin;  // long s, which folds to s
  }
}

// The end of the word with its leading character, or `begin` where none starts there.
size_t WordPattern::word_end(std::string_view text, size_t begin, size_t after_first, uint8_t first) const {
  const bool leads = options_.any_lead ? !(first & (kLetter | kNumber | kLineEnd)) : text[begin] == ' ';
  if (options_.letters != WordPatternOptions::Letters::kCased) {
    const auto is_word = [this](uint8_t kind) { return (kind & word_kinds_) != 0; };
    if (first & word_kinds_) return skip(text, after_first, is_word);
    if (!leads) return begin;
    const size_t end = skip(text, after_first, is_word);
    return end != after_first ? end : begin;
  }
  // A mark may lead or belong to the word: with it in front first, then without, for each of the alternatives.
  if (leads) {
    if (const size_t end = cased_word_end(text, after_first); end != after_first) return end;
  }
  if (first & (kLetter | kMark)) {
    if (const size_t end = cased_word_end(text, begin); end != begin) return end;
  }
  if (leads) {
    if (const size_t end = capitalized_word_end(text, after_first); end != after_first) return end;
  }
  return capitalized_word_end(text, begin);
}

// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
size_t WordPattern::cased_word_end(std::string_view text, size_t begin) const {
  size_t last_small_end = begin;  // of a code point that is both, where the capitals would have to give one back
  size_t i = begin;
  while (i < text.size()) {
    size_t next;
    const uint8_t kind = kind_at(text, i, next);
    if (!(kind & kAsCapital)) break;
    if (kind & kAsSmall) last_small_end = next;
    i = next;
  }
  const size_t end = skip(text, i, [](uint8_t kind) { return (kind & kAsSmall) != 0; });
  return end != i ? end : last_small_end;
}

// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*
size_t WordPattern::capitalized_word_end(std::string_view text, size_t begin) const {
  const size_t i = skip(text, begin, [](uint8_t kind) { return (kind & kAsCapital) != 0; });
  return i == begin ? begin : skip(text, i, [](uint8_t kind) { return (kind & kAsSmall) != 0; });
}

size_t WordPattern::number_end(std::string_view text, size_t begin) const {
  size_t left = options_.max_digits == 0 ? text.size() : options_.max_digits;
  return skip(text, begin, [&left](uint8_t kind) { return (kind & kNumber) != 0 && left-- > 0; });
}

size_t WordPattern::symbols_end(std::string_view text, size_t begin) const {
  const uint8_t others = kSpace | kNumber | kLetter | word_kinds_;
  const uint8_t not_symbols = options_.letters == WordPatternOptions::Letters::kCased ? others & ~kMark : others;
  size_t i = skip(text, begin, [=](uint8_t kind) { return (kind & not_symbols) == 0; });
  if (!options_.symbols_take_line_ends) return i;
  const auto follows = [this](char c) { return c == '\r' || c == '\n' || (options_.symbols_take_slashes && c == '/'); };
  while (i < text.size() && follows(text[i])) ++i;
  return i;
}

// \s*[\r\n]+|\s+(?!\S)|\s+
size_t WordPattern::space_end(std::string_view text, size_t begin) const {
  size_t line_end = begin;  // behind the last one
  size_t last = begin;      // the last white space starts here
  size_t i = begin;
  while (i < text.size()) {
    size_t next;
    const uint8_t kind = kind_at(text, i, next);
    if (!(kind & kSpace)) break;
    if (kind & kLineEnd) line_end = next;
    last = i;
    i = next;
  }
  if (options_.line_ends && line_end != begin) return line_end;
  return i == text.size() || last == begin ? i : last;
}

}  // namespace sbert::tokenizer
