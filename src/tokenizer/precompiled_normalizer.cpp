// The normalizer of a sentencepiece model. Its precompiled_charsmap is
//   u32 size of the trie in bytes | the units of a double-array trie, u32 each | replacements, each ended by a NUL
// all little-endian, in base64. The trie maps bytes of UTF-8 to the offset of their replacement.
//
// `tokenizers` does not look for the longest key in the text, as sentencepiece does. It takes each grapheme cluster of
// less than six bytes as a whole, replaces all of it by what the shortest key at its front maps to, and where there is
// no such key, or the cluster is longer, does the same for each of its characters. So it is done here.

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/code_point_cache.h"
#include "tokenizer/grapheme.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

// Standard alphabet with padding, nothing else: nothing where `text` is not that.
std::optional<std::string> decode_base64(std::string_view text) {
  const auto value_of = [](char c) -> uint32_t {
    if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
  };
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  size_t count = 0;
  for (const char c : text) {
    const uint32_t value = value_of(c);
    if (value == 64) return std::nullopt;
    bits = bits << 6 | value;
    if (++count % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<char>(bits >> shift & 0xFF));
    bits = 0;
  }
  if (padding == 1) {
    if ((bits & 3) != 0) return std::nullopt;
    bytes.push_back(static_cast<char>(bits >> 10 & 0xFF));
    bytes.push_back(static_cast<char>(bits >> 2 & 0xFF));
  } else if (padding == 2) {
    if ((bits & 15) != 0) return std::nullopt;
    bytes.push_back(static_cast<char>(bits >> 4 & 0xFF));
  }
  return bytes;
}

class Charsmap {
 public:
  Charsmap(std::string_view base64, std::string source) : source_(std::move(source)) {
    const auto bytes = decode_base64(base64);
    if (!bytes) fail("is not base64");
    uint32_t trie_size = 0;
    if (bytes->size() < sizeof trie_size) fail("is shorter than its header");
    std::memcpy(&trie_size, bytes->data(), sizeof trie_size);
    units_.resize(trie_size / sizeof units_[0] <= bytes->size() ? trie_size / sizeof units_[0] : 0);
    const size_t units_size = units_.size() * sizeof units_[0];
    if (units_.empty() || bytes->size() - sizeof trie_size < units_size) {
      fail("has " + std::to_string(bytes->size()) + " bytes, but says that its trie has " + std::to_string(trie_size));
    }
    std::memcpy(units_.data(), bytes->data() + sizeof trie_size, units_size);
    replacements_ = bytes->substr(sizeof trie_size + units_size);
    if (!common::is_valid_utf8(replacements_)) fail("has replacements that are not UTF-8");
  }

  /// What the shortest key at the front of `text` becomes.
  std::optional<std::string_view> find(std::string_view text) const {
    size_t node = offset_of(unit(0));
    for (const char c : text) {
      const auto byte = static_cast<uint8_t>(c);
      if (byte == 0) break;
      node ^= byte;
      const uint32_t entry = unit(node);
      if ((entry & 0x800000FF) != byte) break;
      node ^= offset_of(entry);
      if ((entry & 0x100) != 0) return replacement(unit(node) & 0x7FFFFFFF);
    }
    return std::nullopt;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw InvalidModelError(source_ + " " + problem); }

  uint32_t unit(size_t index) const {
    if (index >= units_.size()) fail("has a trie that points out of itself");
    return units_[index];
  }
  static size_t offset_of(uint32_t unit) noexcept { return size_t{unit >> 10} << ((unit & 0x200) >> 6); }

  std::string_view replacement(size_t begin) const {
    const auto is_inside_character = [&] { return (static_cast<uint8_t>(replacements_[begin]) & 0xC0) == 0x80; };
    if (begin > replacements_.size() || (begin < replacements_.size() && is_inside_character())) {
      fail("has a trie that points out of its replacements");
    }
    const size_t end = std::min(replacements_.find('\0', begin), replacements_.size());
    return std::string_view(replacements_).substr(begin, end - begin);
  }

  std::string source_;
  std::vector<uint32_t> units_;
  std::string replacements_;
};

// What there is to know about one code point.
struct Known {
  static constexpr uint8_t kItself = 14, kAsk = 15;
  unicode::GraphemeClass grapheme_class = unicode::GraphemeClass::kOther;
  uint8_t size = kItself;  // of its replacement, or one of the above
  char bytes[13] = {};
};

class Precompiled final : public Normalizer {
 public:
  Precompiled(std::string_view charsmap, std::string source) : charsmap_(charsmap, std::move(source)) {
    for (size_t c = 0; c < ascii_.size(); ++c) ascii_[c] = look_up(static_cast<char32_t>(c)).size == Known::kItself;
    ascii_['\r'] = false;  // may be a cluster with what follows, as all others only with what is beyond ASCII
  }

  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    out.reserve(text.size());
    size_t i = 0;
    while (i < text.size()) {
      // ASCII that is followed by ASCII is a cluster of its own.
      const size_t plain = i;
      while (i < text.size() && static_cast<uint8_t>(text[i]) < 0x80 && ascii_[static_cast<uint8_t>(text[i])]) ++i;
      if (i < text.size() && i > plain && static_cast<uint8_t>(text[i]) >= 0x80) --i;
      out.append(text, plain, i - plain);
      if (i < text.size()) append_cluster(text, i, out);
    }
  }

  // A character that becomes nothing does not move the ones behind it.
  size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view normalized) const override {
    const size_t counted = Normalizer::start_bytes(text, start_bytes, normalized);
    return start_bytes > 0 && counted == 0 && !normalized.empty() ? 1 : counted;
  }

 private:
  // Appends what the cluster at `i` becomes; moves `i` behind it.
  void append_cluster(std::string_view text, size_t& i, std::string& out) const {
    const size_t start = i;
    const Known first = known(common::next_code_point(text, i));
    const size_t first_end = i;
    GraphemeBreaks breaks(first.grapheme_class);
    while (i < text.size()) {
      size_t next = i;
      if (breaks.breaks_before(known(common::next_code_point(text, next)).grapheme_class)) break;
      i = next;
    }
    if (i == first_end) return append_character(first, text.substr(start, i - start), out);
    const std::string_view cluster = text.substr(start, i - start);
    constexpr size_t kLongest = 5;
    if (cluster.size() <= kLongest) {
      if (const auto replacement = charsmap_.find(cluster)) {
        out.append(*replacement);
        return;
      }
    }
    for (size_t k = 0; k < cluster.size();) {
      const size_t begin = k;
      const Known character = known(common::next_code_point(cluster, k));
      append_character(character, cluster.substr(begin, k - begin), out);
    }
  }

  void append_character(const Known& character, std::string_view text, std::string& out) const {
    if (character.size == Known::kItself) {
      out.append(text);
    } else if (character.size == Known::kAsk) {
      out.append(*charsmap_.find(text));
    } else {
      out.append(character.bytes, character.size);
    }
  }

  Known known(char32_t c) const {
    return cache_.get(c, [this](char32_t x) { return look_up(x); });
  }

  Known look_up(char32_t c) const {
    Known result;
    if (c >= 0xD800 && c < 0xE000) return result;  // never in well-formed text
    result.grapheme_class = unicode::grapheme_class(c);
    std::string text;
    common::append_utf8(text, c);
    const auto replacement = charsmap_.find(text);
    if (!replacement) return result;
    if (replacement->size() > sizeof result.bytes) {
      result.size = Known::kAsk;
    } else {
      result.size = static_cast<uint8_t>(replacement->size());
      std::copy(replacement->begin(), replacement->end(), result.bytes);
    }
    return result;
  }

  Charsmap charsmap_;
  std::array<bool, 0x80> ascii_{};  // stays as it is
  CodePointCache<Known> cache_;
};

}  // namespace

std::unique_ptr<Normalizer> make_precompiled_normalizer(std::string_view charsmap, std::string source) {
  return std::make_unique<Precompiled>(charsmap, std::move(source));
}

}  // namespace sbert::tokenizer
