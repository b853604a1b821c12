#include <filesystem>

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "modules/transformer.h"
#include "support/errors.h"

// The module Transformer on a small model of the goldens (max_position_embeddings 64, max_seq_length 48), with its
// configuration changed.
namespace sbert::modules {
namespace {

using test::message_of;

class TransformerModuleTest : public ModuleFixture {
 protected:
  TransformerModuleTest() {
    std::filesystem::copy(std::string(SBERT_TEST_DIR) + "/goldens/data/v2-uncased-mean/model", folder.path(),
                          std::filesystem::copy_options::recursive);
  }
  std::unique_ptr<Transformer> load(const std::string& sentence_bert_config) {
    folder.write("sentence_bert_config.json", sentence_bert_config);
    return Transformer::load(source());
  }
};

TEST_F(TransformerModuleTest, MaxSeqLengthOfTheFile) {
  EXPECT_EQ(load(R"({"max_seq_length": 30})")->max_seq_length(), 30u);
  EXPECT_EQ(load(R"({"max_seq_length": null})")->max_seq_length(), 64u) << "all positions";
  EXPECT_EQ(load("{}")->max_seq_length(), 64u);
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer", "model_max_length": 20})");
  EXPECT_EQ(load("{}")->max_seq_length(), 20u) << "model_max_length";
  EXPECT_EQ(load(R"({"max_seq_length": 30})")->max_seq_length(), 30u);
}

TEST_F(TransformerModuleTest, MaxSeqLengthBeyondThePositionsIsCapped) {
  const auto transformer = load(R"({"max_seq_length": 100})");
  EXPECT_EQ(transformer->max_seq_length(), 64u);
  ASSERT_EQ(transformer->notes().size(), 1u);
  EXPECT_NE(transformer->notes()[0].find("max_seq_length 100 is more than the model's 64 positions"),
            std::string::npos);
}

TEST_F(TransformerModuleTest, SetMaxSeqLengthChecksItsLimits) {
  const auto transformer = load("{}");
  transformer->set_max_seq_length(2);
  EXPECT_EQ(transformer->max_seq_length(), 2u);
  tokenizer::Encoding encoding;
  transformer->tokenize("the weather", std::nullopt, Task::kNone, encoding);
  EXPECT_EQ(encoding.input_ids.size(), 2u);
  EXPECT_GT(encoding.truncated, 0u);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { transformer->set_max_seq_length(65); }),
            "max_seq_length 65 is more than the 64 positions of the model");
  for (const size_t tokens : {0, 1}) {
    EXPECT_EQ(message_of<InvalidArgumentError>([&] { transformer->set_max_seq_length(tokens); }),
              "max_seq_length " + std::to_string(tokens) +
                  " leaves no room: the tokenizer adds 2 special tokens to each text");
  }
  EXPECT_EQ(transformer->max_seq_length(), 2u) << "unchanged by what was refused";
}

TEST_F(TransformerModuleTest, PromptLengthCountsTheFirstSpecialTokenOnly) {
  const auto transformer = load("{}");
  EXPECT_EQ(transformer->prompt_length("", Task::kNone), 0u);
  EXPECT_EQ(transformer->prompt_length("  ", Task::kNone), 1u);
  EXPECT_EQ(transformer->prompt_length("[SEP]", Task::kNone), 2u);
  EXPECT_EQ(transformer->prompt_length(":", Task::kNone), 2u);
  transformer->set_max_seq_length(5);
  EXPECT_EQ(transformer->prompt_length(": : : : : : : :", Task::kNone), 4u) << "a long prompt is truncated, too";
}

TEST_F(TransformerModuleTest, WithoutSentenceBertConfigItIsIgnored) {
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 30})");
  EXPECT_EQ(Transformer::load_plain(source())->max_seq_length(), 64u);
}

TEST_F(TransformerModuleTest, RefusesWhatWouldGiveOtherVectors) {
  const std::string file = "'" + (folder / "sentence_bert_config.json").string() + "'";
  EXPECT_EQ(message_of<UnsupportedError>([&] { load(R"({"transformer_task": "fill-mask"})"); }),
            file + ": transformer_task 'fill-mask' is not supported by this version");
  folder.write("config.json", R"({"model_type": "nomic_bert"})");
  EXPECT_EQ(message_of<UnsupportedError>([&] { load("{}"); }),
            config_name() + ": model_type 'nomic_bert' is not supported by this version; supported: bert");
}

TEST_F(TransformerModuleTest, NamesTheFileThatIsMissing) {
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    const std::string before = test::contents_of(folder / name);
    std::filesystem::remove(folder / name);
    const std::string message = message_of<InvalidModelError>([&] { load("{}"); });
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find(folder.path().string()), std::string::npos) << message;
    folder.write(name, before);
  }
  EXPECT_NO_THROW(load("{}"));
}

}  // namespace
}  // namespace sbert::modules
