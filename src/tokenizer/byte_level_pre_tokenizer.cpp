#include <optional>
#include <utility>

#include "tokenizer/byte_level_alphabet.h"
#include "tokenizer/local_text.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/word_pattern.h"

namespace sbert::tokenizer {
namespace {

class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const ByteLevelOptions& options) : add_prefix_space_(options.add_prefix_space) {
    if (options.use_regex) words_.emplace(WordPatternOptions::gpt2());
  }

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    if (!add_prefix_space_ || text.starts_with(' ')) return cut(text, start_bytes, sink);
    LocalText prefixed(text.size() + 1);
    *prefixed += ' ';
    *prefixed += text;
    cut(*prefixed, start_bytes > 0 ? start_bytes + 1 : 0, sink);
  }

 private:
  void cut(std::string_view text, size_t start_bytes, WordSink& sink) const {
    if (!words_) return give(text, start_bytes, sink);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = words_->match_end(text, begin);
      give(text.substr(begin, end - begin), start_bytes_from(begin, start_bytes), sink);
      begin = end;
    }
  }

  static void give(std::string_view word, size_t start_bytes, WordSink& sink) {
    constexpr size_t kShort = 256;
    if (word.size() > kShort) {
      std::string encoded(2 * word.size(), '\0');
      return give(word, start_bytes, encoded.data(), sink);
    }
    char encoded[2 * kShort];
    give(word, start_bytes, encoded, sink);
  }

  // `encoded` has room for two bytes for each.
  static void give(std::string_view word, size_t start_bytes, char* encoded, WordSink& sink) {
    char* to = encoded;
    const char* start_end = encoded;
    for (size_t i = 0; i < word.size(); ++i) {
      const byte_level::EncodedByte& byte = byte_level::kEncoded[static_cast<uint8_t>(word[i])];
      to[0] = byte.bytes[0];
      to[1] = byte.bytes[1];
      to += byte.size;
      if (i < start_bytes) start_end = to;
    }
    sink.word({encoded, static_cast<size_t>(to - encoded)}, static_cast<size_t>(start_end - encoded));
  }

  bool add_prefix_space_;
  std::optional<WordPattern> words_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_byte_level(const ByteLevelOptions& options) {
  return std::make_unique<ByteLevel>(options);
}

}  // namespace sbert::tokenizer
