// Folders without tokenizer.json: what transformers' BertTokenizer makes of vocab.txt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using testing::ElementsAre;

Tokenizer load_vocab(const std::string& config, const std::string& line_end = "\n", const LoadOptions& options = {}) {
  const test::TemporaryFolder folder;
  std::string lines;
  for (const std::string& token : kSmallVocab) lines += token + line_end;
  folder.write("vocab.txt", lines);
  if (!config.empty()) folder.write("tokenizer_config.json", config);
  return Tokenizer::load(folder.path(), options);
}

TEST(VocabTxt, LowersCaseByDefault) {
  const Tokenizer tokenizer = load_vocab("");
  EXPECT_EQ(tokenizer.source_file(), "vocab.txt");
  EXPECT_THAT(tokens(tokenizer, "The Caf\xC3\xA9!"), ElementsAre("[CLS]", "the", "cafe", "!", "[SEP]"));
}

TEST(VocabTxt, OptionsOfTokenizerConfig) {
  EXPECT_THAT(words(load_vocab(R"({"do_lower_case": false})"), "The caf\xC3\xA9"), ElementsAre("The", "caf\xC3\xA9"));
  EXPECT_THAT(words(load_vocab(R"({"strip_accents": false})"), "The caf\xC3\xA9"), ElementsAre("the", "caf\xC3\xA9"));
  EXPECT_THAT(words(load_vocab(R"({"tokenize_chinese_chars": false})"), "a\xE4\xB8\xAD"), ElementsAre("[UNK]"));
  EXPECT_EQ(load_vocab(R"({"model_max_length": 77})").model_max_length(), 77u);
  EXPECT_EQ(load_vocab(R"({"model_max_length": 1000000000000000019884624838656})").model_max_length(), std::nullopt);
}

TEST(VocabTxt, WindowsLineEndsAreTheSame) {
  EXPECT_THAT(words(load_vocab("", "\r\n"), "the a"), ElementsAre("the", "a"));
}

}  // namespace
}  // namespace sbert::tokenizer
