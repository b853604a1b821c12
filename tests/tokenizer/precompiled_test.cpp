// A broken precompiled_charsmap is an error: at load, or where a text meets the broken part. (What a good one does is
// in component_golden_test.cpp.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/normalizer.h"

namespace sbert::tokenizer {
namespace {

using test::message_of;
using testing::HasSubstr;

std::string base64(const std::string& bytes) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string charsmap(uint32_t trie_bytes, const std::vector<uint32_t>& units, const std::string& replacements) {
  std::string bytes(reinterpret_cast<const char*>(&trie_bytes), sizeof trie_bytes);
  bytes.append(reinterpret_cast<const char*>(units.data()), units.size() * sizeof units[0]);
  return base64(bytes + replacements);
}

std::string normalized(const std::string& map, const std::string& text) {
  std::string out;
  make_precompiled_normalizer(map, "'f'")->normalize(text, out);
  return out;
}

// A trie of one key, "a", whose replacement is at `value`.
std::vector<uint32_t> one_key(uint32_t value) {
  std::vector<uint32_t> units(512, 0);
  units[0] = 256 << 10;                                         // children of the root stand from 256 on
  units[256 ^ 'a'] = 'a' | 1 << 8 | ((256 ^ 'a') ^ 300) << 10;  // has a value, at 300
  units[300] = value | 1u << 31;
  return units;
}

TEST(Precompiled, OneKey) {
  EXPECT_EQ(normalized(charsmap(2048, one_key(0), "xyz"), "bab"), "bxyzb");
  EXPECT_EQ(normalized(charsmap(2048, one_key(2), std::string("x\0z", 3)), "a"), "z");
  EXPECT_EQ(normalized(charsmap(2048, one_key(3), "xyz"), "ba"), "b") << "the end is an empty replacement";
}

TEST(Precompiled, BrokenAtLoad) {
  for (const std::string& map :
       {std::string("abc"), std::string("ab=c"), std::string("!!!!"), std::string(), base64("abc"), base64("\1\0\0\0"),
        charsmap(0, {}, "x"), charsmap(4096, one_key(0), "x"), charsmap(0xFFFFFFFF, one_key(0), "x"),
        charsmap(2048, one_key(0), "\xFF")}) {
    EXPECT_THAT(message_of<InvalidModelError>([&] { make_precompiled_normalizer(map, "'f'"); }), HasSubstr("'f'"));
  }
}

TEST(Precompiled, PointersOutOfTheMap) {
  EXPECT_THAT(message_of<InvalidModelError>([] { normalized(charsmap(2048, one_key(1000), "xyz"), "a"); }),
              HasSubstr("out of its replacements"));
  EXPECT_THAT(message_of<InvalidModelError>([] { normalized(charsmap(2048, one_key(1), "\xC3\xA9"), "a"); }),
              HasSubstr("out of its replacements"));
  EXPECT_THAT(message_of<InvalidModelError>([] { normalized(charsmap(4, {0x3FFFFFu << 10}, ""), "a"); }),
              HasSubstr("out of itself"));
}

}  // namespace
}  // namespace sbert::tokenizer
