#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tokenizer/code_point_cache.h"

namespace sbert::tokenizer {

/// What tells the regular expressions of the GPT family apart. Each is a list of alternatives, tried in this order:
///   contraction   's|'t|'re|'ve|'m|'ll|'d
///   word          [one leading character] letters
///   number        digits
///   symbols       [space] what is neither space, letter nor digit, with the line ends behind it
///   line ends     \s*[\r\n]+
///   space         \s+(?!\S)|\s+      (all but the last one, which goes with the next word)
struct WordPatternOptions {
  enum class Contraction : uint8_t { kNone, kCaseSensitive, kIgnoreCase, kIgnoreCaseBehindWord };
  enum class Letters : uint8_t {
    kLetters,          ///< \p{L}+
    kLettersAndMarks,  ///< [\p{L}\p{M}]+
    kCased,            ///< capitals and then small letters: a new word starts at a capital behind a small letter
  };
  Contraction contraction = Contraction::kNone;
  bool any_lead = false;  ///< [^\r\n\p{L}\p{N}]? leads a word, else ` ?`
  Letters letters = Letters::kLetters;
  bool number_lead = false;  ///< ` ?` leads a number
  size_t max_digits = 0;     ///< of one number; 0: any
  bool symbols_take_line_ends = false;
  bool symbols_take_slashes = false;  ///< together with the line ends
  bool line_ends = false;             ///< the alternative of its own

  static WordPatternOptions gpt2() noexcept;
};

/// Cuts text as a regular expression of the GPT family does, in linear time. They match everywhere: words follow each
/// other without a gap. Immutable; any number of threads.
class WordPattern {
 public:
  explicit WordPattern(const WordPatternOptions& options);
  /// The options of a regular expression that is of this family: GPT-2, cl100k (GPT-4, Llama 3), Qwen 2, o200k
  /// (GPT-4o), and what else combines their alternatives.
  static std::optional<WordPatternOptions> recognize(std::string_view regex);

  /// Where the word ends that begins at `begin` < text.size().
  size_t match_end(std::string_view text, size_t begin) const;

 private:
  uint8_t kind_at(std::string_view text, size_t i, size_t& next) const;
  template <class Wanted>
  size_t skip(std::string_view text, size_t i, const Wanted& wanted) const;
  size_t contraction_end(std::string_view text, size_t begin) const;
  size_t word_end(std::string_view text, size_t begin, size_t after_first, uint8_t first) const;
  size_t cased_word_end(std::string_view text, size_t begin) const;
  size_t capitalized_word_end(std::string_view text, size_t begin) const;
  size_t number_end(std::string_view text, size_t begin) const;
  size_t symbols_end(std::string_view text, size_t begin) const;
  size_t space_end(std::string_view text, size_t begin) const;

  WordPatternOptions options_;
  uint8_t word_kinds_;  // what `letters` consists of
  std::array<uint8_t, 0x80> ascii_{};
  CodePointCache<uint8_t> cache_;
};

}  // namespace sbert::tokenizer
