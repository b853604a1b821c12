#pragma once

#include <memory>
#include <string_view>

namespace sbert::tokenizer {

/// Takes the words of a text in their order. A view lives only during the call.
class WordSink {
 public:
  virtual void word(std::string_view word) = 0;

 protected:
  ~WordSink() = default;
};

/// Cuts normalized text into words. Immutable; any number of threads.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// `text` is well-formed UTF-8; no empty word is given. Linear time.
  virtual void split(std::string_view text, WordSink& sink) const = 0;
};

/// Cuts at white space, which it drops, and around each punctuation character.
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();

}  // namespace sbert::tokenizer
