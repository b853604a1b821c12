#include <algorithm>
#include <utility>

#include "tokenizer/normalizer.h"

namespace sbert::tokenizer {
namespace {

class Replacer final : public MatchSink {
 public:
  Replacer(std::string_view text, std::string_view content, std::string& out)
      : text_(text), content_(content), out_(out) {}

  void match(size_t begin, size_t end) override {
    out_.append(text_, done_, begin - done_);
    out_.append(content_);
    done_ = end;
  }
  void finish() { out_.append(text_, done_); }

 private:
  std::string_view text_, content_;
  std::string& out_;
  size_t done_ = 0;
};

// `tokenizers` aligns the content with the last byte of what it replaces.
class StartCounter final : public MatchSink {
 public:
  StartCounter(size_t start_bytes, size_t content_size) : start_bytes_(start_bytes), content_size_(content_size) {}

  void match(size_t begin, size_t end) override {
    count_kept(begin);
    if (over_) return;
    if (end == 0 || end <= start_bytes_) {
      count_ += content_size_;
      done_ = end;
    } else {
      over_ = true;
    }
  }
  size_t finish(size_t text_size) {
    count_kept(text_size);
    return count_;
  }

 private:
  void count_kept(size_t end) {
    if (over_ || end == done_) return;
    count_ += std::min(end, std::max(start_bytes_, done_)) - done_;
    over_ = end > start_bytes_;
    done_ = end;
  }

  size_t start_bytes_, content_size_;
  size_t done_ = 0, count_ = 0;
  bool over_ = false;
};

class Replace final : public Normalizer {
 public:
  Replace(std::unique_ptr<const TextPattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  void normalize(std::string_view text, std::string& out) const override {
    out.clear();
    if (text.empty()) return;  // not even an empty match is replaced there
    Replacer replacer(text, content_, out);
    pattern_->find(text, replacer);
    replacer.finish();
  }

  size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view) const override {
    if (text.empty()) return 0;
    StartCounter counter(start_bytes, content_.size());
    pattern_->find(text, counter);
    return counter.finish(text.size());
  }

 private:
  std::unique_ptr<const TextPattern> pattern_;
  std::string content_;
};

}  // namespace

std::unique_ptr<Normalizer> make_replace(std::unique_ptr<const TextPattern> pattern, std::string content) {
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}

}  // namespace sbert::tokenizer
