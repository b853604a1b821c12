#include "tokenizer/post_processor.h"

#include <utility>

#include "common/assert.h"

namespace sbert::tokenizer {
namespace {

using Kind = TemplatePiece::Kind;

size_t count_special(const std::vector<TemplatePiece>& pieces) {
  size_t count = 0;
  for (const TemplatePiece& piece : pieces) count += piece.ids.size();
  return count;
}

}  // namespace

PostProcessor::PostProcessor()
    : PostProcessor({{Kind::kFirstText, {}, 0}}, {{Kind::kFirstText, {}, 0}, {Kind::kSecondText, {}, 1}}) {}

PostProcessor::PostProcessor(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair)
    : single_(std::move(single)), pair_(std::move(pair)) {
  for ([[maybe_unused]] const TemplatePiece& piece : single_) SBERT_ASSERT(piece.kind != Kind::kSecondText);
  added_single_ = count_special(single_);
  added_pair_ = count_special(pair_);
}

PostProcessor PostProcessor::bert(int32_t cls_id, int32_t sep_id) {
  const TemplatePiece cls{Kind::kSpecialTokens, {cls_id}, 0}, sep{Kind::kSpecialTokens, {sep_id}, 0};
  const TemplatePiece first{Kind::kFirstText, {}, 0}, second{Kind::kSecondText, {}, 1};
  const TemplatePiece last_sep{Kind::kSpecialTokens, {sep_id}, 1};
  return PostProcessor({cls, first, sep}, {cls, first, sep, second, last_sep});
}

}  // namespace sbert::tokenizer
