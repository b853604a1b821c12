#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

// Which tokenizers give token type ids; expected is what AutoTokenizer of transformers 5.23 gave for such folders.
namespace sbert::tokenizer {
namespace {

// Type ids of the pair ("a", "b") with these files beside tokenizer.json; an empty text means no file.
std::vector<int32_t> types(const std::string& tokenizer_config, const std::string& config = "") {
  test::TemporaryFolder folder;
  folder.write("tokenizer.json", small_tokenizer_json().dump());
  if (!tokenizer_config.empty()) folder.write("tokenizer_config.json", tokenizer_config);
  if (!config.empty()) folder.write("config.json", config);
  Encoding encoding;
  Tokenizer::load(folder.path(), {}).encode_pair("a", "b", {}, encoding);
  return encoding.token_type_ids;
}

const std::vector<int32_t> kGiven = {0, 0, 0, 1, 1};  // [CLS] a [SEP] b [SEP]
const std::vector<int32_t> kZeros = {0, 0, 0, 0, 0};

TEST(TokenTypesTest, TheClassDecides) {
  for (const char* name : {"BertTokenizer", "BertTokenizerFast", "ElectraTokenizer", "DebertaV2TokenizerFast"}) {
    EXPECT_EQ(types(R"({"tokenizer_class": ")" + std::string(name) + "\"}"), kGiven) << name;
  }
  for (const char* name : {"PreTrainedTokenizerFast", "TokenizersBackend", "DistilBertTokenizerFast", "MPNetTokenizer",
                           "AlbertTokenizer", "RobertaTokenizer", "SomethingElse"}) {
    EXPECT_EQ(types(R"({"tokenizer_class": ")" + std::string(name) + "\"}"), kZeros) << name;
  }
}

TEST(TokenTypesTest, ModelInputNamesOverruleTheClass) {
  EXPECT_EQ(types(R"({"tokenizer_class": "BertTokenizer", "model_input_names": ["input_ids", "attention_mask"]})"),
            kZeros);
  EXPECT_EQ(types(R"({"tokenizer_class": "PreTrainedTokenizerFast",
                      "model_input_names": ["input_ids", "token_type_ids", "attention_mask"]})"),
            kGiven);
}

TEST(TokenTypesTest, TheModelTypeNamesAClassWhereNothingElseDoes) {
  EXPECT_EQ(types("{}", R"({"model_type": "bert"})"), kGiven);
  EXPECT_EQ(types("", R"({"model_type": "mpnet"})"), kZeros);
  EXPECT_EQ(types(""), kGiven);
}

}  // namespace
}  // namespace sbert::tokenizer
