#include <sbert/sbert.h>

#include "models/tiny_model.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/log_capture.h"

// What a folder becomes, and models whose first module is no Transformer. Their vectors are checked by the goldens.
namespace sbert {
namespace {

using test::message_of;
using test::same_bits;
using test::tiny_model;

SentenceTransformer load(const std::string& name) {
  return SentenceTransformer(tiny_model(name).string());
}

std::vector<std::string> classes(const SentenceTransformer& model) {
  std::vector<std::string> names;
  for (const ModuleInfo& module : model.info().modules) {
    names.push_back(module.description.substr(0, module.description.find('(')));
  }
  return names;
}

TEST(DefaultStackTest, AModelOfAnotherKindIsConverted) {
  const test::LogCapture log;
  const auto model = load("module-converted");
  EXPECT_EQ(classes(model), (std::vector<std::string>{"Transformer", "Pooling"}));
  EXPECT_NE(model.info().modules[1].description.find("'mean'"), std::string::npos) << "not the folder's 'cls'";
  EXPECT_EQ(model.prompts().at("query"), "");
  EXPECT_EQ(model.default_prompt_name(), std::nullopt);
  EXPECT_EQ(model.info().format_version, "");
  ASSERT_EQ(log.warnings().size(), 1u);
  EXPECT_NE(log.warnings()[0].find("holds a model of type 'CrossEncoder': converting it to a SentenceTransformer"),
            std::string::npos);
}

class DefaultPoolingTest : public testing::Test {
 protected:
  DefaultPoolingTest() {
    std::filesystem::copy(tiny_model("module-plain-causal"), folder.path(), std::filesystem::copy_options::recursive);
  }
  std::string pooling_with(const std::string& fields) {
    std::string config = test::contents_of(tiny_model("module-plain-causal") / "config.json");
    const size_t begin = config.find("\"architectures\""), end = config.find(']', begin) + 1;
    folder.write("config.json", config.replace(begin, end - begin, fields));
    return SentenceTransformer(folder.path().string()).info().modules[1].description;
  }
  test::TemporaryFolder folder;
};

TEST_F(DefaultPoolingTest, LastTokenWhereTheModelContinuesTexts) {
  for (const auto& [fields, mode] : std::vector<std::pair<std::string, std::string>>{
           {R"("architectures": ["BertForCausalLM", "BertModel"])", "lasttoken"},
           {R"("architectures": ["BertForCausalLM"], "is_causal": true)", "lasttoken"},
           {R"("architectures": ["BertForCausalLM"], "is_causal": false)", "mean"},
           {R"("architectures": ["BertModel", "BertForCausalLM"])", "mean"},
           {R"("architectures": [])", "mean"},
           {R"("architectures": null)", "mean"},
       }) {
    EXPECT_NE(pooling_with(fields).find("'pooling_mode': '" + mode + "'"), std::string::npos) << fields;
  }
}

TEST(DefaultStackTest, AFolderOfModel2vec) {
  const auto model = load("module-static-model2vec");
  EXPECT_EQ(classes(model), (std::vector<std::string>{"StaticEmbedding", "Normalize"}));
  EXPECT_EQ(model.max_seq_length(), std::nullopt);
  EXPECT_EQ(model.info().architecture, "StaticEmbedding");
}

TEST(StaticModelTest, HasNoTokenEmbeddingsAndNoLimit) {
  auto model = load("module-static");
  EXPECT_EQ(model.encode_one("").size(), 16u) << "zeros, normalized to zeros";
  EXPECT_NE(
      message_of<InvalidArgumentError>([&] { model.encode_token_embeddings({"a"}); }).find("makes no token embeddings"),
      std::string::npos);
  EXPECT_NE(message_of<InvalidArgumentError>([&] { model.set_max_seq_length(8); }).find("texts of any length"),
            std::string::npos);
}

TEST(StaticModelTest, BitsDoNotDependOnTheBatch) {
  const auto model = load("module-static");
  const std::vector<std::string> texts = {"the weather is lovely", "", "red", "it is so sunny outside today"};
  const FloatMatrix together = model.encode(texts);
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(same_bits(model.encode_one(texts[i]), together.row(i))) << i;
}

TEST(WordModelTest, ReadsNoPairs) {
  const auto model = load("module-word-weights");
  EXPECT_EQ(message_of<InvalidArgumentError>([&] {
              model.encode(std::vector<TextPair>{{"a", "b"}});
            }),
            "WordEmbeddings reads single texts: a pair of texts cannot be encoded");
  EXPECT_EQ(model.max_seq_length(), 1000000u);
}

TEST(RouterModelTest, TheTaskPicksTheRoute) {
  const auto model = load("module-router");
  EncodeOptions query;
  query.task = "query";
  query.prompt = "";
  EncodeOptions without_prompt;
  without_prompt.prompt = "";
  EXPECT_TRUE(same_bits(model.encode({"the weather"}, query).values(),
                        model.encode_query({"the weather"}, without_prompt).values()));
  EXPECT_TRUE(same_bits(model.encode({"the weather"}).values(), model.encode_document({"the weather"}).values()))
      << "the default route";
  EXPECT_NE(model.tokenize({"the weather"}, query)[0].tokens.front(), "[CLS]") << "no special tokens of a static model";
  EXPECT_EQ(model.tokenize({"the weather"})[0].tokens.front(), "[CLS]");
  query.task = "passage";
  const std::string message = message_of<InvalidArgumentError>([&] { model.encode({"a"}, query); });
  EXPECT_EQ(message, "no route for the task 'passage': this model's Router has task='query', task='document'");
  EXPECT_EQ(model.info().architecture, "Router (query: StaticEmbedding, document: bert)");
}

TEST(RouterModelTest, WithoutARouterAnyTaskIsTaken) {
  EncodeOptions options;
  options.task = "whatever";
  const auto model = load("v2-uncased-mean");
  EXPECT_TRUE(same_bits(model.encode({"a"}, options).values(), model.encode({"a"}).values()));
}

}  // namespace
}  // namespace sbert
