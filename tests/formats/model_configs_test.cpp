#include "formats/model_configs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sbert/logging.h>

#include "formats/crafted.h"

namespace sbert::formats {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::string modules_refusal(std::string_view text) {
  const std::string message = message_of<InvalidModelError>([&] { parse_modules_json(text, "'m/modules.json'"); });
  EXPECT_THAT(message, HasSubstr("'m/modules.json'")) << text.substr(0, 200);
  return message;
}

SentenceTransformersConfig parse_config(std::string_view text) {
  return parse_sentence_transformers_config(text, "'c'");
}

std::string config_refusal(std::string_view text) {
  const std::string message = message_of<InvalidModelError>([&] { parse_config(text); });
  EXPECT_THAT(message, HasSubstr("'c'")) << text;
  return message;
}

// Collects the warnings of one scope.
class Warnings {
 public:
  Warnings() {
    set_log_callback([this](LogLevel, std::string_view message) { messages.emplace_back(message); });
  }
  ~Warnings() { set_log_callback({}); }
  std::vector<std::string> messages;
};

TEST(ModulesJson, ReadsFormatV2) {
  const auto modules = parse_modules_json(R"([
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}])",
                                          "m");
  ASSERT_THAT(modules, SizeIs(2));
  EXPECT_EQ(modules[0].path, "");
  EXPECT_EQ(modules[0].type, "sentence_transformers.models.Transformer");
  EXPECT_EQ(modules[1].idx, 1);
  EXPECT_EQ(modules[1].name, "1");
  EXPECT_EQ(modules[1].path, "1_Pooling");
  EXPECT_THAT(modules[1].kwargs, IsEmpty());
}

TEST(ModulesJson, ReadsFormatV6) {
  const auto modules = parse_modules_json(
      R"([{"name": "router", "path": "a/b", "type": "sentence_transformers.base.modules.router.Router",
           "kwargs": ["task", "x"], "other": 1},
          {"idx": 7, "name": "1", "path": "a/b", "type": "custom_st.Module", "kwargs": null}])",
      "m");
  ASSERT_THAT(modules, SizeIs(2));
  EXPECT_EQ(modules[0].idx, 0);
  EXPECT_THAT(modules[0].kwargs, ElementsAre("task", "x"));
  EXPECT_EQ(modules[1].idx, 7);
}

TEST(ModulesJson, RefusesBrokenFiles) {
  EXPECT_THAT(modules_refusal("{}"), HasSubstr("array of modules"));
  EXPECT_THAT(modules_refusal("[]"), HasSubstr("lists no modules"));
  EXPECT_THAT(modules_refusal("["), HasSubstr("not valid JSON"));
  EXPECT_THAT(modules_refusal(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(modules_refusal("[1]"), AllOf(HasSubstr("item 0"), HasSubstr("JSON object")));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","path":""}])"), HasSubstr("'type' is missing"));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","type":"T"}])"), HasSubstr("'path' is missing"));
  EXPECT_THAT(modules_refusal(R"([{"path":"","type":"T"}])"), HasSubstr("'name' is missing"));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","path":"","type":""}])"), HasSubstr("'type' is empty"));
  EXPECT_THAT(modules_refusal(R"([{"name":0,"path":"","type":"T"}])"), HasSubstr("must be a string"));
  EXPECT_THAT(modules_refusal(R"([{"idx":-1,"name":"0","path":"","type":"T"}])"), HasSubstr("'idx' is -1"));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","path":"","type":"T","kwargs":"task"}])"), HasSubstr("'kwargs'"));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","path":"","type":"T"},{"name":"0","path":"","type":"T"}])"),
              AllOf(HasSubstr("item 1"), HasSubstr("'0' is that of another module")));
  EXPECT_THAT(modules_refusal(R"([{"name":"0","name":"1","path":"","type":"T"}])"), HasSubstr("twice"));
  EXPECT_THAT(modules_refusal(std::string(100000, '[')), HasSubstr("nested"));
}

TEST(ModulesJson, RefusesPathsOutsideTheFolder) {
  for (const char* path : {"..", "../x", "a/../../x", "/etc", "a\\\\b", "C:x", "a/..", "x\\u0000"}) {
    EXPECT_THAT(modules_refusal(std::string(R"([{"name":"0","type":"T","path":")") + path + "\"}]"),
                AllOf(HasSubstr("item 0"), HasSubstr("field 'path'")))
        << path;
  }
}

TEST(ModulesJson, ReadsTheFolder) {
  const TempFolder folder;
  EXPECT_FALSE(read_modules_json(folder.path()));
  folder.write("modules.json", R"([{"name":"0","path":"","type":"T"}])");
  EXPECT_THAT(read_modules_json(folder.path()).value(), SizeIs(1));
  folder.write("modules.json", "[{}]");
  EXPECT_THAT(message_of<InvalidModelError>([&] { read_modules_json(folder.path()); }),
              HasSubstr((folder.path() / "modules.json").string()));
}

TEST(SentenceTransformersConfig, ReadsEveryVersion) {
  const auto v2 = parse_config(
      R"({"__version__": {"sentence_transformers": "2.0.0", "transformers": "4.6.1", "pytorch": "1.8.1"}})");
  EXPECT_EQ(v2.version, "2.0.0");
  EXPECT_FALSE(v2.model_type || v2.default_prompt_name || v2.similarity_fn_name || v2.truncate_dim || v2.activation_fn);
  EXPECT_THAT(v2.prompts, IsEmpty());
  const auto v6 = parse_config(R"({"model_type": "CrossEncoder", "__version__": {"sentence_transformers": "6.0.1"},
      "prompts": {"query": "query: ", "document": null, "": "x"}, "default_prompt_name": "query",
      "similarity_fn_name": "dot",
      "truncate_dim": 256, "activation_fn": "torch.nn.modules.linear.Identity", "unknown": [1]})");
  EXPECT_EQ(v6.model_type, "CrossEncoder");
  EXPECT_THAT(v6.prompts, ElementsAre(Pair("", "x"), Pair("document", ""), Pair("query", "query: ")));
  EXPECT_EQ(v6.default_prompt_name, "query");
  EXPECT_EQ(v6.similarity_fn_name, "dot");
  EXPECT_EQ(v6.truncate_dim, 256);
  EXPECT_EQ(v6.activation_fn, "torch.nn.modules.linear.Identity");
  EXPECT_EQ(parse_config(R"({"__version__": "1.2"})").version, "1.2");
  EXPECT_EQ(parse_config(R"({"__version__": null, "prompts": null, "default_prompt_name": null})").version, "");
}

TEST(SentenceTransformersConfig, RefusesWrongTypes) {
  EXPECT_THAT(config_refusal("[]"), HasSubstr("JSON object"));
  EXPECT_THAT(config_refusal(R"({"prompts": ["x"]})"), HasSubstr("'prompts'"));
  EXPECT_THAT(config_refusal(R"({"prompts": {"query": 1}})"), HasSubstr("'query' must be a string"));
  EXPECT_THAT(config_refusal(R"({"default_prompt_name": 1})"), HasSubstr("'default_prompt_name'"));
  EXPECT_THAT(config_refusal(R"({"similarity_fn_name": {}})"), HasSubstr("'similarity_fn_name'"));
  EXPECT_THAT(config_refusal(R"({"model_type": 6})"), HasSubstr("'model_type'"));
  EXPECT_THAT(config_refusal(R"({"__version__": 6})"), HasSubstr("'__version__'"));
  for (const char* value : {"0", "-1", "1.5", "1e400", "99999999999999999999", "\"8\"", "true"}) {
    EXPECT_NE(config_refusal(std::string(R"({"truncate_dim":)") + value + "}"), "") << value;
  }
  EXPECT_THAT(config_refusal(R"({"prompts": {"a": "x", "a": "y"}})"), HasSubstr("twice"));
}

TEST(SentenceTransformersConfig, KeepsRequirementsItUnderstands) {
  const Warnings warnings;
  const auto config =
      parse_config(R"({"requirements": {"transformers": ">=5.15", "python": {"specifier": ">=3.12", "reason": "x"},
                                                        "torch": 5, "peft": {"reason": "none"}}})");
  EXPECT_THAT(config.requirements, ElementsAre(Pair("python", ">=3.12"), Pair("transformers", ">=5.15")));
  EXPECT_THAT(warnings.messages, ElementsAre(HasSubstr("'peft'"), HasSubstr("'torch'")));
  EXPECT_THAT(parse_config(R"({"requirements": ["x"]})").requirements, IsEmpty());
  EXPECT_THAT(warnings.messages.back(), HasSubstr("'requirements'"));
}

TEST(SentenceTransformersConfig, WarnsOfNewerVersions) {
  const Warnings warnings;
  for (const char* version : {"2.0.0", "6.0.1", "6.9.0.dev0", "", "x", "99999999999"}) {
    parse_config(std::string(R"({"__version__": {"sentence_transformers": ")") + version + "\"}}");
  }
  EXPECT_THAT(warnings.messages, IsEmpty());
  parse_config(R"({"__version__": {"sentence_transformers": "7.0.0"}})");
  EXPECT_THAT(warnings.messages, ElementsAre(HasSubstr("'7.0.0'")));
}

TEST(SentenceTransformersConfig, ReadsTheFolder) {
  const TempFolder folder;
  EXPECT_THAT(read_sentence_transformers_config(folder.path()).prompts, IsEmpty());
  folder.write("config_sentence_transformers.json", R"({"prompts": {"a": "b"}})");
  EXPECT_THAT(read_sentence_transformers_config(folder.path()).prompts, ElementsAre(Pair("a", "b")));
  folder.write("config_sentence_transformers.json", R"({"prompts": 1})");
  EXPECT_THAT(message_of<InvalidModelError>([&] { read_sentence_transformers_config(folder.path()); }),
              HasSubstr((folder.path() / "config_sentence_transformers.json").string()));
}

TEST(SafeJoin, StaysInTheFolder) {
  EXPECT_EQ(safe_join("m", "1_Pooling", "x"), std::filesystem::path("m/1_Pooling"));
  EXPECT_EQ(safe_join("m", "a/b.json", "x"), std::filesystem::path("m/a/b.json"));
  EXPECT_EQ(safe_join("m", "./a..b/...", "x"), std::filesystem::path("m/./a..b/..."));
  EXPECT_EQ(safe_join("m", "", "x").lexically_normal(), std::filesystem::path("m"));
  const std::string nul("a\0b", 3);
  for (const std::string& path :
       {std::string(".."), std::string("../a"), std::string("a/.."), std::string("a/../.."), std::string("/"),
        std::string("/a"), std::string("//a"), std::string("a\\..\\b"), std::string("\\a"), std::string("C:"),
        std::string("c:/a"), nul, std::string("a//..")}) {
    EXPECT_THAT(message_of<InvalidModelError>([&] { safe_join("m", path, "'f.json'"); }),
                HasSubstr("'f.json': the path"))
        << path;
  }
}

}  // namespace
}  // namespace sbert::formats
