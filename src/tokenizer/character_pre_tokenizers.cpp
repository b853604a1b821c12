// The pre-tokenizers that look at one character at a time.

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.h"
#include "tokenizer/code_point_cache.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/split_behavior.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

// A property of code points, asked once for each.
template <class Value, Value (*kCompute)(char32_t)>
class CachedProperty {
 public:
  CachedProperty() {
    for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = kCompute(static_cast<char32_t>(c));
  }
  Value next(std::string_view text, size_t& i) const {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x80) return ++i, ascii_[byte];
    return cache_.get(common::next_code_point(text, i), kCompute);
  }

 private:
  std::array<Value, 0x80> ascii_;
  CodePointCache<Value> cache_;
};

// Every character with the property is a match of its own.
template <bool (*kIsMatch)(char32_t)>
class CharacterSplit final : public PreTokenizer {
 public:
  explicit CharacterSplit(SplitBehavior behavior) : behavior_(behavior) {}

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    PieceMerger merger(behavior_, text, start_bytes, sink);
    size_t done = 0;
    for (size_t i = 0; i < text.size();) {
      const size_t start = i;
      if (!is_match_.next(text, i)) continue;
      if (done < start) merger.piece(done, start, false);
      merger.piece(start, i, true);
      done = i;
    }
    if (done < text.size()) merger.piece(done, text.size(), false);
    merger.finish();
  }

 private:
  SplitBehavior behavior_;
  CachedProperty<bool, kIsMatch> is_match_;
};

class CharDelimiterSplit final : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(char32_t delimiter) { common::append_utf8(delimiter_, delimiter); }

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find(delimiter_, begin), text.size());
      if (begin < end) sink.word(text.substr(begin, end - begin), start_bytes_from(begin, start_bytes));
      begin = end + delimiter_.size();
    }
  }

 private:
  std::string delimiter_;
};

enum class WordKind : uint8_t { kSpace, kWord, kOther };

WordKind word_kind(char32_t c) {
  return unicode::is_whitespace(c) ? WordKind::kSpace : unicode::is_word(c) ? WordKind::kWord : WordKind::kOther;
}

class Whitespace final : public PreTokenizer {
 public:
  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    WordKind kind = WordKind::kSpace;  // of the run that goes from `begin` to `i`
    size_t begin = 0;
    for (size_t i = 0; i < text.size();) {
      const size_t start = i;
      const WordKind next = kind_.next(text, i);
      if (next == kind) continue;
      if (kind != WordKind::kSpace) {
        sink.word(text.substr(begin, start - begin), start_bytes_from(begin, start_bytes));
      }
      kind = next;
      begin = start;
    }
    if (kind != WordKind::kSpace) sink.word(text.substr(begin), start_bytes_from(begin, start_bytes));
  }

 private:
  CachedProperty<WordKind, word_kind> kind_;
};

uint8_t script_of(char32_t c) {
  return unicode::script(c);
}

// What belongs to any script goes with the character in front of it; at the start of the text it is dropped, as
// `tokenizers` does.
class UnicodeScripts final : public PreTokenizer {
 public:
  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    uint8_t current = unicode::kNoScript;
    size_t begin = 0;
    for (size_t i = 0; i < text.size();) {
      const size_t start = i;
      const uint8_t next = script_.next(text, i);
      if (next == unicode::kNoScript || next == current) continue;
      if (current != unicode::kNoScript) {
        sink.word(text.substr(begin, start - begin), start_bytes_from(begin, start_bytes));
      }
      current = next;
      begin = start;
    }
    if (current != unicode::kNoScript) sink.word(text.substr(begin), start_bytes_from(begin, start_bytes));
  }

 private:
  CachedProperty<uint8_t, script_of> script_;
};

class FixedLength final : public PreTokenizer {
 public:
  explicit FixedLength(size_t length) : length_(length) {}

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    for (size_t i = 0; i < text.size();) {
      const size_t begin = i;
      for (size_t n = 0; n < length_ && i < text.size(); ++n) common::next_code_point(text, i);
      sink.word(text.substr(begin, i - begin), start_bytes_from(begin, start_bytes));
    }
  }

 private:
  size_t length_;
};

bool is_space(char32_t c) {
  return unicode::is_whitespace(c);
}
bool is_punctuation(char32_t c) {
  return unicode::is_punctuation(c);
}
bool is_digit(char32_t c) {
  return unicode::is_numeric(c);
}

}  // namespace

std::unique_ptr<PreTokenizer> make_whitespace_pre_tokenizer() {
  return std::make_unique<Whitespace>();
}

std::unique_ptr<PreTokenizer> make_whitespace_split() {
  return std::make_unique<CharacterSplit<is_space>>(SplitBehavior::kRemoved);
}

std::unique_ptr<PreTokenizer> make_punctuation(SplitBehavior behavior) {
  return std::make_unique<CharacterSplit<is_punctuation>>(behavior);
}

std::unique_ptr<PreTokenizer> make_digits(bool individual_digits) {
  return std::make_unique<CharacterSplit<is_digit>>(individual_digits ? SplitBehavior::kIsolated
                                                                      : SplitBehavior::kContiguous);
}

std::unique_ptr<PreTokenizer> make_char_delimiter_split(char32_t delimiter) {
  return std::make_unique<CharDelimiterSplit>(delimiter);
}

std::unique_ptr<PreTokenizer> make_unicode_scripts() {
  return std::make_unique<UnicodeScripts>();
}

std::unique_ptr<PreTokenizer> make_fixed_length(size_t length) {
  return std::make_unique<FixedLength>(length);
}

}  // namespace sbert::tokenizer
