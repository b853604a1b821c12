// Regular expressions: Oniguruma, which `tokenizers` uses too, within limits.

#include "tokenizer/text_pattern.h"

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>
#include <memory>
#include <new>
#include <oniguruma.h>
#include <type_traits>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/regex_unicode.h"
#include "tokenizer/word_pattern.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

// Far beyond any real pattern. Rewritten, a \p{L} has a kilobyte; Oniguruma takes some fifty times the memory.
constexpr size_t kMaxPatternBytes = size_t{1} << 14, kMaxRewrittenBytes = size_t{1} << 18;

// An evil pattern must end in an error within a second; a sane one must not, however long the text. One match may
// backtrack as often as in `tokenizers`; all matches together may take so long.
constexpr unsigned long kMatchRetries = 10'000'000, kSearchRetriesPerByte = 32;
constexpr size_t kStackEntries = 1'000'000, kStackEntriesPerByte = 2;  // of some 50 bytes
constexpr double kSeconds = 0.2, kSecondsPerByte = 1e-6;

double thread_seconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Time that a text may take. The clock on the wall is cheap to ask, but runs while the thread does not: once it says
/// that the time is over, the same time starts again as processor time of the thread.
class TimeLimit {
 public:
  explicit TimeLimit(size_t bytes) : limit_(kSeconds + kSecondsPerByte * static_cast<double>(bytes)) {}

  bool is_over() {
    if (is_late_) return thread_seconds() - thread_start_ > limit_;
    if (std::chrono::duration<double>(Clock::now() - start_).count() > limit_) {
      is_late_ = true;
      thread_start_ = thread_seconds();
    }
    return false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  double limit_;
  Clock::time_point start_ = Clock::now();
  bool is_late_ = false;
  double thread_start_ = 0;
};

/// What a search needs besides the pattern; kept by each thread.
struct SearchState {
  SearchState() : region(onig_region_new()), param(onig_new_match_param()) {
    if (region == nullptr || param == nullptr) throw std::bad_alloc();
    onig_initialize_match_param(param);
    onig_set_retry_limit_in_match_of_match_param(param, kMatchRetries);
  }
  SearchState(const SearchState&) = delete;
  SearchState& operator=(const SearchState&) = delete;
  ~SearchState() {
    if (region != nullptr) onig_region_free(region, 1);
    if (param != nullptr) onig_free_match_param(param);
  }
  OnigRegion* region;
  OnigMatchParam* param;
};

const OnigUChar* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const OnigUChar*>(text.data());
}

class Regex final : public TextPattern {
 public:
  Regex(std::string_view pattern, const std::string& source)
      : name_(source + ": regular expression " + quote(common::printable_line(pattern))) {
    if (pattern.size() > kMaxPatternBytes) throw UnsupportedError(name_ + " is too long to be supported");
    const std::string rewritten = regex_unicode::for_system_oniguruma(pattern);
    if (rewritten.size() > kMaxRewrittenBytes) {
      throw UnsupportedError(name_ + " has too many properties to be supported");
    }
    initialize();
    OnigErrorInfo info{};
    OnigRegex regex = nullptr;
    const OnigUChar* const begin = bytes_of(rewritten);
    const int status = onig_new(&regex, begin, begin + rewritten.size(), ONIG_OPTION_NONE, ONIG_ENCODING_UTF8,
                                OnigDefaultSyntax, &info);
    if (status == ONIGERR_MEMORY) throw std::bad_alloc();
    if (status != ONIG_NORMAL) throw InvalidModelError(name_ + " is not valid: " + message_of(status, &info));
    regex_.reset(regex);
  }

  // An empty match right behind the match before it is left out, as in `tokenizers`.
  void find(std::string_view text, MatchSink& sink) const override {
    if (text.size() >= INT_MAX) throw UnsupportedError(name_ + " on a text of more than 2 GB");
    TimeLimit limit(text.size());
    size_t last_end = std::string_view::npos;
    for (size_t at = 0; at <= text.size();) {
      size_t begin, end;
      if (limit.is_over()) fail("takes too long on a text of " + std::to_string(text.size()) + " bytes");
      if (!search(text, at, begin, end)) break;
      at = end;
      if (begin == end && end == last_end) {
        if (end == text.size()) break;
        common::next_code_point(text, at);
        continue;
      }
      last_end = end;
      sink.match(begin, end);
    }
  }

 private:
  static void initialize() {
    static const int status = [] {
      OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
      return onig_initialize(encodings, 1);
    }();
    if (status != ONIG_NORMAL) throw std::bad_alloc();  // it allocates, and can fail in no other way
  }

  static std::string message_of(int status, OnigErrorInfo* info) {
    OnigUChar buffer[ONIG_MAX_ERROR_MESSAGE_LEN];
    const int size = onig_error_code_to_str(buffer, status, info);
    return common::printable_line({reinterpret_cast<const char*>(buffer), static_cast<size_t>(std::max(size, 0))});
  }

  [[noreturn]] void fail(const std::string& problem) const { throw InvalidModelError(name_ + " " + problem); }

  bool search(std::string_view text, size_t at, size_t& begin, size_t& end) const {
    thread_local SearchState state;
    const unsigned long retries = kMatchRetries + kSearchRetriesPerByte * static_cast<unsigned long>(text.size() - at);
    onig_set_retry_limit_in_search_of_match_param(state.param, retries);
    const size_t entries = kStackEntries + kStackEntriesPerByte * (text.size() - at);
    onig_set_match_stack_limit_size_of_match_param(state.param,
                                                   static_cast<unsigned>(std::min<size_t>(entries, UINT_MAX)));
    const OnigUChar* const first = bytes_of(text);
    const OnigUChar* const last = first + text.size();
    const int status = onig_search_with_param(regex_.get(), first, last, first + at, last, state.region,
                                              ONIG_OPTION_NONE, state.param);
    if (status == ONIG_MISMATCH) return false;
    if (status == ONIGERR_MEMORY) throw std::bad_alloc();
    if (status < 0) {
      fail("takes too long on a text of " + std::to_string(text.size()) + " bytes (" + message_of(status, nullptr) +
           ")");
    }
    begin = static_cast<size_t>(state.region->beg[0]);
    end = static_cast<size_t>(state.region->end[0]);
    return true;
  }

  struct Free {
    void operator()(OnigRegex regex) const { onig_free(regex); }
  };
  std::string name_;
  std::unique_ptr<std::remove_pointer_t<OnigRegex>, Free> regex_;
};

class WordRegex final : public TextPattern {
 public:
  explicit WordRegex(const WordPatternOptions& options) : pattern_(options) {}

  void find(std::string_view text, MatchSink& sink) const override {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = pattern_.match_end(text, begin);
      sink.match(begin, end);
      begin = end;
    }
  }

 private:
  WordPattern pattern_;
};

class Literal final : public TextPattern {
 public:
  explicit Literal(std::string literal) : literal_(std::move(literal)) {}

  void find(std::string_view text, MatchSink& sink) const override {
    if (literal_.empty()) return find_nothing(text, sink);
    for (size_t at = text.find(literal_); at != std::string_view::npos;
         at = text.find(literal_, at + literal_.size())) {
      sink.match(at, at + literal_.size());
    }
  }

 private:
  static void find_nothing(std::string_view text, MatchSink& sink) {
    sink.match(0, 0);
    for (size_t at = 0; at < text.size();) {
      common::next_code_point(text, at);
      sink.match(at, at);
    }
  }

  std::string literal_;
};

}  // namespace

std::unique_ptr<const TextPattern> make_literal_pattern(std::string literal) {
  return std::make_unique<Literal>(std::move(literal));
}

std::unique_ptr<const TextPattern> make_regex_pattern(std::string_view pattern, const std::string& source) {
  if (const auto options = WordPattern::recognize(pattern)) return std::make_unique<WordRegex>(*options);
  return std::make_unique<Regex>(pattern, source);
}

}  // namespace sbert::tokenizer
