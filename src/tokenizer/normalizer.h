#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// Rewrites text before it is split. Immutable; any number of threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Overwrites `out` (whose capacity is reused) with the normalized form of well-formed UTF-8 `text`. Linear time.
  virtual void normalize(std::string_view text, std::string& out) const = 0;
};

struct BertNormalizerOptions {
  bool clean_text = true;            ///< drop control characters, NUL and U+FFFD; every white space becomes ' '
  bool handle_chinese_chars = true;  ///< a space before and behind each CJK ideograph
  bool strip_accents = true;         ///< NFD, then drop nonspacing marks
  bool lowercase = true;
};

/// The four steps of BERT, in the order above.
std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options);
/// Each code point's lowercase.
std::unique_ptr<Normalizer> make_lowercase_normalizer();
/// One after the other; an empty list changes nothing.
std::unique_ptr<Normalizer> make_normalizer_sequence(std::vector<std::unique_ptr<Normalizer>> normalizers);

}  // namespace sbert::tokenizer
