#include "common/text.h"

#include <gtest/gtest.h>
#include <string>

namespace sbert::common {
namespace {

std::string repaired(std::string_view text) {
  std::string storage;
  return std::string(valid_utf8(text, storage));
}

TEST(Text, ValidUtf8IsReturnedAsItIs) {
  std::string storage;
  const std::string_view text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80";
  EXPECT_EQ(valid_utf8(text, storage).data(), text.data());
}

// What Python gives for bytes.decode("utf-8", errors="replace"), as U+FFFD = "\xEF\xBF\xBD".
TEST(Text, EachMaximalIllFormedPartBecomesOneReplacementCharacter) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(repaired("\xC0\x80"), r + r);                           // overlong NUL
  EXPECT_EQ(repaired("\xED\xA0\x80"), r + r + r);                   // surrogate
  EXPECT_EQ(repaired("\xF4\x90\x80\x80"), r + r + r + r);           // above U+10FFFF
  EXPECT_EQ(repaired("\xF0\x9F\x98"), r);                           // cut short at the end
  EXPECT_EQ(repaired("\xF0\x9F\x98x"), r + "x");                    // cut short inside
  EXPECT_EQ(repaired("a\xFFz"), "a" + r + "z");                     // never valid
  EXPECT_EQ(repaired("\x80\x80"), r + r);                           // continuation without a lead
  EXPECT_EQ(repaired("\xE2\x82\xE2\x82\xAC"), r + "\xE2\x82\xAC");  // a lead interrupts
}

TEST(Text, CodePointsMakeTheRoundTrip) {
  for (const char32_t c :
       {U'\0', U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xFFFF', U'\U00010000', U'\U0010FFFF'}) {
    std::string text;
    append_utf8(text, c);
    size_t i = 0;
    EXPECT_EQ(next_code_point(text, i), c);
    EXPECT_EQ(i, text.size());
    EXPECT_TRUE(is_valid_utf8(text));
  }
}

TEST(Text, PrintableLineHasNoControlCharactersAndAnEnd) {
  EXPECT_EQ(printable_line("a\nb\x1B[31m\x7F\xC2\x85\xFF"), "a\\nb\\x1b[31m\\x7f\\x85\xEF\xBF\xBD");
  EXPECT_LT(printable_line(std::string(10'000'000, 'x')).size(), 2100u);
}

TEST(Text, QuoteShortensLongNames) {
  EXPECT_EQ(quote("config.json"), "'config.json'");
  EXPECT_LT(quote(std::string(10'000'000, 'n')).size(), 300u);
}

}  // namespace
}  // namespace sbert::common
