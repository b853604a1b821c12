#include "models/encode_plan.h"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>

namespace sbert::models {
namespace {

using Group = std::vector<uint32_t>;

TEST(FindUniqueTest, EqualInputsShareAGroup) {
  const UniqueInputs unique = find_unique({"a", "b", "a", "", "b", "a", ""});
  EXPECT_EQ(unique.first, (Group{0, 1, 3}));
  EXPECT_EQ(unique.group, (Group{0, 1, 0, 2, 1, 0, 2}));
}

TEST(FindUniqueTest, NothingHasNoGroups) {
  const UniqueInputs unique = find_unique(std::vector<std::string>());
  EXPECT_TRUE(unique.first.empty());
  EXPECT_TRUE(unique.group.empty());
}

TEST(FindUniqueTest, ComparesByteForByte) {
  const std::vector<std::string> texts = {"a", "A", " a", "a ", std::string("a\0", 2), "\xff", "\xfe", "a"};
  EXPECT_EQ(find_unique(texts).group, (Group{0, 1, 2, 3, 4, 5, 6, 0}));
}

TEST(FindUniqueTest, PairsAreEqualWhereBothTextsAre) {
  const std::vector<TextPair> pairs = {{"a", "b"}, {"b", "a"}, {"ab", ""}, {"", "ab"}, {"a", "b"}, {"a", ""}};
  EXPECT_EQ(find_unique(pairs).group, (Group{0, 1, 2, 3, 0, 4}));
}

TEST(FindUniqueTest, ManyInputs) {
  std::mt19937 engine(1);
  std::vector<std::string> texts(20000);
  for (std::string& text : texts) text = "text " + std::to_string(engine() % 5000);
  const UniqueInputs unique = find_unique(texts);
  std::map<std::string, uint32_t> groups;
  Group first;
  for (uint32_t i = 0; i < texts.size(); ++i) {
    const auto [place, is_new] = groups.insert({texts[i], static_cast<uint32_t>(first.size())});
    if (is_new) first.push_back(i);
    ASSERT_EQ(unique.group[i], place->second);
  }
  EXPECT_EQ(unique.first, first);
}

TEST(PlanChunksTest, CutsAtTheMostTextsAndTokens) {
  using Borders = std::vector<size_t>;
  EXPECT_EQ(plan_chunks({5, 5, 5, 5, 5}, 2, 100), (Borders{0, 2, 4, 5}));
  EXPECT_EQ(plan_chunks({5, 5, 5, 5, 5}, 100, 10), (Borders{0, 2, 4, 5}));
  EXPECT_EQ(plan_chunks({5, 6, 5}, 100, 10), (Borders{0, 1, 2, 3}));
  EXPECT_EQ(plan_chunks({99, 1, 1, 99, 1}, 100, 10), (Borders{0, 1, 3, 4, 5})) << "a long text is alone";
  EXPECT_EQ(plan_chunks({3}, 1, 1), (Borders{0, 1}));
  EXPECT_EQ(plan_chunks({0, 0, 0}, 2, 0), (Borders{0, 2, 3}));
  EXPECT_EQ(plan_chunks({}, 1, 1), (Borders{0}));
}

TEST(PlanChunksTest, EveryPlanKeepsItsLimits) {
  std::mt19937 engine(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<size_t> lengths(engine() % 50);
    for (size_t& length : lengths) length = engine() % 30;
    const size_t max_texts = 1 + engine() % 10, max_tokens = engine() % 60;
    const std::vector<size_t> borders = plan_chunks(lengths, max_texts, max_tokens);
    ASSERT_EQ(borders.front(), 0u);
    ASSERT_EQ(borders.back(), lengths.size());
    for (size_t i = 1; i < borders.size(); ++i) {
      ASSERT_LT(borders[i - 1], borders[i]);
      const size_t texts = borders[i] - borders[i - 1];
      size_t tokens = 0;
      for (size_t k = borders[i - 1]; k < borders[i]; ++k) tokens += lengths[k];
      ASSERT_LE(texts, max_texts);
      ASSERT_TRUE(tokens <= max_tokens || texts == 1) << tokens;
    }
  }
}

}  // namespace
}  // namespace sbert::models
