#include "tokenizer/code_point_cache.h"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace sbert::tokenizer {
namespace {

uint32_t answer(char32_t c) {
  return static_cast<uint32_t>(c) * 2654435761u;
}

TEST(CodePointCache, GivesWhatTheFunctionGives) {
  const CodePointCache<uint32_t> cache;
  for (char32_t c = 0; c < 0x110000; c += 97) EXPECT_EQ(cache.get(c, answer), answer(c));
  for (char32_t c = 0; c < 0x110000; c += 97) EXPECT_EQ(cache.get(c, answer), answer(c)) << "from the table";
}

TEST(CodePointCache, ThreadsMayMeetABlockAtTheSameTime) {
  for (int round = 0; round < 20; ++round) {
    const CodePointCache<uint32_t> cache;
    std::atomic<int> wrong = 0, ready = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (++ready; ready < 4;) {
        }
        for (char32_t c = 0; c < CodePointCache<uint32_t>::kEnd; c += 251) wrong += cache.get(c, answer) != answer(c);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  }
}

}  // namespace
}  // namespace sbert::tokenizer
