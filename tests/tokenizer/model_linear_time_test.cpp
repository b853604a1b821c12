// T3: one unbroken run of a million characters costs about as much per character as a short one, whatever the
// vocabulary. Ratios only: machines differ.
#include <algorithm>
#include <ctime>
#include <gtest/gtest.h>
#include <limits>

#include "tokenizer/bpe.h"
#include "tokenizer/unigram.h"

namespace sbert::tokenizer {
namespace {

std::string repeat(std::string_view part, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  return text;
}

// Processor time of this thread: what others do to the machine does not count.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds(const Model& model, const std::string& word) {
  double best = std::numeric_limits<double>::infinity();
  std::vector<int32_t> ids;
  for (int repetition = 0; repetition < 3; ++repetition) {
    ids.clear();
    const double start = thread_seconds();
    model.tokenize(word, ids);
    best = std::min(best, thread_seconds() - start);
  }
  return best;
}

void expect_linear(const Model& model, const char* what) {
  for (const std::string_view part : {"a", "ab", "aab", "x", "\xE2\x96\x81",
                                      "\xE2\x96\x81"
                                      "a",
                                      "\xE4\xB8\xAD"}) {
    constexpr size_t kShort = 10'000, kFactor = 32;  // no entry has that length: it would be one look-up
    const double once = seconds(model, repeat(part, kShort));
    const double many = seconds(model, repeat(part, kShort * kFactor));
    // Quadratic cost would be 1024 times; 128 leaves room for a heap's logarithm, caches and a busy machine.
    EXPECT_LT(many, 4 * kFactor * std::max(once, 1e-5)) << what << ", text of '" << part << "'";
  }
}

std::unique_ptr<Model> bpe(const std::vector<std::pair<std::string, std::string>>& merges) {
  Vocabulary vocabulary;
  int32_t id = 0;
  for (const char* token : {"<unk>", "a", "b", "\xE2\x96\x81"}) vocabulary.add(token, id++);
  for (const auto& [left, right] : merges) vocabulary.add(left + right, id++);
  BpeOptions options;
  options.unk_token = "<unk>";
  return make_bpe(std::move(vocabulary), {merges.begin(), merges.end()}, std::move(options));
}

TEST(ModelLinearTime, BpeWhoseMergesDouble) {
  std::vector<std::pair<std::string, std::string>> merges;
  for (size_t length = 1; length <= 1 << 12; length *= 2) {
    merges.emplace_back(std::string(length, 'a'), std::string(length, 'a'));
  }
  merges.emplace_back("a", "b");
  merges.emplace_back("\xE2\x96\x81", "\xE2\x96\x81");
  expect_linear(*bpe(merges), "doubling merges");
}

TEST(ModelLinearTime, BpeWhoseMergesGrowByOne) {
  std::vector<std::pair<std::string, std::string>> merges;
  for (size_t length = 1; length < 500; ++length) merges.emplace_back(std::string(length, 'a'), "a");
  expect_linear(*bpe(merges), "growing merges, short ones first");
  std::reverse(merges.begin(), merges.end());
  expect_linear(*bpe(merges), "growing merges, long ones first");
}

TEST(ModelLinearTime, Unigram) {
  std::vector<std::string> strings = {"<unk>", "b", std::string(400, 'a') + "b", "\xE2\x96\x81"};
  for (size_t length = 1; length < 64; ++length) strings.emplace_back(length, 'a');
  std::vector<UnigramPiece> pieces;
  for (const std::string& string : strings) pieces.push_back({string, -1.0});
  expect_linear(*make_unigram(pieces, {.unk_id = 0, .byte_fallback = false, .source = {}}), "long pieces");
}

}  // namespace
}  // namespace sbert::tokenizer
