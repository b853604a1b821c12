// T3, T4: the cost of normalizers and pre-tokenizers is linear in the text, whatever it holds. Ratios only: machines
// differ.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_folder.h"
#include "tokenizer/json_components.h"

namespace sbert::tokenizer {
namespace {

class Counter final : public WordSink {
 public:
  void word(std::string_view, size_t) override { ++words; }
  size_t words = 0;
};

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

template <class Run>
double seconds(const Run& run) {
  double best = std::numeric_limits<double>::infinity();
  for (int repetition = 0; repetition < 2; ++repetition) {
    const double start = thread_seconds();
    run();
    best = std::min(best, thread_seconds() - start);
  }
  return best;
}

TEST(ComponentLinearTime, SixteenTimesTheTextTakesAboutSixteenTimesAsLong) {
  constexpr size_t kShort = 1 << 12, kFactor = 16;
  const auto goldens = nlohmann::json::parse(std::ifstream(SBERT_TEST_DIR "/tokenizer/component_goldens.json"));
  const test::TemporaryFolder folder;
  for (const auto& golden : goldens.at("cases")) {
    folder.write("tokenizer.json", golden.dump());
    const JsonFile json(folder.path() / "tokenizer.json");
    const auto normalizer = read_normalizer(json.root(), false);
    const auto pre_tokenizer = read_pre_tokenizer(json.root());
    const auto cost = [&](const std::string& text) {
      return seconds([&] {
        std::string out;
        Counter counter;
        if (normalizer != nullptr) normalizer->normalize(text, out);
        if (pre_tokenizer != nullptr) pre_tokenizer->split(text, 1, counter);
      });
    };
    for (const std::string_view part : {"x", "a", " ", "\n", "1", "'", "\xCC\x81", "\xCC\x81\xCC\xA3", "A\xE4\xB8\xAD",
                                        " \n", "\xEF\xB7\xBA", "\xE0\xA4\x95\xE0\xA5\x8D", "ab"}) {
      const double once = cost(repeat(part, kShort));
      const double many = cost(repeat(part, kShort * kFactor));
      // Quadratic cost would be 256 times; 64 leaves room for caches and a busy machine.
      EXPECT_LT(many, 4 * kFactor * std::max(once, 1e-5))
          << "text of '" << part << "' " << golden.dump().substr(0, 200);
    }
  }
}

}  // namespace
}  // namespace sbert::tokenizer
