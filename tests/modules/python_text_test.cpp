#include "modules/python_text.h"

#include <gtest/gtest.h>

// As Python 3.11 prints it; tests/parity/modules_parity.py goes through every character.
namespace sbert::modules::python {
namespace {

TEST(PythonTextTest, Lower) {
  EXPECT_EQ(lower("Hello, WORLD 12"), "hello, world 12");
  EXPECT_EQ(lower("\xc3\x89t\xc3\x89 \xd0\x9f\xd0\xa0"), "\xc3\xa9t\xc3\xa9 \xd0\xbf\xd1\x80");
  EXPECT_EQ(lower("\xc4\xb0"), "i\xcc\x87") << "U+0130 becomes two characters";
}

// U+03A3 at the end of a word becomes U+03C2, elsewhere U+03C3.
TEST(PythonTextTest, FinalSigma) {
  const std::string sigma = "\xce\xa3", small = "\xcf\x83", final = "\xcf\x82", dot = "\xc2\xb7", acute = "\xcc\x81";
  EXPECT_EQ(lower(sigma), small) << "no letter before it";
  EXPECT_EQ(lower("A" + sigma), "a" + final);
  EXPECT_EQ(lower("A" + sigma + "B"), "a" + small + "b");
  EXPECT_EQ(lower("A" + sigma + sigma), "a" + small + final);
  EXPECT_EQ(lower("A" + acute + sigma + "."), "a" + acute + final + ".");
  EXPECT_EQ(lower("A" + sigma + dot + "B"), "a" + small + dot + "b") << "a middle dot is inside a word";
  EXPECT_EQ(lower("1" + sigma), "1" + small);
  EXPECT_EQ(lower("A" + sigma + "-B"), "a" + final + "-b");
}

TEST(PythonTextTest, Split) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split(""), Parts());
  EXPECT_EQ(split(" \t\n\x1c\x1f "), Parts());
  EXPECT_EQ(split("a"), Parts({"a"}));
  EXPECT_EQ(split("  a b\xc2\xa0"
                  "c\xe3\x80\x80"
                  "d\xe2\x80\x8b"
                  "e\n"),
            Parts({"a", "b", "c",
                   "d\xe2\x80\x8b"
                   "e"}))
      << "no-break and ideographic spaces split, a zero-width space does not";
}

TEST(PythonTextTest, StripPunctuation) {
  EXPECT_EQ(strip_punctuation("(\"it's\"),"), "it's");
  EXPECT_EQ(strip_punctuation("!?"), "");
  EXPECT_EQ(strip_punctuation("\xe2\x80\x9cx\xe2\x80\x9d"), "\xe2\x80\x9cx\xe2\x80\x9d") << "ASCII only";
}

}  // namespace
}  // namespace sbert::modules::python
