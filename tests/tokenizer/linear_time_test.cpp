// T3, T4: the cost of a text is linear in its length, whatever it holds. Ratios only: machines differ.
#include <algorithm>
#include <ctime>
#include <gtest/gtest.h>
#include <limits>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

std::string repeat(std::string_view part, size_t bytes) {
  std::string text;
  text.reserve(bytes + part.size());
  while (text.size() < bytes) text += part;
  return text;
}

// Processor time of this thread: what others do to the machine does not count.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds(const Tokenizer& tokenizer, const std::string& text) {
  double best = std::numeric_limits<double>::infinity();
  Encoding encoding;
  for (int repetition = 0; repetition < 3; ++repetition) {
    const double start = thread_seconds();
    tokenizer.encode(text, {.max_length = 512}, encoding);
    best = std::min(best, thread_seconds() - start);
  }
  return best;
}

TEST(LinearTime, SixteenTimesTheTextTakesAboutSixteenTimesAsLong) {
  auto document = small_tokenizer_json();
  document["added_tokens"].push_back(added_token(25, "[[["));
  document["added_tokens"].push_back(added_token(26, "  x", {{"normalized", true}, {"lstrip", true}}));
  const Tokenizer tokenizer = load_json(document);
  for (const std::string_view part :
       {"x", "ab", "[", " ", "\xE4\xB8\xAD", "\xCC\x81", "\xCC\x81\xCC\xA3", "[MASK]", "a ", "\xFF", "  x", ".", "##b",
        "\xEA\xB0\x80", "\xF0\x9F\x98\x80\xE2\x80\x8D"}) {
    constexpr size_t kShort = 1 << 15, kFactor = 16;
    const double once = seconds(tokenizer, repeat(part, kShort));
    const double many = seconds(tokenizer, repeat(part, kShort * kFactor));
    // Quadratic cost would be 256 times; 64 leaves room for caches and a busy machine.
    EXPECT_LT(many, 4 * kFactor * std::max(once, 1e-5)) << "text of '" << part << "'";
  }
}

}  // namespace
}  // namespace sbert::tokenizer
