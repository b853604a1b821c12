// The blocks of tokenizer.json: what each says, and the text of the errors when it says something else.
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

// The small tokenizer with the value at a JSON pointer changed.
json changed(const char* pointer, const json& value) {
  json document = small_tokenizer_json();
  document[json::json_pointer(pointer)] = value;
  return document;
}

std::string error_of(const json& document) {
  return message_of<InvalidModelError>([&] { load_json(document); });
}

std::string unsupported(const json& document) {
  return message_of<UnsupportedError>([&] { load_json(document); });
}

TEST(TokenizerJson, ErrorsNameTheFieldWhatWasFoundAndWhatIsExpected) {
  EXPECT_THAT(error_of(changed("/model/unk_token", 5)),
              HasSubstr("tokenizer.json': field 'model.unk_token' must be a string, found an integer"));
  EXPECT_THAT(error_of(changed("/model/max_input_chars_per_word", -1)),
              HasSubstr("field 'model.max_input_chars_per_word' is -1, expected an integer from 0"));
  EXPECT_THAT(error_of(changed("/normalizer/lowercase", "yes")),
              HasSubstr("field 'normalizer.lowercase' must be true or false, found a string"));
  EXPECT_THAT(error_of(changed("/added_tokens/2/lstrip", 1)),
              HasSubstr("field 'added_tokens[2].lstrip' must be true or false, found an integer"));
  EXPECT_THAT(error_of(changed("/post_processor/sep", {"[SEP]"})),
              HasSubstr("field 'post_processor.sep' must be a token and its id"));
  EXPECT_THAT(error_of(changed("/model/vocab/un", -7)), HasSubstr("the id of 'un' in 'model.vocab' must be"));
  EXPECT_THAT(error_of(changed("/model/vocab", {1, 2})), HasSubstr("'model.vocab' must be an object, found an array"));
  EXPECT_THAT(error_of(json::array()), HasSubstr("the document must be an object, found an array"));
}

TEST(TokenizerJson, MissingFieldsAreErrors) {
  for (const auto& [pointer, field] :
       {std::pair("/model", "model"), std::pair("/model/vocab", "model.vocab"),
        std::pair("/model/unk_token", "model.unk_token"), std::pair("/normalizer/clean_text", "normalizer.clean_text"),
        std::pair("/added_tokens/0/special", "added_tokens[0].special"),
        std::pair("/post_processor/cls", "post_processor.cls")}) {
    json document = small_tokenizer_json();
    const json::json_pointer place(pointer);
    json& parent = document[place.parent_pointer()];
    if (place.parent_pointer().empty()) {
      document.erase(place.back());
    } else {
      parent.erase(place.back());
    }
    EXPECT_THAT(error_of(document), HasSubstr("field '" + std::string(field) + "' is missing"));
  }
}

TEST(TokenizerJson, WhatIsNotKnownIsRefusedByName) {
  EXPECT_THAT(unsupported(changed("/pre_tokenizer/type", "ByteLevels")),
              HasSubstr("tokenizer.json': pre_tokenizer type 'ByteLevels' is not supported"));
  EXPECT_THAT(unsupported(changed("/normalizer", {{"type", "NFKX"}})), HasSubstr("normalizer type 'NFKX'"));
  EXPECT_THAT(unsupported(changed("/normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "Nmtx"}}}}})),
              HasSubstr("normalizer.normalizers[0] type 'Nmtx'"));
  EXPECT_THAT(unsupported(changed("/model/type", "Bpe")), HasSubstr("model type 'Bpe'"));
  EXPECT_THAT(unsupported(changed("/post_processor/type", "Roberta")), HasSubstr("post_processor type 'Roberta'"));
  EXPECT_THAT(unsupported(changed("/version", "2.0")), HasSubstr("version '2.0'"));
}

TEST(TokenizerJson, ModelWithoutATypeIsRecognizedByItsFields) {
  json document = small_tokenizer_json();
  document["model"].erase("type");
  EXPECT_EQ(load_json(document).model_type(), "WordPiece");
  document["model"] = {{"vocab", {{"a", 0}}}, {"merges", json::array()}};
  EXPECT_EQ(load_json(document).model_type(), "BPE");
  document["model"] = {{"vocab", json::array()}};
  EXPECT_EQ(load_json(document).model_type(), "Unigram");
}

TEST(TokenizerJson, BlocksThatIdsDoNotDependOnAreNotRead) {
  json document = changed("/decoder", {{"type", "NoSuchDecoder"}});
  document["padding"] = 7;
  document["something"] = "else";
  EXPECT_THAT(words(load_json(document), "the a"), ElementsAre("the", "a"));
}

TEST(TokenizerJson, DuplicateKeysAnywhereAreErrors) {
  const std::string text = small_tokenizer_json().dump();
  for (const auto& [key, twice] : {std::pair<std::string, std::string>("\"version\":", "\"version\":\"1.0\","),
                                   {"\"unk_token\":", "\"unk_token\":\"a\","},
                                   {"\"decoder\":", "\"decoder\":{\"x\":1,\"x\":2},\"Decoder\":"}}) {
    std::string changed_text = text;
    changed_text.insert(changed_text.find(key), twice);
    if (key == "\"decoder\":") changed_text.erase(changed_text.find("\"Decoder\":"), 10);
    EXPECT_THAT(message_of<InvalidModelError>([&] { load_text(changed_text); }), HasSubstr("appears twice")) << twice;
  }
}

TEST(TokenizerJson, TruncationIsReportedAndChecked) {
  json truncation = {{"max_length", 4}, {"strategy", "OnlySecond"}, {"stride", 4000000000}};
  EXPECT_EQ(load_json(changed("/truncation", truncation)).stored_max_length(), 4u);
  EXPECT_EQ(load_json(small_tokenizer_json()).stored_max_length(), std::nullopt);
  truncation["strategy"] = "longest_first";
  EXPECT_THAT(
      error_of(changed("/truncation", truncation)),
      HasSubstr("field 'truncation.strategy' is 'longest_first', expected LongestFirst, OnlyFirst or OnlySecond"));
  truncation["strategy"] = "OnlyFirst";
  truncation["direction"] = "Up";
  EXPECT_THAT(error_of(changed("/truncation", truncation)), HasSubstr("'truncation.direction' is 'Up'"));
}

// ----------------------------------------------------------------------------------------------- post-processor

json special(const char* name, int type_id) {
  return {{"SpecialToken", {{"id", name}, {"type_id", type_id}}}};
}
json sequence(const char* name, int type_id) {
  return {{"Sequence", {{"id", name}, {"type_id", type_id}}}};
}
json template_processing(const json& single, const json& pair) {
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", pair},
          {"special_tokens", {{"[X]", {{"id", "[X]"}, {"ids", {2, 9}}, {"tokens", {"x", "y"}}}}}}};
}

TEST(PostProcessor, TemplateDecidesOrderAndTypes) {
  const Tokenizer tokenizer = load_json(
      changed("/post_processor", template_processing({special("[X]", 3), sequence("A", 1)},
                                                     {sequence("B", 2), special("[X]", 4), sequence("A", 5)})));
  EXPECT_EQ(tokenizer.num_special_tokens(false), 2u);
  Encoding encoding;
  tokenizer.encode("the", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(2, 9, 8));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(3, 3, 1));
  tokenizer.encode_pair("the", "b", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(10, 2, 9, 8));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(2, 4, 4, 5));
  tokenizer.encode_pair("the", "b", {.add_special_tokens = false}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(10, 8));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(2, 5));
}

TEST(PostProcessor, NoneAtAll) {
  const Tokenizer tokenizer = load_json(changed("/post_processor", nullptr));
  EXPECT_EQ(tokenizer.num_special_tokens(true), 0u);
  Encoding encoding;
  tokenizer.encode_pair("the", "b a", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(8, 10, 9));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(0, 1, 1));
}

TEST(PostProcessor, TemplatesThatCannotBeAreErrors) {
  const json good = {special("[X]", 0), sequence("A", 0)};
  EXPECT_THAT(error_of(changed("/post_processor", template_processing(json::array({special("[Y]", 0)}), good))),
              HasSubstr("names '[Y]', which is not among 'post_processor.special_tokens'"));
  EXPECT_THAT(error_of(changed("/post_processor", template_processing(json::array({sequence("B", 0)}), good))),
              HasSubstr("names sequence 'B', which is only in 'pair'"));
  EXPECT_THAT(error_of(changed("/post_processor", template_processing(json::array({sequence("C", 0)}), good))),
              HasSubstr("is 'C', expected 'A' or 'B'"));
  json many = json::array();
  for (int i = 0; i < 100; ++i) many.push_back(sequence("A", 0));
  EXPECT_THAT(unsupported(changed("/post_processor", template_processing(many, good))), HasSubstr("16 sequences"));
}

// ------------------------------------------------------------------------------------------------------- model

TEST(WordPiece, PrefixMayBeAnythingOrNothing) {
  json document = changed("/model/vocab", {{"[UNK]", 0}, {"a", 1}, {"b", 2}, {"~b", 3}, {"~", 4}, {"~~b", 5}});
  document["added_tokens"] = json::array();
  document["pre_tokenizer"] = nullptr;
  document["model"]["continuing_subword_prefix"] = "~";
  EXPECT_THAT(words(load_json(document), "abb"), ElementsAre("a", "~b", "~b"));
  EXPECT_THAT(words(load_json(document), "~b"), ElementsAre("~b"));
  EXPECT_THAT(words(load_json(document), "a~b"), ElementsAre("a", "~~b"));
  document["model"]["continuing_subword_prefix"] = "";
  EXPECT_THAT(words(load_json(document), "ab~b"), ElementsAre("a", "b", "~b"));
}

TEST(WordPiece, CountsCharactersNotBytes) {
  json document = changed("/model/max_input_chars_per_word", 2);
  document["model"]["vocab"]["\xC3\xA9"] = 30;
  document["model"]["vocab"]["##\xC3\xA9"] = 31;
  document["normalizer"] = nullptr;
  EXPECT_EQ(words(load_json(document), "\xC3\xA9\xC3\xA9").size(), 2u);
  EXPECT_THAT(words(load_json(document), "\xC3\xA9\xC3\xA9\xC3\xA9"), ElementsAre("[UNK]"));
}

TEST(WordPiece, LongEntriesAndLongWordsTogetherAreRefused) {
  json document = changed("/model/max_input_chars_per_word", 1'000'000'000);
  EXPECT_EQ(words(load_json(document), "a" + std::string(200'000, 'b')).size(), 200'001u);
  document["model"]["vocab"][std::string(600, 'x')] = 30;
  EXPECT_THAT(unsupported(document), HasSubstr("model.max_input_chars_per_word 1000000000 with a vocabulary entry of"));
}

// -------------------------------------------------------------------------------------------------------- note

TEST(TokenizerNote, SaysWhereTransformersWouldDiffer) {
  const auto note = [](const json& document, const json& config) {
    const test::TemporaryFolder folder;
    folder.write("tokenizer.json", document.dump());
    folder.write("tokenizer_config.json", config.dump());
    return Tokenizer::load(folder.path()).note();
  };
  EXPECT_EQ(note(small_tokenizer_json(), {{"tokenizer_class", "BertTokenizer"}}), "");
  EXPECT_EQ(note(small_tokenizer_json(), {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"do_lower_case", false}}),
            "");
  EXPECT_THAT(note(small_tokenizer_json(), {{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", false}}),
              HasSubstr("transformers 5 builds with do_lower_case=false"));
  EXPECT_THAT(note(changed("/normalizer", nullptr), {{"tokenizer_class", "BertTokenizerFast"}}),
              HasSubstr("tokenizer.json says otherwise and is followed here"));
}

}  // namespace
}  // namespace sbert::tokenizer
