#include "modules/word_tokenizer.h"

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "support/errors.h"

namespace sbert::modules {
namespace {

using test::message_of;
using Ids = std::vector<int32_t>;

constexpr const char* kWhitespace =
    "sentence_transformers.sentence_transformer.modules.tokenizer.whitespace.WhitespaceTokenizer";
constexpr const char* kPhrase = "sentence_transformers.models.tokenizer.PhraseTokenizer.PhraseTokenizer";

class WordTokenizerTest : public ModuleFixture {
 protected:
  WordTokenizer load(const char* type, const std::string& config) const {
    const bool phrases = std::string(type).ends_with("PhraseTokenizer");
    folder.write(phrases ? "phrasetokenizer_config.json" : "whitespacetokenizer_config.json", config);
    return WordTokenizer::load(folder.path(), type, "'wordembedding_config.json'");
  }
  static Ids ids(const WordTokenizer& tokenizer, std::string_view text) {
    Ids result;
    tokenizer.tokenize(text, result);
    return result;
  }
};

TEST_F(WordTokenizerTest, EachFormOfAWordInTurn) {
  const auto tokenizer = load(kWhitespace, R"({"vocab": ["pad", "the", "dog", "Dog", "dog.", "it's"],
                                               "stop_words": ["the", "of"], "do_lower_case": false})");
  EXPECT_EQ(ids(tokenizer, "dog Dog DOG dog. (dog) 'Dog' it's \"it's\" cat"), (Ids{2, 3, 2, 4, 2, 3, 5, 5}));
  EXPECT_EQ(ids(tokenizer, "the The the, of dog"), (Ids{2})) << "stop words, also after strip and lower";
  EXPECT_EQ(ids(tokenizer, ""), Ids());
  EXPECT_EQ(ids(tokenizer, " ... "), Ids());
  EXPECT_EQ(ids(tokenizer, "dog\xff dog"), Ids({2})) << "broken UTF-8 is another word";
  EXPECT_EQ(tokenizer.word(3), "Dog");
  EXPECT_EQ(tokenizer.word(6), "");
  EXPECT_EQ(tokenizer.description(), "whitespacetokenizer_config.json (WhitespaceTokenizer)");
}

TEST_F(WordTokenizerTest, LowercaseFirst) {
  const auto tokenizer = load(kWhitespace, R"({"vocab": ["Dog", "dog"], "stop_words": [], "do_lower_case": true})");
  EXPECT_EQ(ids(tokenizer, "Dog"), (Ids{1}));
}

TEST_F(WordTokenizerTest, AWordThatStandsTwiceHasItsLastNumber) {
  EXPECT_EQ(ids(WordTokenizer({"a", "b", "a"}), "a b"), (Ids{2, 1}));
}

TEST_F(WordTokenizerTest, Phrases) {
  const std::string vocab = R"("vocab": ["New_York", "new_york_city", "york", "is", "x__y", "a_b_c_d_e_f", "city"])";
  const auto tokenizer = load(kPhrase, "{" + vocab + R"(, "stop_words": ["the"]})");
  EXPECT_EQ(ids(tokenizer, "New York is NEW YORK CITY."), (Ids{0, 3, 1})) << "longest first, then its lower case";
  EXPECT_EQ(ids(tokenizer, "the York, City"), (Ids{2, 6}));
  EXPECT_EQ(ids(tokenizer, "x  y a b c d e f"), Ids()) << "neither '__' nor six words make a phrase";
  EXPECT_EQ(ids(load(kPhrase, "{" + vocab + R"(, "stop_words": [], "max_ngram_length": 6})"), "a b c d e f"), (Ids{5}));
  EXPECT_EQ(ids(load(kPhrase, "{" + vocab + R"(, "stop_words": [], "max_ngram_length": 2})"), "New York City"),
            (Ids{0, 6}));
  EXPECT_EQ(ids(load(kPhrase, "{" + vocab + R"(, "stop_words": [], "ngram_separator": null})"), "New York"), (Ids{2}));
}

TEST_F(WordTokenizerTest, RefusesOtherClasses) {
  for (const char* type : {"my_code.WhitespaceTokenizer", "sentence_transformers.x.TransformersTokenizerWrapper", ""}) {
    EXPECT_EQ(message_of<UnsupportedError>([&] { load(type, "{}"); }),
              "'wordembedding_config.json': tokenizer_class '" + std::string(type) +
                  "' is not supported by this version; supported: WhitespaceTokenizer, PhraseTokenizer");
  }
}

TEST_F(WordTokenizerTest, NamesWhatIsBroken) {
  const std::string file = "'" + (folder / "whitespacetokenizer_config.json").string() + "'";
  for (const char* config : {"{}", R"({"vocab": 3})", R"({"vocab": [3], "stop_words": []})", R"({"vocab": ["a"]})"}) {
    const std::string message = message_of<InvalidModelError>([&] { load(kWhitespace, config); });
    EXPECT_TRUE(message.starts_with(file + ": field ")) << message;
  }
  const std::string message = message_of<InvalidModelError>(
      [&] { load(kPhrase, R"({"vocab": [], "stop_words": [], "max_ngram_length": 100000})"); });
  EXPECT_NE(message.find("field 'max_ngram_length' is 100000"), std::string::npos) << message;
}

}  // namespace
}  // namespace sbert::modules
