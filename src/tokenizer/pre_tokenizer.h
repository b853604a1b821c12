#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/text_pattern.h"

namespace sbert::tokenizer {

/// Takes the words of a text in their order. A view lives only during the call.
class WordSink {
 public:
  /// `start_bytes`: as for PreTokenizer::split, of the word.
  virtual void word(std::string_view word, size_t start_bytes) = 0;

 protected:
  ~WordSink() = default;
};

/// Cuts normalized text into words. Immutable; any number of threads.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// `text` is well-formed UTF-8 and not empty; no empty word is given. Linear time.
  /// `start_bytes` says how many bytes at the front of `text` come from the very first character of the original text:
  /// Metaspace may treat a word with such bytes otherwise (more than the word has count as all of it).
  virtual void split(std::string_view text, size_t start_bytes, WordSink& sink) const = 0;
  /// Whether `start_bytes` makes a difference.
  virtual bool needs_start() const { return false; }
};

/// The start_bytes of what begins `offset` bytes into a text that has `start_bytes`.
inline size_t start_bytes_from(size_t offset, size_t start_bytes) noexcept {
  return start_bytes > offset ? start_bytes - offset : 0;
}

/// What becomes of the matches of a Split or Punctuation ("the-final--countdown" at '-').
enum class SplitBehavior : uint8_t {
  kRemoved,             ///< the, final, countdown
  kIsolated,            ///< the, -, final, -, -, countdown
  kMergedWithPrevious,  ///< the-, final-, -, countdown
  kMergedWithNext,      ///< the, -final, -, -countdown
  kContiguous,          ///< the, -, final, --, countdown
};

enum class PrependScheme : uint8_t { kAlways, kFirst, kNever };

struct MetaspaceOptions {
  char32_t replacement = 0x2581;
  PrependScheme prepend_scheme = PrependScheme::kAlways;
  bool split = true;
};

struct ByteLevelOptions {
  bool add_prefix_space = true;
  bool use_regex = true;
};

/// Cuts at white space, which it drops, and around each punctuation character.
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();
/// Words are runs of \w and runs of what is neither \w nor white space.
std::unique_ptr<PreTokenizer> make_whitespace_pre_tokenizer();
/// Cuts at white space, which it drops.
std::unique_ptr<PreTokenizer> make_whitespace_split();
std::unique_ptr<PreTokenizer> make_punctuation(SplitBehavior behavior);
/// Cuts numbers out: each digit alone, or whole runs.
std::unique_ptr<PreTokenizer> make_digits(bool individual_digits);
/// Cuts at the delimiter, which it drops.
std::unique_ptr<PreTokenizer> make_char_delimiter_split(char32_t delimiter);
/// Cuts where the script changes.
std::unique_ptr<PreTokenizer> make_unicode_scripts();
/// Words of so many characters (at least one); the last may be shorter.
std::unique_ptr<PreTokenizer> make_fixed_length(size_t length);
/// Cuts at the matches of the pattern, or with `invert` at what lies between them.
std::unique_ptr<PreTokenizer> make_split(std::unique_ptr<const TextPattern> pattern, SplitBehavior behavior,
                                         bool invert);
/// sentencepiece's words: spaces become `replacement`, and each begins a word.
std::unique_ptr<PreTokenizer> make_metaspace(const MetaspaceOptions& options);
/// GPT-2's words (or with use_regex=false the text as it is), each byte as its code point of byte_level_alphabet.h.
std::unique_ptr<PreTokenizer> make_byte_level(const ByteLevelOptions& options);
/// Each cuts the words of the one before it.
std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers);

}  // namespace sbert::tokenizer
