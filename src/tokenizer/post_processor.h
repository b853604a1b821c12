#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sbert::tokenizer {

/// One piece of what a text or a pair becomes: special tokens, or the tokens of one of the texts.
struct TemplatePiece {
  enum class Kind : uint8_t { kSpecialTokens, kFirstText, kSecondText };
  Kind kind = Kind::kFirstText;
  std::vector<int32_t> ids;  ///< of kSpecialTokens
  int32_t type_id = 0;
};

/// The order of special tokens and texts, and their segment ids. Every post-processor that changes ids is one of these.
class PostProcessor {
 public:
  /// None at all: the first text with type 0, the second with type 1.
  PostProcessor();
  /// `single` must not name the second text.
  PostProcessor(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair);

  /// [CLS] A [SEP] and [CLS] A [SEP] B [SEP], with type 1 from B on.
  static PostProcessor bert(int32_t cls_id, int32_t sep_id);

  size_t num_special_tokens(bool pair) const noexcept { return pair ? added_pair_ : added_single_; }
  const std::vector<TemplatePiece>& pieces(bool pair) const noexcept { return pair ? pair_ : single_; }

 private:
  std::vector<TemplatePiece> single_, pair_;
  size_t added_single_ = 0, added_pair_ = 0;
};

}  // namespace sbert::tokenizer
