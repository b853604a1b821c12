#include "modules/nltk_words.h"

#include <gtest/gtest.h>

// Every expected list is what nltk 3.10.4 gives; tests/parity/modules_parity.py compares on random texts.
namespace sbert::modules {
namespace {

struct Case {
  const char* text;
  std::vector<std::string> words;
};

TEST(NltkWordsTest, AsNltk) {
  const std::vector<Case> cases = {
      {"Good muffins cost $3.88 (roughly 3,36 euros)\nin New York.  Please buy me\ntwo of them.\nThanks.",
       {"Good", "muffins", "cost",   "$",   "3.88", "(",   "roughly", "3,36",  "euros",  ")", "in",
        "New",  "York.",   "Please", "buy", "me",   "two", "of",      "them.", "Thanks", "."}},
      {"\"Don't,\" he said; \"we're not gonna!\"",
       {"``", "Do", "n't", ",", "''", "he", "said", ";", "``", "we", "'re", "not", "gon", "na", "!", "''"}},
      {"cannot gimme d'ye more'n wanna go wanna",
       {"can", "not", "gim", "me", "d", "'ye", "more", "'n", "wan", "na", "go", "wan", "na"}},
      {"'tis 'twas 'Tis the season's end... ",
       {"'", "tis", "'", "twas", "'", "Tis", "the", "season", "'s", "end", "..."}},
      {"a.b.c. 'quoted' ``x'' '' \"", {"a.b.c.", "'", "quoted", "'", "``", "x", "''", "``", "``"}},
      {"12:30, 1,000:x, end:", {"12:30", ",", "1,000", ":", "x", ",", "end", ":"}},
      {"dogs' bowls--and cats' \xe2\x80\x94 \xc2\xabyes\xc2\xbb \xe2\x80\x9cq\xe2\x80\x9d",
       {"dogs", "'", "bowls", "--", "and", "cats", "'", "\xe2\x80\x94", "\xc2\xab", "yes", "\xc2\xbb", "\xe2\x80\x9c",
        "q", "\xe2\x80\x9d"}},
      {"x.)] \" ' ", {"x.", ")", "]", "``", "'"}},
      {"(a)[b]{c}<d> e@f #g 5% *",
       {"(", "a", ")", "[", "b", "]", "{", "c", "}", "<", "d", ">", "e", "@", "f", "#", "g", "5", "%", "*"}},
      {"I'LL they'Ve N'T isn't'", {"I", "'LL", "they'Ve", "N'T", "is", "n't", "'"}},
      {"'em 're 'S", {"'", "em", "'re", "'S"}},
      {"end.\xc2\xa0", {"end", "."}},
      {"What?!", {"What", "?", "!"}},
      {"...", {"..."}},
      {" ", {}},
      {"", {}},
  };
  for (const auto& [text, words] : cases) EXPECT_EQ(nltk_word_tokenize(text), words) << text;
}

// The rules of nltk before 3.9.2 took quadratic time on some of these.
TEST(NltkWordsTest, LongTextsOfOneCharacter) {
  for (const char* part : {"'", "\"", "`", ".", " ", ",", "a", "a'", ". ", "n't "}) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    EXPECT_LE(nltk_word_tokenize(text).size(), text.size()) << part;
  }
}

}  // namespace
}  // namespace sbert::modules
