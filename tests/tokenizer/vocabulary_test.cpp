#include "tokenizer/vocabulary.h"

#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <random>
#include <string>

namespace sbert::tokenizer {
namespace {

TEST(Vocabulary, FindsEveryStringAndNoOther) {
  // Lengths around the borders of the hash's and the comparison's loads (4, 8, 16).
  std::mt19937 random(1);
  std::map<std::string, int32_t> expected;
  for (int32_t id = 0; id < 5000; ++id) {
    std::string token(random() % 40, 'a');
    for (char& c : token) c = static_cast<char>(random() % 3);
    expected.emplace(token, id);
  }
  Vocabulary vocabulary;
  for (const auto& [token, id] : expected) EXPECT_TRUE(vocabulary.add(token, id));
  for (const auto& [token, id] : expected) EXPECT_FALSE(vocabulary.add(token, 7));
  vocabulary.finish();
  EXPECT_EQ(vocabulary.size(), expected.size());
  for (const auto& [token, id] : expected) {
    EXPECT_EQ(vocabulary.find(token), id);
    EXPECT_EQ(vocabulary.string_of(id), token);
    for (std::string other : {token + '\0', token + "a", token.substr(0, token.size() / 2)}) {
      const auto known = expected.find(other);
      EXPECT_EQ(vocabulary.find(other), known == expected.end() ? Vocabulary::kNone : known->second);
    }
  }
}

TEST(Vocabulary, IdsMayBeSparseDoubleAndLarge) {
  Vocabulary vocabulary;
  vocabulary.add("b", std::numeric_limits<int32_t>::max());
  vocabulary.add("a", 3);
  vocabulary.add("c", 3);
  vocabulary.add("", 0);
  vocabulary.finish();
  EXPECT_EQ(vocabulary.max_id(), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(vocabulary.string_of(3), "a");
  EXPECT_EQ(vocabulary.string_of(4), "");
  EXPECT_EQ(vocabulary.string_of(-5), "");
  EXPECT_EQ(vocabulary.string_of(std::numeric_limits<int32_t>::max()), "b");
  EXPECT_EQ(vocabulary.find("c"), 3);
  EXPECT_EQ(vocabulary.find(""), 0);
}

TEST(Vocabulary, ReplacingKeepsOneEntry) {
  Vocabulary vocabulary;
  vocabulary.add_or_replace("a", 1);
  vocabulary.add_or_replace("a", 9);
  vocabulary.finish();
  EXPECT_EQ(vocabulary.size(), 1u);
  EXPECT_EQ(vocabulary.find("a"), 9);
  EXPECT_EQ(vocabulary.string_of(9), "a");
  EXPECT_EQ(vocabulary.string_of(1), "");
}

TEST(Vocabulary, KnowsTheLongestOfEachFirstByte) {
  Vocabulary vocabulary;
  for (const char* token : {"a", "abc", "b", "\xE4\xB8\xAD"}) vocabulary.add(token, 0);
  EXPECT_EQ(vocabulary.longest(), 3u);
  EXPECT_EQ(vocabulary.longest_with_first('a'), 3u);
  EXPECT_EQ(vocabulary.longest_with_first('b'), 1u);
  EXPECT_EQ(vocabulary.longest_with_first('\xE4'), 3u);
  EXPECT_EQ(vocabulary.longest_with_first('z'), 0u);
}

TEST(Vocabulary, EmptyOne) {
  Vocabulary vocabulary;
  vocabulary.finish();
  EXPECT_EQ(vocabulary.find("a"), Vocabulary::kNone);
  EXPECT_EQ(vocabulary.max_id(), -1);
  EXPECT_EQ(vocabulary.string_of(0), "");
}

}  // namespace
}  // namespace sbert::tokenizer
