// The normalizers that need no more than one look at each character: StripAccents, Nmt, ByteLevel; and those that work
// at the ends of the text: Strip, Prepend.

#include <utility>

#include "common/text.h"
#include "tokenizer/byte_level_alphabet.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"
#include "tokenizer/white_space.h"

namespace sbert::tokenizer {
namespace {

class StripAccents final : public Normalizer {
 public:
  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    for (size_t i = 0; i < text.size();) {
      const size_t start = i;
      const char32_t c = common::next_code_point(text, i);
      if (c < 0x300 || !unicode::is_mark(c)) out.append(text, start, i - start);
    }
  }
};

class Nmt final : public Normalizer {
 public:
  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    for (size_t i = 0; i < text.size();) {
      const size_t start = i;
      const char32_t c = common::next_code_point(text, i);
      if (is_dropped(c)) continue;
      if (is_space(c)) {
        out.push_back(' ');
      } else {
        out.append(text, start, i - start);
      }
    }
  }

 private:
  static bool is_dropped(char32_t c) noexcept {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  }
  static bool is_space(char32_t c) noexcept {
    return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
           c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  }
};

class ByteLevelNormalizer final : public Normalizer {
 public:
  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    byte_level::append_encoded(text, out);
  }
};

class Strip final : public Normalizer {
 public:
  explicit Strip(StripOptions options) : options_(options) {}

  void normalize(std::string_view text, std::string& out) const override {
    const size_t begin = options_.left ? skip_space(text, 0) : 0;
    const size_t end = options_.right ? skip_space_backwards(text, text.size(), begin) : text.size();
    out.assign(text, begin, end - begin);
  }

  size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view) const override {
    const size_t begin = options_.left ? skip_space(text, 0) : 0;
    return start_bytes > begin ? start_bytes - begin : 0;
  }

 private:
  StripOptions options_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}

  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    if (text.empty()) return;
    out.reserve(prefix_.size() + text.size());
    out += prefix_;
    out += text;
  }

  size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view) const override {
    if (text.empty()) return 0;
    if (start_bytes > 0) return prefix_.size() + start_bytes;
    // With nothing to prepend, `tokenizers` still moves the first character to the start.
    size_t first = 0;
    if (prefix_.empty()) common::next_code_point(text, first);
    return first;
  }

 private:
  std::string prefix_;
};

}  // namespace

std::unique_ptr<Normalizer> make_strip_accents() {
  return std::make_unique<StripAccents>();
}

std::unique_ptr<Normalizer> make_nmt_normalizer() {
  return std::make_unique<Nmt>();
}

std::unique_ptr<Normalizer> make_byte_level_normalizer() {
  return std::make_unique<ByteLevelNormalizer>();
}

std::unique_ptr<Normalizer> make_strip(StripOptions options) {
  return std::make_unique<Strip>(options);
}

std::unique_ptr<Normalizer> make_prepend(std::string prefix) {
  return std::make_unique<Prepend>(std::move(prefix));
}

}  // namespace sbert::tokenizer
