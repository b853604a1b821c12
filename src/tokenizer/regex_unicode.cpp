#include "tokenizer/regex_unicode.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <utility>

#include "tokenizer/regex_tables.h"

namespace sbert::tokenizer::regex_unicode {
namespace {

// "L_etter" -> "letter", as Oniguruma compares names.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    plain.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
  }
  return plain;
}

bool has_word(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

const PropertyDifference* difference_of(std::string_view name) {
  const std::string plain = plain_name(name);
  if (plain.empty()) return nullptr;
  const auto found = std::find_if(std::begin(kPropertyDifferences), std::end(kPropertyDifferences),
                                  [&](const PropertyDifference& row) { return has_word(row.names, plain); });
  return found != std::end(kPropertyDifferences) ? found : nullptr;
}

void append_code_point(std::string& out, char32_t c) {
  char digits[8];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), static_cast<uint32_t>(c), 16).ptr;
  out += "\\x{";
  out.append(digits, end);
  out += '}';
}

// The ranges of the groups, as they stand in a character class.
std::string ranges_of(std::string_view groups) {
  std::string ranges;
  for (const GroupRange& range : kGroupRanges) {
    if (!has_word(groups, std::to_string(range.group))) continue;
    append_code_point(ranges, range.first);
    if (range.last == range.first) continue;
    ranges += '-';
    append_code_point(ranges, range.last);
  }
  return ranges;
}

// A character class that is the property, or all but it.
std::string class_of(const PropertyDifference& difference, std::string_view name, bool negated) {
  std::string members = ranges_of(difference.gained);
  if (!difference.is_new) members.insert(0, "\\p{" + plain_name(name) + "}");
  if (members.empty()) members = "&&";  // nothing at all
  const std::string lost = ranges_of(difference.lost);
  if (!lost.empty()) members = "[" + members + "]&&[^" + lost + "]";
  return (negated ? "[^" : "[") + members + "]";
}

// The property as a member of a character class, also where both versions mean the same by it.
std::string any_class_of(std::string_view name) {
  const PropertyDifference* const difference = difference_of(name);
  return difference != nullptr ? class_of(*difference, name, false) : "[\\p{" + std::string(name) + "}]";
}

// \p{PosixPunct}, and what [[:punct:]] means in younger versions.
std::string punctuation_or_symbol(bool negated) {
  return (negated ? "[^" : "[") + any_class_of("p") + any_class_of("s") + "]";
}

// \w as part of a character class: without the six numbers of Latin-1, which \w alone has.
std::string word_in_brackets(bool negated) {
  return (negated ? "[^" : "[") + any_class_of("word") + R"(&&[^\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}]])";
}

// Rewrites a pattern from front to end. Only what stands inside of brackets has to be told from the rest.
class Rewriter {
 public:
  explicit Rewriter(std::string_view pattern) : rest_(pattern) { find_options(); }

  std::string run() {
    while (!rest_.empty()) {
      if (rest_[0] == '\\' && rest_.size() > 1) {
        rewrite_escape();
      } else if (depth_ > 0 && rest_.starts_with("[:")) {
        rewrite_posix_bracket();
      } else if (rest_[0] == '[') {
        open_bracket();
      } else if (rest_[0] == ']' && depth_ > 0) {
        --depth_;
        copy(1);
      } else if (depth_ == 0 && rest_.starts_with("(?#")) {
        copy(std::min(rest_.find(')'), rest_.size() - 1) + 1);
      } else {
        copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  // Options anywhere: (?i) makes classes fold case, but not properties; W, D, S and P make \w and the like ASCII.
  void find_options() {
    for (size_t at = rest_.find("(?"); at != std::string_view::npos; at = rest_.find("(?", at + 1)) {
      for (size_t i = at + 2;
           i < rest_.size() && (std::isalpha(static_cast<unsigned char>(rest_[i])) || rest_[i] == '-'); ++i) {
        ignores_case_ |= rest_[i] == 'i';
        ascii_types_ |= rest_[i] == 'W' || rest_[i] == 'D' || rest_[i] == 'S' || rest_[i] == 'P';
      }
    }
  }

  void copy(size_t count) {
    out_ += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  // The class instead of the next `count` bytes.
  void replace(size_t count, const std::string& character_class) {
    const bool keeps_case = ignores_case_ && depth_ == 0;
    if (keeps_case) out_ += "(?-i:";
    out_ += character_class;
    if (keeps_case) out_ += ')';
    rest_.remove_prefix(count);
  }

  // False where the system's Oniguruma means the same.
  bool replace_property(size_t count, std::string_view name, bool negated) {
    if (plain_name(name) == "posixpunct") return replace(count, punctuation_or_symbol(negated)), true;
    const PropertyDifference* const difference = difference_of(name);
    if (difference == nullptr) return false;
    replace(count, class_of(*difference, name, negated));
    return true;
  }

  void rewrite_escape() {
    const char kind = rest_[1];
    if ((kind == 'p' || kind == 'P') && rest_.size() > 2 && rest_[2] == '{') {
      const size_t end = rest_.find('}');
      if (end != std::string_view::npos) {
        std::string_view name = rest_.substr(3, end - 3);
        bool negated = kind == 'P';
        if (name.starts_with('^')) {
          negated = !negated;
          name.remove_prefix(1);
        }
        if (replace_property(end + 1, name, negated)) return;
      }
    } else if (!ascii_types_) {
      const std::string_view name = kind == 'w' || kind == 'W'   ? "word"
                                    : kind == 'd' || kind == 'D' ? "digit"
                                    : kind == 's' || kind == 'S' ? "space"
                                                                 : "";
      if (name == "word" && depth_ > 0) return replace(2, word_in_brackets(kind < 'a'));
      if (!name.empty() && replace_property(2, name, kind < 'a')) return;
      if ((kind == 'b' || kind == 'B') && depth_ == 0) return rewrite_word_boundary(kind == 'b');
    }
    copy(2);
  }

  void rewrite_word_boundary(bool wanted) {
    const std::string word = any_class_of("word");
    const std::string before = wanted ? "!" : "=", behind = wanted ? "=" : "!";
    out_ += "(?:(?<=" + word + ")(?" + before + word + ")|(?<!" + word + ")(?" + behind + word + "))";
    rest_.remove_prefix(2);
  }

  void rewrite_posix_bracket() {
    const size_t end = rest_.find(":]");
    if (end != std::string_view::npos && !ascii_types_) {
      std::string_view name = rest_.substr(2, end - 2);
      const bool negated = name.starts_with('^');
      if (negated) name.remove_prefix(1);
      if (name == "punct") return replace(end + 2, punctuation_or_symbol(negated));
      if (name == "word") return replace(end + 2, word_in_brackets(negated));
      if (replace_property(end + 2, name, negated)) return;
    }
    if (end != std::string_view::npos && end < 20) return copy(end + 2);
    open_bracket();
  }

  // A ']' right behind it is a member.
  void open_bracket() {
    ++depth_;
    copy(1);
    if (rest_.starts_with('^')) copy(1);
    if (rest_.starts_with(']')) copy(1);
  }

  std::string_view rest_;
  std::string out_;
  size_t depth_ = 0;  // of brackets
  bool ignores_case_ = false, ascii_types_ = false;
};

utf8proc_category_t general_category(char32_t c) noexcept {
  const auto range = std::lower_bound(std::begin(kCategoryDifferences), std::end(kCategoryDifferences), c,
                                      [](const CategoryRange& r, char32_t x) { return r.last < x; });
  if (range != std::end(kCategoryDifferences) && range->first <= c) return range->value;
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

}  // namespace

Category category(char32_t c) noexcept {
  switch (general_category(c)) {
    case UTF8PROC_CATEGORY_LU:
      return Category::kUppercase;
    case UTF8PROC_CATEGORY_LT:
      return Category::kTitlecase;
    case UTF8PROC_CATEGORY_LL:
      return Category::kLowercase;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return Category::kOtherLetter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return Category::kMark;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Category::kNumber;
    default:
      return Category::kOther;
  }
}

std::string for_system_oniguruma(std::string_view pattern) {
  return Rewriter(pattern).run();
}

}  // namespace sbert::tokenizer::regex_unicode
