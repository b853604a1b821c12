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
  transformer->tokenize("the weather", std::nullopt, Task(), encoding);
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
  EXPECT_EQ(transformer->prompt_length("", Task()), 0u);
  EXPECT_EQ(transformer->prompt_length("  ", Task()), 1u);
  EXPECT_EQ(transformer->prompt_length("[SEP]", Task()), 2u);
  EXPECT_EQ(transformer->prompt_length(":", Task()), 2u);
  transformer->set_max_seq_length(5);
  EXPECT_EQ(transformer->prompt_length(": : : : : : : :", Task()), 4u) << "a long prompt is truncated, too";
}

TEST_F(TransformerModuleTest, WithoutSentenceBertConfigItIsIgnored) {
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 30})");
  EXPECT_EQ(Transformer::load_plain(source())->max_seq_length(), 64u);
}

TEST_F(TransformerModuleTest, RefusesWhatWouldGiveOtherVectors) {
  const std::string file = "'" + (folder / "sentence_bert_config.json").string() + "'";
  auto refused = [&](const std::string& json) { return message_of<UnsupportedError>([&] { load(json); }); };
  for (const char* task : {"fill-mask", "text-generation", "any-to-any", "sequence-classification"}) {
    EXPECT_EQ(refused(R"({"transformer_task": ")" + std::string(task) + "\"}"),
              file + ": transformer_task '" + task + "' is not supported by this version");
  }
  const std::string text = R"("text": {"method": "forward", "method_output_name": "last_hidden_state"})";
  EXPECT_EQ(refused(R"({"module_output_name": "token_embeddings", "modality_config": {)" + text +
                    R"(, "message": {"method": "forward", "method_output_name": "last_hidden_state"}}})"),
            file + ": modality 'message' (a chat template around each text) is not supported by this version");
  EXPECT_EQ(refused(R"({"module_output_name": "sentence_embedding", "modality_config": {)" + text + "}}"),
            file +
                ": method 'forward' with output 'last_hidden_state' as 'sentence_embedding' is not supported by "
                "this version; for this model: 'forward' with 'last_hidden_state' as 'token_embeddings'");
  EXPECT_EQ(refused(R"({"module_output_name": "sentence_embedding",
                        "modality_config": {"text": {"method": "get_text_features", "method_output_name": null}}})"),
            file +
                ": method 'get_text_features' with output '(none)' as 'sentence_embedding' is not supported by this "
                "version; for this model: 'forward' with 'last_hidden_state' as 'token_embeddings'");
  EXPECT_EQ(refused(R"({"processing_kwargs": {"text": {"truncation": "only_second"}}})"),
            file + ": truncation 'only_second' is not supported by this version");
  folder.write("config.json", R"({"model_type": "gpt9"})");
  const std::string message = refused("{}");
  EXPECT_EQ(message.find(config_name() + ": model_type 'gpt9' is not supported by this version; supported: "), 0u)
      << message;
}

TEST_F(TransformerModuleTest, ArgumentsThatChangeResultsAreRefusedByName) {
  const std::string file = "'" + (folder / "sentence_bert_config.json").string() + "'";
  for (const char* kwargs : {"model_kwargs", "processor_kwargs", "config_kwargs"}) {
    EXPECT_EQ(message_of<UnsupportedError>([&] { load("{\"" + std::string(kwargs) + R"(": {"surprise": 1}})"); }),
              file + " field '" + kwargs + "': 'surprise' is not supported by this version");
    EXPECT_NO_THROW(load("{\"" + std::string(kwargs) + R"(": {"trust_remote_code": true, "revision": "main"}})"));
  }
  EXPECT_NO_THROW(load(R"({"model_args": {"torch_dtype": "bfloat16", "attn_implementation": "sdpa"},
                           "tokenizer_args": {"padding_side": "left"}, "config_args": {"use_cache": false}})"));
}

TEST_F(TransformerModuleTest, LengthsOfQueriesAndDocuments) {
  const auto transformer = load(R"({"max_seq_length": 30, "query_length": 5, "document_length": 1000})");
  auto length = [&](Task task) {
    tokenizer::Encoding encoding;
    transformer->tokenize("one two three four five six seven eight nine ten", std::nullopt, task, encoding);
    EXPECT_EQ(encoding.input_ids.size(), encoding.token_type_ids.size());
    return encoding.input_ids.size() + encoding.truncated;
  };
  const size_t all = length(Task());
  tokenizer::Encoding encoding;
  transformer->tokenize("one two three four five six seven eight nine ten", std::nullopt, "query", encoding);
  EXPECT_EQ(encoding.input_ids.size(), 5u);
  EXPECT_EQ(encoding.truncated, all - 5);
  std::string words;
  for (int i = 0; i < 200; ++i) words += "one ";
  transformer->tokenize(words, std::nullopt, "document", encoding);
  EXPECT_EQ(encoding.input_ids.size(), 64u) << "as many as the model has positions";
  transformer->tokenize(words, std::nullopt, Task(), encoding);
  EXPECT_EQ(encoding.input_ids.size(), 30u);
}

TEST_F(TransformerModuleTest, TruncationOnlyFirstIsForSingleTexts) {
  const auto transformer =
      load(R"({"max_seq_length": 4, "processing_kwargs": {"text": {"truncation": "only_first"}}})");
  tokenizer::Encoding encoding;
  transformer->tokenize("one two three four", std::nullopt, Task(), encoding);
  EXPECT_EQ(encoding.input_ids.size(), 4u);
  EXPECT_EQ(message_of<UnsupportedError>([&] { transformer->tokenize("one", "two", Task(), encoding); }),
            "text pairs with truncation 'only_first' are not supported by this version");
}

TEST_F(TransformerModuleTest, AChatTemplateMattersWithoutModulesJson) {
  const std::string config = test::contents_of(folder / "tokenizer_config.json");
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer", "chat_template": "{{ messages }}"})");
  EXPECT_NO_THROW(load("{}")) << "with modules.json, texts stay texts";
  const std::string message = message_of<UnsupportedError>([&] { Transformer::load_plain(source()); });
  EXPECT_EQ(message, "'" + (folder / "tokenizer_config.json").string() +
                         "': a model with a chat template and without modules.json (texts become chat messages) is not "
                         "supported by this version");
  folder.write("tokenizer_config.json", config);
  EXPECT_NO_THROW(Transformer::load_plain(source()));
  folder.write("chat_template.jinja", "{{ messages }}");
  EXPECT_NE(message_of<UnsupportedError>([&] { Transformer::load_plain(source()); }).find("chat_template.jinja"),
            std::string::npos);
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

// Text towers make one vector of a text themselves.
class TextTowerTest : public ModuleFixture {
 protected:
  void use(const std::string& golden) {
    std::filesystem::copy(std::string(SBERT_TEST_DIR) + "/goldens/data/" + golden + "/model", folder.path(),
                          std::filesystem::copy_options::recursive);
  }
  std::vector<float> embedding_of(const Transformer& tower, std::string_view text) {
    tokenizer::Encoding encoding;
    tower.tokenize(text, std::nullopt, Task(), encoding);
    features.batch.clear();
    features.batch.add_text(encoding.input_ids, encoding.token_type_ids);
    tower.forward(features, workspace);
    return values_of(features.sentence_embedding);
  }
};

TEST_F(TextTowerTest, EveryWayToNameClipGivesTheSameVector) {
  use("clip");
  const auto saved = Transformer::load(source());
  EXPECT_TRUE(saved->makes_sentence_embeddings());
  EXPECT_EQ(saved->embedding_dimension(), 16u);
  const std::vector<float> expected = embedding_of(*saved, "the quick brown fox");
  EXPECT_EQ(expected.size(), 16u);
  const auto plain = Transformer::load_plain(source());
  EXPECT_TRUE(plain->makes_sentence_embeddings());
  EXPECT_EQ(embedding_of(*plain, "the quick brown fox"), expected);
  EXPECT_EQ(embedding_of(*CLIPModel::load(source()), "the quick brown fox"), expected);
  std::filesystem::remove(folder / "sentence_bert_config.json");  // as in 0_CLIPModel of old folders
  EXPECT_EQ(embedding_of(*CLIPModel::load(source()), "the quick brown fox"), expected);
  EXPECT_NE(message_of<UnsupportedError>([&] { Transformer::load(source()); }).find("'get_text_features'"),
            std::string::npos);
}

// padding "max_length" of SigLIP: the vector is that of the last padding token.
TEST_F(TextTowerTest, PaddingIsPartOfTheTextOfSiglip) {
  use("siglip");
  const std::string padded = R"({"module_output_name": "sentence_embedding",
      "modality_config": {"text": {"method": "get_text_features", "method_output_name": "pooler_output"}},
      "processing_kwargs": {"text": {"padding": "max_length", "max_length": 20}}})";
  const auto unpadded = Transformer::load(source());
  folder.write("sentence_bert_config.json", padded);
  EXPECT_NE(message_of<UnsupportedError>([&] { Transformer::load(source()); }).find("padding 'max_length'"),
            std::string::npos)
      << "its tokenizer gives an attention mask";
  folder.write("tokenizer_config.json",
               R"({"tokenizer_class": "X", "model_input_names": ["input_ids"], "pad_token": {"content": "[PAD]"}})");
  const auto transformer = Transformer::load(source());
  tokenizer::Encoding encoding;
  transformer->tokenize("the fox", std::nullopt, Task(), encoding);
  ASSERT_EQ(encoding.input_ids.size(), 20u);
  EXPECT_EQ(encoding.token_type_ids.size(), 20u);
  EXPECT_EQ(transformer->id_to_token(encoding.input_ids.back(), Task()), "[PAD]");
  EXPECT_NE(embedding_of(*transformer, "the fox"), embedding_of(*unpadded, "the fox"));
  folder.write("tokenizer_config.json",
               R"({"tokenizer_class": "X", "model_input_names": ["input_ids"], "pad_token": "[P]"})");
  EXPECT_NE(message_of<InvalidModelError>([&] { Transformer::load(source()); }).find("'[P]' is not in the vocabulary"),
            std::string::npos);
}

// Published SigLIP 2 folders do not say so; transformers has a class for them that does it.
TEST_F(TextTowerTest, TextsOfSiglip2AreLowerCased) {
  use("siglip");
  auto same = [&] {
    tokenizer::Encoding upper, lower;
    const auto tower = Transformer::load(source());
    tower->tokenize("THE FOX", std::nullopt, Task(), upper);
    tower->tokenize("the fox", std::nullopt, Task(), lower);
    return upper.input_ids == lower.input_ids;
  };
  auto replace = [&](const char* file, const std::string& from, const std::string& to) {
    std::string text = test::contents_of(folder / file);
    const size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    folder.write(file, text.replace(place, from.size(), to));
  };
  replace("tokenizer.json", "\"lowercase\": true", "\"lowercase\": false");
  EXPECT_FALSE(same());
  replace("config.json", "\"model_type\": \"siglip\"", "\"model_type\": \"siglip2\"");
  EXPECT_TRUE(same());
}

}  // namespace
}  // namespace sbert::modules
