// Post-processors with each other; one alone is in json_test.cpp, many more in model_golden_test.cpp.
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

const json kBytes = {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", false}, {"use_regex", true}};
const json kRoberta = {{"type", "RobertaProcessing"},
                       {"sep", json::array({"</s>", 7})},
                       {"cls", json::array({"<s>", 8})},
                       {"trim_offsets", true},
                       {"add_prefix_space", false}};

json piece(const char* kind, const char* id, int type_id) {
  return {{kind, {{"id", id}, {"type_id", type_id}}}};
}
// [S] A and A [S] B, with types of its own.
const json kTemplate = {
    {"type", "TemplateProcessing"},
    {"single", json::array({piece("SpecialToken", "[S]", 3), piece("Sequence", "A", 5)})},
    {"pair", json::array({piece("Sequence", "A", 4), piece("SpecialToken", "[S]", 6), piece("Sequence", "B", 5)})},
    {"special_tokens", {{"[S]", {{"id", "[S]"}, {"ids", {2}}, {"tokens", {"[S]"}}}}}}};

json sequence(const std::vector<json>& processors) {
  return {{"type", "Sequence"}, {"processors", processors}};
}

// Knows the words a = 0 and b = 1.
Tokenizer with(const json& processor) {
  return load_json({{"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                    {"post_processor", processor},
                    {"model", {{"type", "WordLevel"}, {"vocab", {{"a", 0}, {"b", 1}}}, {"unk_token", "a"}}}});
}

Encoding single(const Tokenizer& tokenizer, const EncodeOptions& options = {}) {
  Encoding encoding;
  tokenizer.encode("a", options, encoding);
  return encoding;
}
Encoding pair(const Tokenizer& tokenizer, const EncodeOptions& options = {}) {
  Encoding encoding;
  tokenizer.encode_pair("a", "b b", options, encoding);
  return encoding;
}

TEST(PostProcessorKinds, RobertaHasTwoSeparatorsAndOneType) {
  const Tokenizer tokenizer = with(kRoberta);
  EXPECT_THAT(single(tokenizer).input_ids, ElementsAre(8, 0, 7));
  EXPECT_THAT(pair(tokenizer).input_ids, ElementsAre(8, 0, 7, 7, 1, 1, 7));
  EXPECT_THAT(pair(tokenizer).token_type_ids, ElementsAre(0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(pair(tokenizer, {.add_special_tokens = false}).token_type_ids, ElementsAre(0, 0, 0));
  EXPECT_EQ(tokenizer.num_special_tokens(true), 4u);
}

TEST(PostProcessorKinds, ByteLevelChangesNothing) {
  EXPECT_THAT(pair(with(kBytes)).input_ids, ElementsAre(0, 1, 1));
  EXPECT_THAT(pair(with(kBytes)).token_type_ids, ElementsAre(0, 1, 1));
  EXPECT_THAT(pair(with(sequence({}))).token_type_ids, ElementsAre(0, 1, 1));
  EXPECT_THAT(single(with(sequence({kBytes, kTemplate}))).input_ids, ElementsAre(2, 0));
}

TEST(PostProcessorKinds, FieldsDecideBetweenBertAndRoberta) {
  json bert = kRoberta;
  bert.erase("trim_offsets");
  EXPECT_THAT(pair(with(bert)).token_type_ids, ElementsAre(0, 0, 0, 1, 1, 1));
  bert.erase("type");
  EXPECT_THAT(pair(with(bert)).input_ids, ElementsAre(8, 0, 7, 1, 1, 7));
  json roberta = kRoberta;
  roberta["type"] = "BertProcessing";
  EXPECT_THAT(pair(with(roberta)).input_ids, ElementsAre(8, 0, 7, 7, 1, 1, 7));
}

TEST(PostProcessorKinds, TheSecondOfASequenceGetsThePiecesOfTheFirst) {
  const Tokenizer tokenizer = with(sequence({kTemplate, kRoberta}));
  EXPECT_THAT(single(tokenizer).input_ids, ElementsAre(8, 2, 7, 7, 0, 7));
  EXPECT_THAT(single(tokenizer, {.add_special_tokens = false}).input_ids, ElementsAre(0));
  EXPECT_EQ(tokenizer.num_special_tokens(false), 3u);  // though it adds five
}

TEST(PostProcessorKinds, TwoTemplates) {
  // For a single text the second gets two pieces, and so takes its template for pairs.
  const Tokenizer tokenizer = with(sequence({kTemplate, kTemplate}));
  EXPECT_THAT(single(tokenizer).input_ids, ElementsAre(2, 2, 0));
  EXPECT_THAT(single(tokenizer).token_type_ids, ElementsAre(4, 6, 5));
  EXPECT_THAT(single(tokenizer, {.add_special_tokens = false}).token_type_ids, ElementsAre(5));
  EXPECT_THAT(message_of<InvalidModelError>([&] { pair(tokenizer); }),
              HasSubstr("a template of post_processor gets 3 parts for a pair, which it has no place for"));
  EXPECT_THAT(pair(tokenizer, {.add_special_tokens = false}).token_type_ids, ElementsAre(4, 5, 5));
}

TEST(PostProcessorKinds, WhatCannotBeIsAnError) {
  EXPECT_THAT(message_of<UnsupportedError>([] {
                with(sequence({kBytes, {{"type", "Other"}}}));
              }),
              HasSubstr("post_processor.processors[1] type 'Other' is not supported"));
  EXPECT_THAT(message_of<InvalidModelError>([] {
                with({{"type", "ByteLevel"}});
              }),
              HasSubstr("field 'post_processor.add_prefix_space' is missing"));
  EXPECT_THAT(message_of<UnsupportedError>([] { with(sequence(std::vector<json>(3000, kRoberta))); }),
              HasSubstr("more than 4096 special tokens"));
}

}  // namespace
}  // namespace sbert::tokenizer
