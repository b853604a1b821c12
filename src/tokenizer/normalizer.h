#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/text_pattern.h"

namespace sbert::tokenizer {

/// Rewrites text before it is split. Immutable; any number of threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Overwrites `out` (whose capacity is reused) with the normalized form of well-formed UTF-8 `text`. Linear time.
  virtual void normalize(std::string_view text, std::string& out) const = 0;

  /// How many bytes at the front of `normalized` (the normal form of `text`) come from the first character of the
  /// original text, when the first `start_bytes` bytes of `text` do (perhaps none). Only Metaspace asks. `tokenizers`
  /// aligns every byte of a normalized text with the original one; this is what of it can be seen.
  /// Unless overridden: as many as the normal form of those bytes alone has.
  virtual size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view normalized) const;
};

struct BertNormalizerOptions {
  bool clean_text = true;            ///< drop control characters, NUL and U+FFFD; every white space becomes ' '
  bool handle_chinese_chars = true;  ///< a space before and behind each CJK ideograph
  bool strip_accents = true;         ///< NFD, then drop nonspacing marks
  bool lowercase = true;
};

enum class NormalForm : uint8_t { kC, kD, kKC, kKD };

struct StripOptions {
  bool left = true, right = true;
};

/// The four steps of BERT, in the order above.
std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options);
/// Each code point's lowercase.
std::unique_ptr<Normalizer> make_lowercase_normalizer();
/// NFC, NFD, NFKC, NFKD.
std::unique_ptr<Normalizer> make_normal_form(NormalForm form);
/// Drops white space at the ends.
std::unique_ptr<Normalizer> make_strip(StripOptions options);
/// Drops marks (of any kind, as they stand: without decomposition).
std::unique_ptr<Normalizer> make_strip_accents();
/// The cleaning of sentencepiece's "nmt" rules: some controls go, some code points become a space.
std::unique_ptr<Normalizer> make_nmt_normalizer();
/// The rules of a sentencepiece model (precompiled_normalizer.cpp). `source` names the field in messages.
/// Throws InvalidModelError when `charsmap` (base64) is broken; normalize() does where that shows only there.
std::unique_ptr<Normalizer> make_precompiled_normalizer(std::string_view charsmap, std::string source);
/// Every match becomes `content`.
std::unique_ptr<Normalizer> make_replace(std::unique_ptr<const TextPattern> pattern, std::string content);
/// Puts `prefix` in front of text that is not empty.
std::unique_ptr<Normalizer> make_prepend(std::string prefix);
/// Every byte becomes its code point of byte_level_alphabet.h.
std::unique_ptr<Normalizer> make_byte_level_normalizer();
/// One after the other; an empty list changes nothing.
std::unique_ptr<Normalizer> make_normalizer_sequence(std::vector<std::unique_ptr<Normalizer>> normalizers);

}  // namespace sbert::tokenizer
