// BertNormalizer, and Lowercase, which is one step of it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "common/text.h"
#include "tokenizer/code_point_cache.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

// What one code point becomes: up to 15 bytes of UTF-8 (a Hangul syllable needs nine), or a mark that it takes longer.
struct Rewritten {
  static constexpr uint8_t kLong = 16;     // more bytes: compute them
  static constexpr uint8_t kReorder = 17;  // holds a combining mark that stays: its place depends on the neighbours
  uint8_t size = 0;
  char bytes[15] = {};
};
static_assert(sizeof(Rewritten) == 16);

constexpr uint64_t kOnes = 0x0101010101010101;

// True when all eight bytes are printable ASCII (0x20 to 0x7E).
bool all_printable(uint64_t bytes) noexcept {
  const uint64_t below_space = bytes - kOnes * 0x20;  // borrows only where a byte is too small, which is then seen
  const uint64_t above_tilde = bytes + kOnes * 0x01;  // 0x7F becomes 0x80
  return ((bytes | below_space | above_tilde) & (kOnes * 0x80)) == 0;
}

// 'A'..'Z' to 'a'..'z' in eight ASCII bytes.
uint64_t lowercase_ascii(uint64_t bytes) noexcept {
  const uint64_t from_a = bytes + kOnes * (0x80 - 'A');        // high bit: >= 'A'
  const uint64_t beyond_z = bytes + kOnes * (0x80 - 'Z' - 1);  // high bit: > 'Z'
  return bytes | (((from_a & ~beyond_z) & (kOnes * 0x80)) >> 2);
}

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options) : options_(options) {
    for (size_t c = 0; c < ascii_.size(); ++c) {
      std::string bytes;
      append(static_cast<char32_t>(c), bytes);
      ascii_[c] = bytes.empty() ? kDropped : bytes[0];
    }
    // Without clean_text a NUL stays one; kDropped is out of ASCII.
  }

  void normalize(std::string_view text, std::string& out) const override {
    if (!normalize_by_table(text, out)) normalize_with_reordering(text, out);
  }

 private:
  static constexpr char kDropped = '\xFF';

  // Most text: every code point becomes something by itself. False when a combining mark stays (strip_accents drops
  // only marks that old tables know), since then NFD may have to move it.
  bool normalize_by_table(std::string_view text, std::string& out) const {
    constexpr size_t kSlack = 64;
    std::string longer;
    out.resize(text.size() + kSlack);
    const char* in = text.data();
    const char* const end = in + text.size();
    char* to = out.data();
    while (in != end) {
      copy_ascii(in, end, to);
      if (in == end) break;
      size_t i = 0;
      const char32_t c = common::next_code_point({in, static_cast<size_t>(end - in)}, i);
      in += i;
      const Rewritten rewritten = cache_.get(c, [this](char32_t x) { return rewrite(x); });
      if (rewritten.size <= sizeof rewritten.bytes) {
        std::memcpy(to, rewritten.bytes, sizeof rewritten.bytes);
        to += rewritten.size;
      } else if (rewritten.size == Rewritten::kReorder) {
        return false;
      } else {
        longer.clear();
        append(c, longer);
        to = std::copy(longer.begin(), longer.end(), to);
      }
      // Room for the rest as ASCII and for one more code point, always.
      const auto used = static_cast<size_t>(to - out.data());
      const auto left = static_cast<size_t>(end - in);
      if (out.size() - used < left + kSlack / 2) {
        out.resize(used + 2 * left + kSlack);
        to = out.data() + used;
      }
    }
    out.resize(static_cast<size_t>(to - out.data()));
    return true;
  }

  // Moves `in` to the next byte beyond ASCII.
  void copy_ascii(const char*& in, const char* end, char*& to) const noexcept {
    const uint64_t lower_mask = options_.lowercase ? ~uint64_t{0} : 0;
    while (true) {
      while (end - in >= 8) {
        uint64_t bytes;
        std::memcpy(&bytes, in, 8);
        if (!all_printable(bytes)) break;
        bytes ^= (bytes ^ lowercase_ascii(bytes)) & lower_mask;
        std::memcpy(to, &bytes, 8);
        in += 8;
        to += 8;
      }
      // Up to eight bytes one by one: the tail, or around what is not printable ASCII.
      for (const char* stop = in + std::min<ptrdiff_t>(8, end - in); in != stop; ++in) {
        const auto byte = static_cast<uint8_t>(*in);
        if (byte >= 0x80) return;
        *to = ascii_[byte];
        to += ascii_[byte] != kDropped;
      }
      if (in == end) return;
    }
  }

  // Appends what `c` becomes where no mark has to be moved.
  void append(char32_t c, std::string& out) const {
    if (!clean(c)) return;
    const bool padded = options_.handle_chinese_chars && unicode::is_cjk(c);
    if (padded) out.push_back(' ');
    if (options_.strip_accents) {
      for (const char32_t part : unicode::decomposition(c)) {
        if (!unicode::is_nonspacing_mark(part)) append_cased(part, out);
      }
    } else {
      append_cased(c, out);
    }
    if (padded) out.push_back(' ');
  }

  // clean_text: false when `c` is dropped; white space becomes a space.
  bool clean(char32_t& c) const {
    if (!options_.clean_text || c == ' ') return true;
    const bool line_break_or_tab = c == '\t' || c == '\n' || c == '\r';
    if (c == 0 || c == 0xFFFD || (!line_break_or_tab && unicode::is_control(c))) return false;
    if (unicode::is_whitespace(c)) c = ' ';
    return true;
  }

  void append_cased(char32_t c, std::string& out) const {
    if (!options_.lowercase) return common::append_utf8(out, c);
    for (const char32_t lower : unicode::lowercase(c)) common::append_utf8(out, lower);
  }

  Rewritten rewrite(char32_t c) const {
    Rewritten result;
    if (options_.strip_accents) {
      for (const char32_t part : unicode::decomposition(c)) {
        if (unicode::combining_class(part) != 0 && !unicode::is_nonspacing_mark(part)) {
          result.size = Rewritten::kReorder;
          return result;
        }
      }
    }
    if (c >= 0xD800 && c < 0xE000) return result;  // never in well-formed text
    std::string bytes;
    append(c, bytes);
    if (bytes.size() > sizeof result.bytes) {
      result.size = Rewritten::kLong;
    } else {
      result.size = static_cast<uint8_t>(bytes.size());
      std::memcpy(result.bytes, bytes.data(), bytes.size());
    }
    return result;
  }

  // The definition: the steps one after the other, with canonical ordering between decomposition and filter.
  void normalize_with_reordering(std::string_view text, std::string& out) const {
    std::vector<std::pair<char32_t, int>> parts;  // with their combining class
    parts.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
      char32_t c = common::next_code_point(text, i);
      if (!clean(c)) continue;
      const bool padded = options_.handle_chinese_chars && unicode::is_cjk(c);
      if (padded) parts.emplace_back(U' ', 0);
      for (const char32_t part : unicode::decomposition(c)) parts.emplace_back(part, unicode::combining_class(part));
      if (padded) parts.emplace_back(U' ', 0);
    }
    out.clear();
    for (auto run = parts.begin(); run != parts.end();) {
      const auto next = std::find_if(run + 1, parts.end(), [](const auto& part) { return part.second == 0; });
      const auto marks = run->second == 0 ? run + 1 : run;
      // Stable and not quadratic: a base may carry a million marks.
      std::stable_sort(marks, next, [](const auto& a, const auto& b) { return a.second < b.second; });
      for (; run != next; ++run) {
        if (!unicode::is_nonspacing_mark(run->first)) append_cased(run->first, out);
      }
    }
  }

  BertNormalizerOptions options_;
  std::array<char, 128> ascii_{};
  CodePointCache<Rewritten> cache_;
};

}  // namespace

std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options) {
  return std::make_unique<BertNormalizer>(options);
}

std::unique_ptr<Normalizer> make_lowercase_normalizer() {
  return std::make_unique<BertNormalizer>(BertNormalizerOptions{
      .clean_text = false, .handle_chinese_chars = false, .strip_accents = false, .lowercase = true});
}

}  // namespace sbert::tokenizer
