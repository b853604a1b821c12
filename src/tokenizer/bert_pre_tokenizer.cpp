#include <array>
#include <cstdint>

#include "common/text.h"
#include "tokenizer/code_point_cache.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

enum class Kind : uint8_t { kInWord, kSpace, kPunctuation, kNotAscii };

Kind kind_of(char32_t c) noexcept {
  return unicode::is_whitespace(c) ? Kind::kSpace : unicode::is_punctuation(c) ? Kind::kPunctuation : Kind::kInWord;
}

class BertPreTokenizer final : public PreTokenizer {
 public:
  BertPreTokenizer() {
    by_byte_.fill(Kind::kNotAscii);
    for (size_t c = 0; c < 0x80; ++c) by_byte_[c] = kind_of(static_cast<char32_t>(c));
  }

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    size_t word = 0, i = 0;
    while (i < text.size()) {
      const size_t start = i;
      Kind kind = by_byte_[static_cast<uint8_t>(text[i])];
      if (kind == Kind::kInWord) {
        ++i;
        continue;
      }
      if (kind == Kind::kNotAscii) {
        kind = cache_.get(common::next_code_point(text, i), kind_of);
        if (kind == Kind::kInWord) continue;
      } else {
        ++i;
      }
      if (start > word) sink.word(text.substr(word, start - word), start_bytes_from(word, start_bytes));
      if (kind == Kind::kPunctuation) {
        sink.word(text.substr(start, i - start), start_bytes_from(start, start_bytes));
      }
      word = i;
    }
    if (text.size() > word) sink.word(text.substr(word), start_bytes_from(word, start_bytes));
  }

 private:
  std::array<Kind, 256> by_byte_;
  CodePointCache<Kind> cache_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer() {
  return std::make_unique<BertPreTokenizer>();
}

}  // namespace sbert::tokenizer
