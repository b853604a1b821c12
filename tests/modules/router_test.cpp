#include "modules/router.h"

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "modules/route_mapping.h"
#include "support/errors.h"
#include "support/log_capture.h"

namespace sbert::modules {
namespace {

using test::message_of;

const std::string kBow = "sentence_transformers.models.BoW", kNormalize = "sentence_transformers.models.Normalize",
                  kRouter = "sentence_transformers.base.modules.router.Router";

// Routes whose vectors tell them apart: a BoW of one word, which each route weighs in its own way.
class RouterTest : public ModuleFixture {
 protected:
  void write_bow(const std::string& id, float weight) const {
    std::filesystem::create_directories(folder / id);
    folder.write(id + "/config.json", R"({"vocab": ["a"], "unknown_word_weight": )" + std::to_string(weight) + "}");
  }
  void write(const std::string& types, const std::string& structure, const std::string& parameters) const {
    folder.write("router_config.json", R"({"types": {)" + types + R"(}, "structure": {)" + structure +
                                           R"(}, "parameters": {)" + parameters + "}}");
  }
  // Routes zebra (1), apple (2) and text (3), in this order.
  void write_three(const std::string& parameters, bool with_text = false) const {
    for (int i = 1; i <= 3; ++i) write_bow("bow" + std::to_string(i), static_cast<float>(i));
    write(R"("bow1": ")" + kBow + R"(", "bow2": ")" + kBow + R"(", "bow3": ")" + kBow + "\"",
          R"("zebra": ["bow1"], "apple": ["bow2"])" + std::string(with_text ? R"(, "text": ["bow3"])" : ""),
          parameters);
  }
  ModuleSource later() const { return {.folder = folder.path(), .place = ModuleSource::Place::kLater}; }

  float value_of(const Router& router, const std::string& task, const std::string& modality = "text") {
    tokenizer::Encoding encoding;
    router.tokenize("a", std::nullopt, task, encoding);
    features.batch.clear();
    features.batch.add_text(encoding.input_ids, encoding.token_type_ids);
    features.task = task;
    features.modality = modality;
    router.forward(features, workspace);
    return features.sentence_embedding.row(0)[0];
  }
  std::string config() const { return "'" + (folder / "router_config.json").string() + "'"; }
};

TEST_F(RouterTest, TheTaskPicksTheRoute) {
  write_three("");
  const auto router = Router::load(source());
  EXPECT_EQ(value_of(*router, "zebra"), 1);
  EXPECT_EQ(value_of(*router, "apple"), 2);
  EXPECT_EQ(value_of(*router, ""), 1) << "the first of the file, not of the alphabet";
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { value_of(*router, "query"); }),
            "no route for the task 'query': this model's Router has task='zebra', task='apple'");
  EXPECT_EQ(router->embedding_dimension(), 1u);
  EXPECT_EQ(router->architecture(), "Router (zebra: BoW, apple: BoW)");
  EXPECT_EQ(router->max_seq_length(), std::nullopt);
  EXPECT_EQ(router->id_to_token(0, "apple"), "a");
}

TEST_F(RouterTest, DefaultRoute) {
  write_three(R"("default_route": "apple")");
  EXPECT_EQ(value_of(*Router::load(source()), ""), 2);
  write_three(R"("default_route": null, "allow_empty_key": false)");
  const auto router = Router::load(source());
  EXPECT_EQ(value_of(*router, "zebra"), 1);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { value_of(*router, ""); }),
            "this model's Router has no default route: give a task, one of task='zebra', task='apple'");
}

// The order of the reference: (task, modality), (task, any), (any, modality), (any, any), then names.
TEST_F(RouterTest, Mappings) {
  auto value = [&](const std::string& mappings, const std::string& task, bool with_text = false) {
    write_three(R"("route_mappings": {)" + mappings + "}", with_text);
    return value_of(*Router::load(source()), task);
  };
  EXPECT_EQ(value(R"j("('query', None)": "zebra", "('query', 'text')": "apple")j", "query"), 2);
  EXPECT_EQ(value(R"j("(None, 'text')": "apple", "('query', None)": "zebra")j", "query"), 1);
  EXPECT_EQ(value(R"j("(None, None)": "zebra", "(None, 'text')": "apple")j", "query"), 2);
  EXPECT_EQ(value(R"j("(None, None)": "zebra")j", "apple"), 1) << "a mapping is stronger than a name";
  EXPECT_EQ(value(R"j("('query', ('image', 'text'))": "zebra", "('x', 'image')": "zebra")j", "apple"), 2);
  EXPECT_EQ(value("", "apple", true), 2);
  EXPECT_EQ(value("", "unknown", true), 3) << "a route named as the modality";
  EXPECT_EQ(value("", "", true), 3);
}

TEST_F(RouterTest, KeysOfMappings) {
  const auto key = parse_route_key(R"(("it's", 'a\'b'))");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->task, "it's");
  EXPECT_EQ(key->modality, "a'b");
  EXPECT_TRUE(parse_route_key("(None, ('image', 'text'))")->several_modalities);
  EXPECT_TRUE(parse_route_key("(None,('image',))")->several_modalities);
  EXPECT_FALSE(parse_route_key("( 'x' , None , )")->modality);
  for (const char* text : {"", "query", "('query')", "('a', 'b', 'c')", "('a', 'b'", "('a', 'b') x", "(1, 2)", "('a",
                           "('a\\", "((", "(None, (", "__import__('os')"}) {
    EXPECT_FALSE(parse_route_key(text)) << text;
  }
  write_three(R"("route_mappings": {"not a tuple": "apple"})");
  const test::LogCapture log;
  EXPECT_EQ(value_of(*Router::load(source()), ""), 1);
  ASSERT_EQ(log.warnings().size(), 1u);
  EXPECT_NE(log.warnings()[0].find("ignoring the key 'not a tuple'"), std::string::npos);
}

TEST_F(RouterTest, AsymOfOlderVersions) {
  write_bow("1-BoW", 5);
  folder.write("config.json", R"({"types": {"1-BoW": ")" + kBow + R"("}, "structure": {"doc": ["1-BoW"]},
                                  "parameters": {"allow_empty_key": false}})");
  EXPECT_EQ(value_of(*Router::load(source()), "doc"), 5);
}

TEST_F(RouterTest, LaterInTheModelItRoutesVectors) {
  std::filesystem::create_directories(folder / "n");
  write("\"n\": \"" + kNormalize + "\"", R"("query": ["n"], "doc": ["n", "n"])", R"("allow_empty_key": false)");
  const auto router = Router::load(later());
  set(features.sentence_embedding, 2, {3, 4});
  features.task = "doc";
  router->forward(features, workspace);
  EXPECT_EQ(values_of(features.sentence_embedding), (std::vector<float>{0.6f, 0.8f}));
  features.task = "";
  EXPECT_NE(message_of<InvalidArgumentError>([&] { router->forward(features, workspace); }).find("no default route"),
            std::string::npos);
}

TEST_F(RouterTest, ModulesAtTheWrongPlace) {
  std::filesystem::create_directories(folder / "n");
  write_bow("b", 1);
  const std::string both = "\"n\": \"" + kNormalize + "\", \"b\": \"" + kBow + "\"";
  write(both, R"("query": ["n"])", "");
  EXPECT_NE(message_of<UnsupportedError>([&] {
              Router::load(source());
            }).find("the first module must be one that reads text"),
            std::string::npos);
  write(both, R"("query": ["b", "b", "n"])", "");
  EXPECT_NE(message_of<InvalidModelError>([&] { Router::load(source()); }).find("has 'b' behind another module"),
            std::string::npos);
  write(both, R"("query": ["n", "b"])", "");
  EXPECT_NE(message_of<UnsupportedError>([&] { Router::load(later()); }).find("reads text, but stands behind"),
            std::string::npos);
}

TEST_F(RouterTest, NamesWhatIsBroken) {
  write_bow("b", 1);
  const std::string types = "\"b\": \"" + kBow + "\"";
  auto error = [&](const std::string& structure, const std::string& parameters) {
    write(types, structure, parameters);
    return message_of<InvalidModelError>([&] { Router::load(source()); });
  };
  EXPECT_EQ(error("", ""), config() + ": field 'structure' has no routes");
  EXPECT_EQ(error(R"("q": [])", ""), config() + " field 'structure': field 'q' has no modules");
  EXPECT_EQ(error(R"("q": ["x"])", ""), config() + " field 'structure': field 'q' names 'x', which 'types' lacks");
  EXPECT_EQ(error(R"("q": ["b"])", R"("default_route": "z")"),
            config() + " field 'parameters': field 'default_route' names the route 'z'; there are task='q'");
  EXPECT_NE(error(R"("q": ["b"])", R"j("route_mappings": {"('a', None)": "z"})j").find("names the route 'z'"),
            std::string::npos);
  for (const char* id : {"../b", "/etc", "", ".", "..", "b/../../x", "a\\\\b"}) {
    write("\"" + std::string(id) + "\": \"" + kBow + "\"", R"("q": [")" + std::string(id) + "\"]", "");
    const std::string message = message_of<InvalidModelError>([&] { Router::load(source()); });
    EXPECT_TRUE(message.starts_with(config())) << message;
  }
  write("\"b\": \"evil.Module\"", R"("q": ["b"])", "");
  EXPECT_NE(
      message_of<UnsupportedError>([&] { Router::load(source()); }).find("'evil.Module' is code of the model's own"),
      std::string::npos);
  std::filesystem::remove(folder / "router_config.json");
  EXPECT_EQ(message_of<InvalidModelError>([&] { Router::load(source()); }), "file " + config() + " is missing");
}

// A folder that contains itself ends in an error, not in a full disk or an endless walk.
TEST_F(RouterTest, ARouterThatHoldsItself) {
  write("\"self\": \"" + kRouter + "\"", R"("q": ["self"])", "");
  std::filesystem::create_directory_symlink(folder.path(), folder / "self");
  EXPECT_NE(message_of<UnsupportedError>([&] { Router::load(source()); }).find("a Router inside 2 others"),
            std::string::npos);
  std::string types, names;
  for (int i = 0; i < 300; ++i) types += (i ? ", \"" : "\"") + std::to_string(i) + "\": \"" + kBow + "\"";
  write(types, R"("q": ["0"])", "");
  EXPECT_NE(message_of<InvalidModelError>([&] { Router::load(source()); }).find("more than 256 modules"),
            std::string::npos);
}

}  // namespace
}  // namespace sbert::modules
