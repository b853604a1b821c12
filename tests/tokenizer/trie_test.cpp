#include "tokenizer/trie.h"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>

namespace sbert::tokenizer {
namespace {

/// The ids of all strings that `text` starts with, shortest first.
std::vector<int32_t> prefixes(const Trie& trie, std::string_view text) {
  std::vector<int32_t> ids;
  Trie::Node node = Trie::kRoot;
  for (const char byte : text) {
    if (!trie.step(node, byte)) break;
    if (trie.id_at(node) != Trie::kNone) ids.push_back(trie.id_at(node));
  }
  return ids;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

TEST(Trie, FindsEveryStringAndNoOther) {
  std::mt19937 random(1);
  for (const unsigned num_letters : {1u, 2u, 5u, 256u}) {
    std::vector<std::string> strings;
    std::map<std::string, int32_t> expected;
    for (int32_t id = 0; id < 3000; ++id) {
      std::string string(random() % 12, '\0');
      for (char& c : string) c = static_cast<char>(random() % num_letters);
      expected[string] = id;  // the last of equal ones
      strings.push_back(std::move(string));
    }
    const Trie trie(views_of(strings));
    for (const auto& [string, id] : expected) {
      EXPECT_EQ(trie.find(string), id);
      for (const std::string& other : {string + '\0', string + "\x01\x02", string.substr(0, string.size() / 2)}) {
        const auto known = expected.find(other);
        EXPECT_EQ(trie.find(other), known == expected.end() ? Trie::kNone : known->second);
      }
    }
  }
}

TEST(Trie, GivesAllPrefixesOfAText) {
  const Trie trie({"a", "abc", "ab", "b", "", "\xE4\xB8\xAD"});
  EXPECT_EQ(prefixes(trie, "abcd"), (std::vector<int32_t>{0, 2, 1}));
  EXPECT_EQ(prefixes(trie, "ac"), (std::vector<int32_t>{0}));
  EXPECT_EQ(prefixes(trie, "\xE4\xB8\xAD!"), (std::vector<int32_t>{5}));
  EXPECT_EQ(prefixes(trie, "\xE4\xB8"), (std::vector<int32_t>{}));
  EXPECT_EQ(trie.find(""), 4);
}

TEST(Trie, EmptyOne) {
  const Trie trie({});
  EXPECT_EQ(trie.find(""), Trie::kNone);
  for (int byte = 0; byte < 256; ++byte) EXPECT_EQ(trie.find(std::string(1, static_cast<char>(byte))), Trie::kNone);
}

}  // namespace
}  // namespace sbert::tokenizer
