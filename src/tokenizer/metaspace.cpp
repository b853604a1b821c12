#include <algorithm>

#include "common/text.h"
#include "tokenizer/local_text.h"
#include "tokenizer/pre_tokenizer.h"

namespace sbert::tokenizer {
namespace {

class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const MetaspaceOptions& options) : options_(options) {
    common::append_utf8(replacement_, options.replacement);
  }

  bool needs_start() const override { return options_.prepend_scheme == PrependScheme::kFirst; }

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    const bool prepend = !text.starts_with(' ') && !text.starts_with(replacement_) && wants_prefix(start_bytes);
    const size_t spaces = spaces_in(text);
    if (!prepend && spaces == 0) return cut(text, start_bytes, sink);

    LocalText replaced((prepend ? replacement_.size() : 0) + text.size() + spaces * (replacement_.size() - 1));
    if (prepend) *replaced += replacement_;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find(' ', begin), text.size());
      replaced->append(text, begin, end - begin);
      if (end < text.size()) *replaced += replacement_;
      begin = end + 1;
    }
    if (start_bytes > 0) {
      start_bytes += spaces_in(text.substr(0, start_bytes)) * (replacement_.size() - 1);
      if (prepend) start_bytes += replacement_.size();
    }
    cut(*replaced, start_bytes, sink);
  }

 private:
  static size_t spaces_in(std::string_view text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), ' '));
  }

  bool wants_prefix(size_t start_bytes) const {
    return options_.prepend_scheme == PrependScheme::kAlways ||
           (options_.prepend_scheme == PrependScheme::kFirst && start_bytes > 0);
  }

  // Each replacement begins a word.
  void cut(std::string_view text, size_t start_bytes, WordSink& sink) const {
    if (!options_.split) return sink.word(text, start_bytes);
    for (size_t begin = 0; begin < text.size();) {
      size_t search_at = begin;
      if (text.substr(begin).starts_with(replacement_)) search_at += replacement_.size();
      const size_t end = std::min(text.find(replacement_, search_at), text.size());
      sink.word(text.substr(begin, end - begin), start_bytes_from(begin, start_bytes));
      begin = end;
    }
  }

  MetaspaceOptions options_;
  std::string replacement_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_metaspace(const MetaspaceOptions& options) {
  return std::make_unique<Metaspace>(options);
}

}  // namespace sbert::tokenizer
