#include "modules/module.h"

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "modules/normalize.h"
#include "support/errors.h"

namespace sbert::modules {
namespace {

using test::message_of;

class LoadModuleTest : public ModuleFixture {
 protected:
  std::unique_ptr<Module> load(const std::string& type) const {
    ModuleSource later = source();
    later.place = ModuleSource::Place::kLater;
    return load_module(type, later, "'m/modules.json'");
  }
};

TEST_F(LoadModuleTest, KnowsTheClassPathsOfAllVersions) {
  for (const char* type : {"sentence_transformers.models.Normalize", "sentence_transformers.models.Normalize.Normalize",
                           "sentence_transformers.sentence_transformer.modules.normalize.Normalize",
                           "sentence_transformers.base.modules.normalize.Normalize"}) {
    EXPECT_NE(dynamic_cast<Normalize*>(load(type).get()), nullptr) << type;
  }
}

TEST_F(LoadModuleTest, NamesAnUnknownModule) {
  EXPECT_EQ(message_of<UnsupportedError>([&] { load("sentence_transformers.models.Magic"); }),
            "'m/modules.json': module 'sentence_transformers.models.Magic' is not supported by this version; "
            "supported: Transformer, Pooling, Normalize, Dense, Dropout, LayerNorm, StaticEmbedding, CLIPModel, "
            "Router, Asym, CNN, LSTM, WeightedLayerPooling, WordEmbeddings, WordWeights, BoW");
}

TEST_F(LoadModuleTest, NeverRunsCodeOfAModel) {
  for (const char* type : {"custom_st.Transformer", "modeling.Pooling", "Pooling", "", "sentence_transformers",
                           "sentence_transformers_evil.Pooling", "os.system"}) {
    EXPECT_EQ(message_of<UnsupportedError>([&] { load(type); }),
              "'m/modules.json': module '" + std::string(type) +
                  "' is code of the model's own (trust_remote_code), which is never run here");
  }
}

TEST_F(LoadModuleTest, NamesAMissingFile) {
  for (const char* name : {"Pooling", "Dense", "LayerNorm", "Dropout", "WeightedLayerPooling", "WordWeights", "BoW"}) {
    EXPECT_EQ(message_of<InvalidModelError>([&] { load("sentence_transformers.models." + std::string(name)); }),
              "file " + config_name() + " is missing")
        << name;
  }
}

TEST_F(LoadModuleTest, TextEntersAtTheHeadOnly) {
  write_config(R"({"vocab": ["a"]})");
  EXPECT_EQ(message_of<UnsupportedError>([&] { load("sentence_transformers.models.BoW"); }),
            "'m/modules.json': module 'sentence_transformers.models.BoW' reads text, but stands behind another module");
  EXPECT_EQ(message_of<UnsupportedError>(
                [&] { load_module("sentence_transformers.models.Normalize", source(), "'m/modules.json'"); }),
            "'m/modules.json': module 'sentence_transformers.models.Normalize' stands first, but the first module must "
            "be one that reads text");
}

TEST(ClassNameTest, IsTheLastPart) {
  EXPECT_EQ(class_name("sentence_transformers.models.Pooling"), "Pooling");
  EXPECT_EQ(class_name("Pooling"), "Pooling");
  EXPECT_EQ(class_name(""), "");
  EXPECT_EQ(class_name("a."), "");
}

}  // namespace
}  // namespace sbert::modules
