#include "tokenizer/bpe_merges.h"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <vector>

namespace sbert::tokenizer {
namespace {

using Ids = std::vector<int32_t>;

TEST(BpeMergeTable, FindsEveryPairAndNoOther) {
  std::mt19937 random(1);
  std::map<std::pair<int32_t, int32_t>, uint32_t> expected;
  BpeMergeTable table(5000);
  for (uint32_t rank = 0; rank < 5000; ++rank) {
    const auto left = static_cast<int32_t>(random() % 200), right = static_cast<int32_t>(random() % 200);
    table.set(left, right, {rank, static_cast<int32_t>(rank + 1)});
    expected[{left, right}] = rank;
  }
  for (int32_t left = 0; left < 200; ++left) {
    for (int32_t right = 0; right < 200; ++right) {
      const auto known = expected.find({left, right});
      const auto found = table.find(left, right);
      EXPECT_EQ(found.rank, known == expected.end() ? BpeMergeTable::kNoRank : known->second);
      if (known != expected.end()) {
        EXPECT_EQ(found.merged, static_cast<int32_t>(known->second + 1));
      }
    }
  }
}

/// Strings of two letters with every merge of two of them, in random order: what each id stands for is known.
struct Language {
  std::vector<std::string> strings = {"a", "b"};
  BpeMergeTable merges{10'000};
  std::map<std::pair<int32_t, int32_t>, uint32_t> ranks;

  explicit Language(uint32_t seed) {
    std::mt19937 random(seed);
    std::map<std::string, int32_t> ids = {{"a", 0}, {"b", 1}};
    for (uint32_t rank = 0; rank < 60; ++rank) {
      const auto left = random() % strings.size(), right = random() % strings.size();
      const std::string merged = strings[left] + strings[right];
      const auto [entry, added] = ids.emplace(merged, static_cast<int32_t>(strings.size()));
      if (added) strings.push_back(merged);
      merges.set(static_cast<int32_t>(left), static_cast<int32_t>(right), {rank, entry->second});
      ranks[{static_cast<int32_t>(left), static_cast<int32_t>(right)}] = rank;
    }
  }

  /// The definition: the best pair, the leftmost of equals, again and again.
  Ids merge_slowly(Ids ids) const {
    while (true) {
      size_t best = ids.size();
      uint32_t best_rank = BpeMergeTable::kNoRank;
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto rank = ranks.find({ids[i], ids[i + 1]});
        if (rank != ranks.end() && rank->second < best_rank) best = i, best_rank = rank->second;
      }
      if (best == ids.size()) return ids;
      ids[best] = merges.find(ids[best], ids[best + 1]).merged;
      ids.erase(ids.begin() + static_cast<ptrdiff_t>(best) + 1);
    }
  }
};

TEST(BpeMerges, BothWaysAreTheDefinition) {
  std::mt19937 random(2);
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const Language language(seed);
    for (size_t length = 0; length <= kFewIds; ++length) {
      Ids ids(length);
      for (int32_t& id : ids) id = static_cast<int32_t>(random() % 2);
      const Ids expected = language.merge_slowly(ids);
      Ids few = ids, many = ids;
      few.resize(merge_few_pairs(language.merges, few.data(), few.size()));
      many.resize(merge_pairs(language.merges, many.data(), many.size()));
      ASSERT_EQ(few, expected) << "seed " << seed << " length " << length;
      ASSERT_EQ(many, expected) << "seed " << seed << " length " << length;
    }
  }
}

TEST(BpeMerges, LongRuns) {
  const Language language(7);
  for (const size_t length : {41u, 200u, 1000u}) {
    Ids ids(length);
    for (size_t i = 0; i < length; ++i) ids[i] = i % 3 == 0 ? 1 : 0;
    const Ids expected = language.merge_slowly(ids);
    ids.resize(merge_pairs(language.merges, ids.data(), ids.size()));
    EXPECT_EQ(ids, expected);
  }
}

}  // namespace
}  // namespace sbert::tokenizer
