#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sbert::tokenizer {

/// Takes the matches of a pattern in their order: bytes begin to end, perhaps none.
class MatchSink {
 public:
  virtual void match(size_t begin, size_t end) = 0;

 protected:
  ~MatchSink() = default;
};

/// What Split and Replace look for. Immutable; any number of threads.
class TextPattern {
 public:
  virtual ~TextPattern() = default;
  /// Gives the matches in well-formed UTF-8 `text`, leftmost first, none overlapping. Throws InvalidModelError naming a
  /// pattern that takes too long.
  virtual void find(std::string_view text, MatchSink& sink) const = 0;
};

/// The string itself; an empty one matches between all characters.
std::unique_ptr<const TextPattern> make_literal_pattern(std::string literal);

/// A regular expression of Oniguruma with the Unicode of `tokenizers`. The patterns of well-known tokenizers have
/// matchers of their own (word_patterns.h). Throws InvalidModelError naming a pattern that is none; `source` is its
/// place, for messages.
std::unique_ptr<const TextPattern> make_regex_pattern(std::string_view pattern, const std::string& source);

}  // namespace sbert::tokenizer
