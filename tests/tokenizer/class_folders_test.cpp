// Folders without tokenizer.json: which class is taken, which files it reads, and what is said when that fails. What
// the classes make of whole vocabularies is compared with the original in tests/goldens and tests/parity.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/sentencepiece_writer.h"
#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using test::bytes_field;
using test::message_of;
using test::piece;
using testing::ElementsAre;
using testing::HasSubstr;

using Files = std::map<std::string, std::string>;

Tokenizer load(const Files& files) {
  const test::TemporaryFolder folder;
  for (const auto& [name, content] : files) folder.write(name, content);
  return Tokenizer::load(folder.path());
}

template <class Error>
std::string error_of(const Files& files) {
  return message_of<Error>([&] { load(files); });
}

// "\xC4\xA0" is the space of byte-level vocabularies.
const Files kGpt2 = {
    {"vocab.json", "{\"<|endoftext|>\": 0, \"a\": 1, \"b\": 2, \"\xC4\xA0\": 3, \"ab\": 4, \"\xC4\xA0\x61\x62\": 5}"},
    {"merges.txt", "#version: 0.2\na b\n\xC4\xA0 ab\r\n"},
    {"tokenizer_config.json", R"({"tokenizer_class": "GPT2TokenizerFast"})"}};

Files changed(Files files, const std::string& name, const std::string& content) {
  files[name] = content;
  return files;
}

const std::string kMark = "\xE2\x96\x81";
const std::string kPieces = piece("<unk>", 0, test::kUnknown) + piece("<s>", 0, test::kControl) +
                            piece("</s>", 0, test::kControl) + piece(kMark, -3) + piece(kMark + "a", -2) +
                            piece("b", -2.5F) + test::trainer(test::kUnigram);

TEST(ClassFolders, VocabJsonAndMerges) {
  const Tokenizer tokenizer = load(kGpt2);
  EXPECT_EQ(tokenizer.source_file(), "vocab.json");
  EXPECT_EQ(tokenizer.model_type(), "BPE");
  EXPECT_THAT(tokens(tokenizer, "ab ab<|endoftext|>b"), ElementsAre("ab", "\xC4\xA0\x61\x62", "<|endoftext|>", "b"));
}

TEST(ClassFolders, OptionsAndSpecialTokensOfTheConfig) {
  const Tokenizer tokenizer = load(changed(kGpt2, "tokenizer_config.json", R"({
      "tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "add_eos_token": true, "eos_token": "<eos>",
      "add_prefix_space": true})"));
  EXPECT_THAT(tokens(tokenizer, "ab"), ElementsAre("<|endoftext|>", "\xC4\xA0\x61\x62", "<eos>"));
  EXPECT_EQ(tokenizer.token_to_id("<eos>"), 6);
}

TEST(ClassFolders, ModelTypeOfConfigJsonNamesTheClass) {
  Files files = kGpt2;
  files.erase("tokenizer_config.json");
  files["config.json"] = R"({"model_type": "gpt2"})";
  EXPECT_THAT(tokens(load(files), "ab"), ElementsAre("ab"));
  // transformers believes its own table more than the folder for some types.
  files["tokenizer_config.json"] = R"({"tokenizer_class": "LlamaTokenizer"})";
  files["config.json"] = R"({"model_type": "qwen2"})";
  EXPECT_THAT(tokens(load(files), "ab ab"), ElementsAre("ab", "\xC4\xA0\x61\x62"));
}

TEST(ClassFolders, SentencePieceOfEachClass) {
  const auto load_class = [](const std::string& name, const std::string& file) {
    return load({{file, kPieces}, {"tokenizer_config.json", R"({"tokenizer_class": ")" + name + "\"}"}});
  };
  const Tokenizer xlm_roberta = load_class("XLMRobertaTokenizer", "sentencepiece.bpe.model");
  EXPECT_EQ(xlm_roberta.source_file(), "sentencepiece.bpe.model");
  EXPECT_THAT(tokens(xlm_roberta, "ab a"), ElementsAre("<s>", kMark + "a", "b", kMark + "a", "</s>"));
  EXPECT_EQ(xlm_roberta.token_to_id("b"), 6);  // behind fairseq's four tokens instead of the file's three
  EXPECT_EQ(xlm_roberta.token_to_id("<mask>"), 7);
  const Tokenizer t5 = load_class("T5TokenizerFast", "spiece.model");
  EXPECT_THAT(tokens(t5, "ab"), ElementsAre(kMark + "a", "b", "</s>"));
  EXPECT_EQ(t5.token_to_id("<extra_id_0>"), 105);
  EXPECT_EQ(t5.token_to_id("<extra_id_99>"), 6);
}

TEST(ClassFolders, TokenizerModelWinsOverTheClassesOwnFile) {
  const Tokenizer tokenizer = load({{"tokenizer.model", kPieces},
                                    {"spiece.model", "broken"},
                                    {"tokenizer_config.json", R"({"tokenizer_class": "T5Tokenizer"})"}});
  EXPECT_EQ(tokenizer.source_file(), "tokenizer.model");
}

TEST(ClassFolders, TokenizerJsonWinsOverAll) {
  Files files = changed(kGpt2, "tokenizer.json", small_tokenizer_json().dump());
  EXPECT_EQ(load(files).source_file(), "tokenizer.json");
}

TEST(ClassFolders, WhatIsMissingOrUnknownIsNamed) {
  EXPECT_THAT(error_of<InvalidModelError>({}), HasSubstr("neither tokenizer.json nor vocab.txt"));
  EXPECT_THAT(error_of<InvalidModelError>({{"tokenizer_config.json", R"({"tokenizer_class": "T5Tokenizer"})"}}),
              HasSubstr("spiece.model"));
  EXPECT_THAT(
      error_of<UnsupportedError>(changed(kGpt2, "tokenizer_config.json", R"({"tokenizer_class": "XTokenizer"})")),
      HasSubstr("'XTokenizer'"));
  Files files = kGpt2;
  files.erase("merges.txt");
  EXPECT_THAT(error_of<InvalidModelError>(files), HasSubstr("no merges.txt"));
}

TEST(ClassFolders, BrokenVocabularyFilesAreNamed) {
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "merges.txt", "a b\nab\n")), HasSubstr("line 2"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "merges.txt", "a b c\n")), HasSubstr("'a b c'"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "merges.txt", "a \xFF\n")), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "merges.txt", "a x\n")), HasSubstr("merges.txt"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "vocab.json", "{\"a\": 1, \"a\": 2}")), HasSubstr("twice"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "vocab.json", "{\"a\": -1}")), HasSubstr("vocab.json"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "vocab.json", "[]")), HasSubstr("vocab.json"));
  EXPECT_THAT(error_of<InvalidModelError>(changed(kGpt2, "vocab.json", "{")), HasSubstr("vocab.json"));
}

TEST(ClassFolders, NeededSpecialTokensMayNotBeNull) {
  EXPECT_THAT(error_of<InvalidModelError>(
                  {{"spiece.model", kPieces},
                   {"tokenizer_config.json", R"({"tokenizer_class": "T5Tokenizer", "eos_token": null})"}}),
              HasSubstr("eos_token"));
}

}  // namespace
}  // namespace sbert::tokenizer
