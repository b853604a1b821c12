// NFC, NFD, NFKC, NFKD (Unicode Standard Annex 15) over the tables of `tokenizers`.

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "common/text.h"
#include "tokenizer/code_point_cache.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

// Bytes at the front of `text` that are ASCII.
size_t ascii_prefix(std::string_view text) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + i, 8);
    if (const uint64_t high = bytes & kHighBits) return i + static_cast<size_t>(std::countr_zero(high)) / 8;
  }
  while (i < text.size() && static_cast<uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

class NormalFormNormalizer final : public Normalizer {
 public:
  explicit NormalFormNormalizer(NormalForm form)
      : compatibility_(form == NormalForm::kKC || form == NormalForm::kKD),
        compose_(form == NormalForm::kC || form == NormalForm::kKC) {}

  // Most characters start a segment and stay as they are unless one follows that does not start a segment. The others
  // are normalized segment by segment.
  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    out.reserve(text.size());
    Parts parts;
    size_t copied = 0;  // up to here the text is in `out`
    for (size_t i = 0; i < text.size();) {
      i += ascii_prefix(text.substr(i));
      if (i == text.size()) break;
      size_t start = i;
      const Kind kind = kind_of(common::next_code_point(text, i));
      if (kind.starts_segment && kind.stays) continue;
      if (!kind.starts_segment) {  // the character in front of it belongs to its segment
        while (start > copied && (static_cast<uint8_t>(text[--start]) & 0xC0) == 0x80) {
        }
      }
      out.append(text, copied, start - copied);
      while (i < text.size()) {
        size_t next = i;
        if (kind_of(common::next_code_point(text, next)).starts_segment) break;
        i = next;
      }
      append_segment(text.substr(start, i - start), parts, out);
      copied = i;
    }
    out.append(text, copied);
  }

 private:
  struct Part {
    char32_t code_point;
    int combining_class;
  };
  using Parts = std::vector<Part>;

  struct Kind {
    bool starts_segment;  // neither moved before nor composed with what precedes it
    bool stays;           // its normal form is itself
  };

  Kind kind_of(char32_t c) const {
    if (c < 0x80) return {true, true};
    return cache_.get(c, [this](char32_t x) { return compute_kind(x); });
  }

  Kind compute_kind(char32_t c) const {
    if (c >= 0xD800 && c < 0xE000) return {true, true};  // never in well-formed text
    const char32_t first = *decompose(c).begin();
    // What composes with a preceding character is a mark, or a vowel or trailing consonant of Hangul.
    const bool hangul_tail = first >= 0x1160 && first < 0x1200;
    const bool starts = unicode::combining_class(first) == 0 && !unicode::may_be_mark(first) && !hangul_tail;
    std::string alone, normal;
    common::append_utf8(alone, c);
    Parts parts;
    append_segment(alone, parts, normal);
    return {starts, normal == alone};
  }

  unicode::CodePoints decompose(char32_t c) const {
    return compatibility_ ? unicode::compatibility_decomposition(c) : unicode::decomposition(c);
  }

  // The definition: decompose, sort marks, compose. `parts` is scratch.
  void append_segment(std::string_view text, Parts& parts, std::string& out) const {
    parts.clear();
    for (size_t i = 0; i < text.size();) {
      for (const char32_t part : decompose(common::next_code_point(text, i))) {
        parts.push_back({part, unicode::combining_class(part)});
      }
    }
    sort_marks(parts);
    if (compose_) compose(parts);
    for (const Part& part : parts) common::append_utf8(out, part.code_point);
  }

  // Stable and not quadratic: a base may carry a million marks.
  static void sort_marks(Parts& parts) {
    const auto is_starter = [](const Part& part) { return part.combining_class == 0; };
    for (auto run = parts.begin(); run != parts.end();) {
      run = std::find_if_not(run, parts.end(), is_starter);
      const auto end = std::find_if(run, parts.end(), is_starter);
      std::stable_sort(run, end, [](const Part& a, const Part& b) { return a.combining_class < b.combining_class; });
      run = end;
    }
  }

  // A part composes with the last starter unless a part between them has the same or a higher class.
  static void compose(Parts& parts) {
    constexpr size_t kNone = static_cast<size_t>(-1);
    size_t starter = kNone, kept = 0;
    int last_class = -1;  // of the parts kept behind the starter; -1: there are none
    for (const Part part : parts) {
      if (starter != kNone && last_class < part.combining_class) {
        if (const char32_t composed = unicode::composition(parts[starter].code_point, part.code_point)) {
          parts[starter].code_point = composed;
          continue;
        }
      }
      if (part.combining_class == 0) {
        starter = kept;
        last_class = -1;
      } else {
        last_class = part.combining_class;
      }
      parts[kept++] = part;
    }
    parts.resize(kept);
  }

  bool compatibility_, compose_;
  CodePointCache<Kind> cache_;
};

}  // namespace

std::unique_ptr<Normalizer> make_normal_form(NormalForm form) {
  return std::make_unique<NormalFormNormalizer>(form);
}

}  // namespace sbert::tokenizer
