#include "tokenizer/bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/small_tokenizer.h"

// Expectations without another source come from tokenizers 0.23.3.
namespace sbert::tokenizer {
namespace {

using nlohmann::json;
using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Merges as pairs; nlohmann would make an object of {{"a", "b"}}.
json pairs(const std::vector<std::pair<std::string, std::string>>& merges) {
  json array = json::array();
  for (const auto& [left, right] : merges) array.push_back(json::array({left, right}));
  return array;
}

json bpe(const json& vocab, const json& merges, const json& options = json::object()) {
  json model = {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}};
  model.update(options);
  return {{"model", model}};
}

const json kVocab = {{"h", 0}, {"u", 1}, {"g", 2}, {"p", 3}, {"hu", 4}, {"ug", 5}, {"hug", 6}, {"<unk>", 7}, {"pu", 8}};
const json kMerges = pairs({{"u", "g"}, {"h", "ug"}, {"h", "u"}, {"p", "u"}});

TEST(Bpe, MergesTheBestPairFirst) {
  const Tokenizer tokenizer = load_json(bpe(kVocab, kMerges));
  EXPECT_EQ(tokenizer.model_type(), "BPE");
  EXPECT_THAT(words(tokenizer, "hug"), ElementsAre("hug"));
  EXPECT_THAT(words(tokenizer, "hu"), ElementsAre("hu"));
  EXPECT_THAT(words(tokenizer, "pug"), ElementsAre("p", "ug"));
  EXPECT_THAT(words(tokenizer, "huhugpugu"), ElementsAre("hu", "hug", "p", "ug", "u"));
}

TEST(Bpe, MergesMayBeLinesOfText) {
  const Tokenizer tokenizer = load_json(bpe(kVocab, json::array({"#version: 0.2", "u g", "h ug", "h u", "p u"})));
  EXPECT_THAT(words(tokenizer, "huhugpugu"), ElementsAre("hu", "hug", "p", "ug", "u"));
}

TEST(Bpe, AnEntryIsNotAlwaysOneToken) {
  // "abc" is an entry, but "bc" is merged first and nothing joins "a" and "bc".
  const json vocab = {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"bc", 4}, {"abc", 5}};
  const json merges = pairs({{"b", "c"}, {"a", "b"}, {"ab", "c"}});
  const Tokenizer tokenizer = load_json(bpe(vocab, merges));
  EXPECT_THAT(words(tokenizer, "abc"), ElementsAre("a", "bc"));
  EXPECT_THAT(words(tokenizer, "abc"), ElementsAre("a", "bc"));
  EXPECT_THAT(words(load_json(bpe(vocab, merges, {{"ignore_merges", true}})), "abc"), ElementsAre("abc"));
}

TEST(Bpe, UnknownCharacters) {
  EXPECT_THAT(words(load_json(bpe(kVocab, kMerges)), "xhugyz"), ElementsAre("hug"));  // no unk_token: they vanish
  EXPECT_THAT(words(load_json(bpe(kVocab, kMerges)), "uxg"), ElementsAre("ug"));
  const json unknown = {{"unk_token", "<unk>"}};
  EXPECT_THAT(words(load_json(bpe(kVocab, kMerges, unknown)), "xhugyz"), ElementsAre("<unk>", "hug", "<unk>", "<unk>"));
  const json fused = {{"unk_token", "<unk>"}, {"fuse_unk", true}};
  EXPECT_THAT(words(load_json(bpe(kVocab, kMerges, fused)), "xhugyz"), ElementsAre("<unk>", "hug", "<unk>"));
  const Tokenizer without = load_json(bpe(kVocab, kMerges, {{"unk_token", "[NONE]"}}));
  EXPECT_THAT(words(without, "hug"), ElementsAre("hug"));
  EXPECT_THAT(message_of<InvalidModelError>([&] { words(without, "hugx"); }),
              HasSubstr("the text 'hugx' needs the unknown token '[NONE]', which model.vocab does not have"));
}

TEST(Bpe, ByteFallback) {
  json vocab = kVocab;
  vocab.update({{"<0xC3>", 10}, {"<0xA9>", 11}, {"<0xc4>", 12}, {"<0x-1>", 13}, {"<0xZZ>", 14}});
  const json options = {{"unk_token", "<unk>"}, {"byte_fallback", true}};
  const Tokenizer tokenizer = load_json(bpe(vocab, kMerges, options));
  EXPECT_THAT(words(tokenizer, "hug\xC3\xA9"), ElementsAre("hug", "<0xC3>", "<0xA9>"));
  EXPECT_THAT(words(tokenizer, "hug\xC4\x80"), ElementsAre("hug", "<unk>"));
  // The unknown token comes behind the bytes, though the character was before theirs.
  EXPECT_THAT(words(tokenizer, "\xC4\x80\xC3\xA9u"), ElementsAre("<0xC3>", "<0xA9>", "<unk>", "u"));
}

TEST(Bpe, PrefixAndSuffix) {
  const json vocab = {{"a", 0}, {"##b", 1}, {"ab", 2}, {"##c", 3}, {"abc", 4}, {"c", 5}};
  const json prefix = {{"continuing_subword_prefix", "##"}};
  EXPECT_THAT(words(load_json(bpe(vocab, pairs({{"a", "##b"}, {"ab", "##c"}}), prefix)), "abc"), ElementsAre("abc"));
  EXPECT_THAT(words(load_json(bpe(vocab, pairs({{"a", "##b"}}), prefix)), "abcc"), ElementsAre("ab", "##c", "##c"));
  const json clip = {{"a", 0}, {"b", 1}, {"b</w>", 2}, {"ab</w>", 3}, {"ab", 4}, {"a</w>", 5}};
  const Tokenizer suffixed =
      load_json(bpe(clip, pairs({{"a", "b"}, {"a", "b</w>"}}), {{"end_of_word_suffix", "</w>"}}));
  EXPECT_THAT(words(suffixed, "ab"), ElementsAre("ab</w>"));
  EXPECT_THAT(words(suffixed, "abab"), ElementsAre("ab", "ab</w>"));
  EXPECT_THAT(words(suffixed, "a"), ElementsAre("a</w>"));
}

TEST(Bpe, TextsWithoutPreTokenizerAreOneWord) {
  const std::string space = "\xE2\x96\x81";
  const json vocab = {{space, 0}, {"a", 1}, {"b", 2}, {space + "a", 3}, {"ab", 4}, {space + space, 5}, {"<unk>", 6}};
  const json merges = pairs({{space, "a"}, {"a", "b"}, {space, space}});
  const json unknown = {{"unk_token", "<unk>"}};
  const std::string text = "ab" + space + "ab" + space + space + space + "ab" + space;
  EXPECT_THAT(words(load_json(bpe(vocab, merges, unknown)), text),
              ElementsAre("ab", space + "a", "b", space + space, space + "a", "b", space));
  // A merge across a space: nothing may be cut before it.
  json crossing = vocab;
  crossing["b" + space] = 7;
  EXPECT_THAT(
      words(load_json(bpe(crossing, pairs({{"b", space}, {space, "a"}, {"a", "b"}}), unknown)), "ab" + space + "ab"),
      ElementsAre("a", "b" + space, "ab"));
  // Without an unknown token what was apart may meet.
  EXPECT_THAT(words(load_json(bpe(vocab, merges)), space + "x" + space), ElementsAre(space + space));
}

TEST(Bpe, DropoutIsForTrainingOnly) {
  EXPECT_THAT(words(load_json(bpe(kVocab, kMerges, {{"dropout", 0.9}})), "hug"), ElementsAre("hug"));
  EXPECT_THAT(message_of<InvalidModelError>([] {
                load_json(bpe(kVocab, kMerges, {{"dropout", 1.5}}));
              }),
              HasSubstr("field 'model.dropout' must be from 0 to 1"));
}

TEST(Bpe, MergesThatCannotBeAreErrors) {
  const auto error_of = [](const json& merges, const json& options = json::object()) {
    return message_of<InvalidModelError>([&] { load_json(bpe(kVocab, merges, options)); });
  };
  EXPECT_THAT(error_of(pairs({{"u", "g"}, {"u", "q"}})),
              HasSubstr("model.merges[1] joins 'u' and 'q', but 'q' is not in model.vocab"));
  // Longer than any entry: this made the original panic.
  EXPECT_THAT(error_of(pairs({{"hug", "hug"}})), HasSubstr("'hughug' is not in model.vocab"));
  EXPECT_THAT(error_of(pairs({{"u", "g"}}), {{"continuing_subword_prefix", "###"}}),
              HasSubstr("'g', which is shorter than model.continuing_subword_prefix '###'"));
  EXPECT_THAT(error_of(json::array({"u g", "u g h"})), HasSubstr("model.merges[1] must be two tokens with one space"));
  EXPECT_THAT(error_of(json::array({"ug"})), HasSubstr("model.merges[0] must be two tokens with one space"));
  EXPECT_THAT(error_of(json::array({"u g", json::array({"u", "g"})})), HasSubstr("model.merges[1] must be a string"));
  EXPECT_THAT(error_of(json::array({json::array({"u", "g"}), json::array({"u", "g", "h"})})),
              HasSubstr("model.merges[1] must be a pair of two strings"));
  EXPECT_THAT(error_of(json::array({json::array({"u", 7})})),
              HasSubstr("model.merges[0] must be a pair of two strings"));
  EXPECT_THAT(error_of("u g"), HasSubstr("field 'model.merges' must be an array, found a string"));
}

TEST(Bpe, OddVocabularies) {
  EXPECT_THAT(words(load_json(bpe(json::object(), json::array())), "any text"), IsEmpty());
  // Ids may be sparse and huge, and two strings may have the same.
  const json vocab = {{"a", 2'000'000'000}, {"b", 5}, {"ab", 7}, {"c", 5}, {"ac", 7}};
  const Tokenizer tokenizer = load_json(bpe(vocab, pairs({{"a", "b"}, {"a", "c"}})));
  Encoding encoding;
  tokenizer.encode("abac", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(7, 7));
  tokenizer.encode("aacb", {}, encoding);
  EXPECT_THAT(encoding.input_ids, ElementsAre(2'000'000'000, 7, 5));
}

TEST(Bpe, StringsAndIds) {
  Vocabulary vocabulary;
  for (const auto& [token, id] : {std::pair("a", 1), {"b", 2}, {"ab", 9}}) vocabulary.add(token, id);
  const auto model = make_bpe(std::move(vocabulary), {{"a", "b"}}, {});
  EXPECT_EQ(model->token_to_id("ab"), 9);
  EXPECT_EQ(model->token_to_id("c"), std::nullopt);
  EXPECT_EQ(model->id_to_token(9), "ab");
  EXPECT_EQ(model->id_to_token(3), "");
  EXPECT_EQ(model->vocab_size(), 3u);
  EXPECT_EQ(model->max_id(), 9);
}

TEST(Bpe, ManyThreadsGiveTheSame) {
  const Tokenizer tokenizer = load_json(bpe(kVocab, kMerges, {{"unk_token", "<unk>"}}));
  const std::vector<std::string> texts = {"hug", "pug", "hu", "pu", "xhugyz", "huhugpugu"};
  std::vector<std::vector<std::vector<std::string>>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) result.push_back(words(tokenizer, texts[static_cast<size_t>(i) % texts.size()]));
      });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

}  // namespace
}  // namespace sbert::tokenizer
