#include <utility>

#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/split_behavior.h"

namespace sbert::tokenizer {
namespace {

// Matches to pieces that cover the text.
class MatchMerger final : public MatchSink {
 public:
  MatchMerger(PieceMerger merger, bool invert) : merger_(merger), invert_(invert) {}

  void match(size_t begin, size_t end) override {
    if (done_ != begin) merger_.piece(done_, begin, invert_);
    merger_.piece(begin, end, !invert_);
    done_ = end;
  }
  void finish(size_t text_size) {
    if (done_ != text_size) merger_.piece(done_, text_size, invert_);
    merger_.finish();
  }

 private:
  PieceMerger merger_;
  bool invert_;
  size_t done_ = 0;
};

class Split final : public PreTokenizer {
 public:
  Split(std::unique_ptr<const TextPattern> pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    MatchMerger matches(PieceMerger(behavior_, text, start_bytes, sink), invert_);
    pattern_->find(text, matches);
    matches.finish(text.size());
  }

 private:
  std::unique_ptr<const TextPattern> pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_split(std::unique_ptr<const TextPattern> pattern, SplitBehavior behavior,
                                         bool invert) {
  return std::make_unique<Split>(std::move(pattern), behavior, invert);
}

}  // namespace sbert::tokenizer
