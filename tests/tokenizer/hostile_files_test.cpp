// T1, T2 and J1 of the adversarial cases: any tokenizer.json is a tokenizer or an error, at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const nlohmann::json& document) {
  return message_of<InvalidModelError>([&] { load_json(document); });
}

TEST(HostileTokenizer, BrokenJson) {
  for (const std::string text : {"", "{", "[]", "null", "{\"model\": {}", "\xFF\xFE", "{\"a\":1,}"}) {
    EXPECT_THAT(message_of<InvalidModelError>([&] { load_text(text); }), HasSubstr("tokenizer.json")) << text;
  }
  message_of<InvalidModelError>([] { load_text(std::string(100'000, '[')); });
  message_of<InvalidModelError>([] { load_text("{\"model\":" + std::string(100'000, '[')); });
}

TEST(HostileTokenizer, EveryTruncationOfAValidFileIsAnError) {
  const std::string whole = small_tokenizer_json().dump();
  for (size_t length = 0; length < whole.size(); length += 7) {
    message_of<InvalidModelError>([&] { load_text(whole.substr(0, length)); });
  }
}

TEST(HostileTokenizer, DuplicateKeysAreErrors) {
  std::string text = small_tokenizer_json().dump();
  text.replace(text.find("\"the\":"), 6, "\"a\":7,\"the\":");
  EXPECT_THAT(message_of<InvalidModelError>([&] { load_text(text); }), HasSubstr("'a'"));
}

TEST(HostileTokenizer, UnknownComponentsAreNamed) {
  for (const auto& [block, type] : {std::pair("normalizer", "Nmt2"),
                                    {"pre_tokenizer", "ByteLevel2"},
                                    {"post_processor", "RobertaProcessing2"},
                                    {"model", "BPE2"}}) {
    auto document = small_tokenizer_json();
    document[block]["type"] = type;
    EXPECT_THAT(message_of<UnsupportedError>([&] { load_json(document); }), HasSubstr(type));
  }
}

TEST(HostileTokenizer, TemplatesMustNameKnownTokens) {
  auto document = small_tokenizer_json();
  document["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single", {{{"SpecialToken", {{"id", "[X]"}, {"type_id", 0}}}}, {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
      {"pair", nlohmann::json::array()},
      {"special_tokens", nlohmann::json::object()}};
  EXPECT_THAT(error_of(document), HasSubstr("[X]"));
}

TEST(HostileTokenizer, VocabularyIds) {
  auto document = small_tokenizer_json();
  document["model"]["vocab"]["x"] = -1;
  error_of(document);
  document["model"]["vocab"]["x"] = 4294967296;
  error_of(document);
  document["model"]["vocab"]["x"] = 1.5;
  error_of(document);
  document["model"]["vocab"]["x"] = 1000;  // a hole
  const Tokenizer tokenizer = load_json(document);
  EXPECT_EQ(tokenizer.vocab_size(), 1001u);
  EXPECT_EQ(tokenizer.id_to_token(999), "");
  EXPECT_EQ(tokenizer.id_to_token(-1), "");
  EXPECT_EQ(tokenizer.id_to_token(INT32_MAX), "");
  EXPECT_THAT(words(tokenizer, "x"), ElementsAre("x"));
}

TEST(HostileTokenizer, WithoutAnUnknownTokenOnlyTextsThatNeedItFail) {
  auto document = small_tokenizer_json();
  document["model"]["unk_token"] = "[NONE]";
  const Tokenizer tokenizer = load_json(document);
  EXPECT_THAT(words(tokenizer, "the a"), ElementsAre("the", "a"));
  EXPECT_THAT(message_of<InvalidModelError>([&] { words(tokenizer, "zzz"); }), HasSubstr("[NONE]"));
}

TEST(HostileTokenizer, MissingFiles) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(message_of<InvalidModelError>([&] { Tokenizer::load(folder.path()); }),
              HasSubstr("neither tokenizer.json nor vocab.txt"));
}

}  // namespace
}  // namespace sbert::tokenizer
