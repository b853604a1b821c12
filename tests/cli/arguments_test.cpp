#include "arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/temporary_folder.h"
#include "errors.h"
#include "message.h"

namespace sbert::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<std::string>;

struct Fixture {
  ArgumentParser parser{"encode", "MODEL [TEXT...]", "Turn texts into vectors."};
  std::optional<std::string> prompt, task;
  std::optional<size_t> count;
  bool flag = false;

  Fixture() {
    parser.text("--prompt", prompt, "TEXT", "a text");
    parser.number("--count", count, 100, "N", "a number");
    parser.choice("--task", task, {"query", "document"}, "a word");
    parser.flag("--normalize", flag, "a flag");
  }
};

Words words_of(const Words& arguments) {
  return Fixture().parser.parse(arguments);
}

template <typename Exception = UsageError>
std::string error_of(const Words& arguments) {
  return message_of<Exception>([&] { words_of(arguments); });
}

// CLI11 2.1.2 turns "[MASK]" into "MASK", "[a, b]" into two texts, and a text that is a command's name into the
// command.
TEST(Arguments, WordsAreKeptByteForByte) {
  const Words words = {"model", "[MASK]", "[a, b]", "",    "{x}",         "{}",       "%%",         "a,b", "@file",
                       "info",  "-",      "/x",     "a=b", "line\nbreak", "\xFF\xFE", "\"quoted\"", "++"};
  EXPECT_EQ(words_of(words), words);
}

TEST(Arguments, OptionValuesAreKeptByteForByte) {
  for (const std::string value : {"[MASK] ", "[a, b]", "[]", "", "{}", "{x}", "a,b", "--normalize", "--", "-5", "x=y",
                                  "true", "\xFF", "two\nlines"}) {
    Fixture separate, joined;
    EXPECT_THAT(separate.parser.parse({"m", "--prompt", value, "t"}), ElementsAre("m", "t")) << value;
    EXPECT_EQ(separate.prompt, value);
    EXPECT_THAT(joined.parser.parse({"m", "--prompt=" + value, "t"}), ElementsAre("m", "t")) << value;
    EXPECT_EQ(joined.prompt, value);
  }
}

TEST(Arguments, OptionsMayStandAnywhereBeforeTheDoubleDash) {
  Fixture f;
  EXPECT_THAT(f.parser.parse({"--count", "7", "m", "a", "--normalize", "b", "--", "-5 degrees", "--prompt", "--"}),
              ElementsAre("m", "a", "b", "-5 degrees", "--prompt", "--"));
  EXPECT_EQ(f.count, 7u);
  EXPECT_TRUE(f.flag);
  EXPECT_FALSE(f.prompt);
}

TEST(Arguments, WrongUseIsNamed) {
  EXPECT_THAT(error_of({"m", "-5 degrees"}),
              HasSubstr("unknown option '-5 degrees' (a text that begins with '-' goes"));
  EXPECT_THAT(error_of({"--promp", "x"}), HasSubstr("unknown option '--promp'"));  // no abbreviations
  EXPECT_THAT(error_of({"--nonsense=1"}), HasSubstr("unknown option '--nonsense'"));
  EXPECT_EQ(error_of({"--prompt"}), "--prompt needs a value");
  EXPECT_EQ(error_of({"--normalize=false"}), "--normalize takes no value");
  EXPECT_THAT(error_of({"--count", "1", "--count", "2"}), HasSubstr("given twice"));
  EXPECT_EQ(error_of({"--task", "Query"}), "--task is 'Query', expected one of: query, document");
  for (const std::string count : {"0", "101", "-1", "1.5", "1e2", " 1", "1 ", "0x10", "", "99999999999999999999"}) {
    EXPECT_EQ(error_of({"--count", count}), "--count is '" + count + "', expected a whole number from 1 to 100");
  }
}

TEST(Arguments, HelpAndVersionAreTexts) {
  const auto text_of = [](const Words& arguments) {
    try {
      words_of(arguments);
    } catch (const TextRequested& request) {
      return request.text;
    }
    return std::string("(none)");
  };
  EXPECT_THAT(text_of({"--help"}), HasSubstr("Usage: sbert encode [OPTIONS] MODEL [TEXT...]\n"));
  EXPECT_THAT(text_of({"m", "-h"}), HasSubstr("--task query|document"));
  EXPECT_THAT(text_of({"--version"}), testing::MatchesRegex("sbert [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(text_of({"m", "--", "--help"}), "(none)");
}

TEST(Message, IsOneLineWithoutControlCharacters) {
  EXPECT_EQ(one_line("a\nb\x1B[31m\x7F\xC2\x9B"
                     "c\xC3\xA9"),
            "a\\nb\\x1b[31m\\x7f\\x9bc\xC3\xA9");
  EXPECT_LT(one_line(std::string(1'000'000, 'x')).size(), 2010u);
}

TEST(Message, LongNamesAreShortenedBetweenCharacters) {
  EXPECT_EQ(quote("x.txt"), "'x.txt'");
  std::string name;
  for (int i = 0; i < 1000; ++i) name += "\xC3\xA9";
  const std::string quoted = quote(name);
  EXPECT_LT(quoted.size(), 220u);
  size_t leads = 0, continuations = 0;
  for (const char c : quoted) {
    leads += static_cast<unsigned char>(c) == 0xC3 ? 1 : 0;
    continuations += static_cast<unsigned char>(c) == 0xA9 ? 1 : 0;
  }
  EXPECT_EQ(leads, continuations);
}

}  // namespace
}  // namespace sbert::cli
