#include "tokenizer/word_level.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using nlohmann::json;
using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

json word_level(const json& vocab, const char* unk_token) {
  return {{"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"model", {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", unk_token}}}};
}

const json kVocab = {{"the", 3}, {"cat", 1}, {"[UNK]", 0}, {",", 9}};

TEST(WordLevel, AWordIsAnEntryOrUnknown) {
  const Tokenizer tokenizer = load_json(word_level(kVocab, "[UNK]"));
  EXPECT_EQ(tokenizer.model_type(), "WordLevel");
  EXPECT_THAT(words(tokenizer, "the cat, the dog"), ElementsAre("the", "cat", ",", "the", "[UNK]"));
  EXPECT_EQ(tokenizer.vocab_size(), 10u);
  EXPECT_EQ(tokenizer.token_to_id("cat"), 1);
}

TEST(WordLevel, WithoutAnUnknownTokenOnlyTextsThatNeedItFail) {
  const Tokenizer tokenizer = load_json(word_level(kVocab, "<unk>"));
  EXPECT_THAT(words(tokenizer, "the cat"), ElementsAre("the", "cat"));
  EXPECT_THAT(message_of<InvalidModelError>([&] { words(tokenizer, "dog"); }),
              HasSubstr("the word 'dog' needs the unknown token '<unk>', which model.vocab does not have"));
}

TEST(WordLevel, FieldsThatAreMissing) {
  json document = word_level(kVocab, "[UNK]");
  document["model"].erase("unk_token");
  EXPECT_THAT(message_of<InvalidModelError>([&] { load_json(document); }),
              HasSubstr("field 'model.unk_token' is missing"));
}

TEST(WordLevel, IsWhatAFileWithoutTypeAndOtherFieldsIs) {
  json document = word_level(kVocab, "[UNK]");
  document["model"].erase("type");
  EXPECT_EQ(load_json(document).model_type(), "WordLevel");
}

}  // namespace
}  // namespace sbert::tokenizer
