#pragma once

#include <cstddef>
#include <string_view>

#include "tokenizer/pre_tokenizer.h"

namespace sbert::tokenizer {

/// Makes words of what a pattern matches and of what lies between. Empty matches count, as in `tokenizers`, though no
/// empty word comes of them.
class PieceMerger {
 public:
  PieceMerger(SplitBehavior behavior, std::string_view text, size_t start_bytes, WordSink& sink)
      : behavior_(behavior), text_(text), start_bytes_(start_bytes), sink_(sink) {}

  /// The pieces cover the text, in order.
  void piece(size_t begin, size_t end, bool is_match) {
    switch (behavior_) {
      case SplitBehavior::kIsolated:
        return give(begin, end);
      case SplitBehavior::kRemoved:
        if (!is_match) give(begin, end);
        return;
      case SplitBehavior::kContiguous:
        if (is_match != previous_is_match_) flush();
        break;
      case SplitBehavior::kMergedWithPrevious:
        if (!is_match || previous_is_match_) flush();
        break;
      case SplitBehavior::kMergedWithNext:
        if (is_match || !previous_is_match_) flush();
        break;
    }
    end_ = end;
    previous_is_match_ = is_match;
  }

  void finish() { flush(); }

 private:
  void give(size_t begin, size_t end) {
    if (begin < end) sink_.word(text_.substr(begin, end - begin), start_bytes_from(begin, start_bytes_));
  }
  void flush() {
    give(begin_, end_);
    begin_ = end_;
  }

  SplitBehavior behavior_;
  std::string_view text_;
  size_t start_bytes_;
  WordSink& sink_;
  size_t begin_ = 0, end_ = 0;  // what is held back for the merging behaviours
  bool previous_is_match_ = false;
};

}  // namespace sbert::tokenizer
