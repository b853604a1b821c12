#include <cmath>
#include <cstring>

#include <sbert/sbert.h>

#include "models/tiny_model.h"
#include "support/errors.h"

// A model folder with one broken, missing or lying file: one line that names the file, never a crash or a vector.
namespace sbert {
namespace {

using test::contents_of;
using test::message_of;

class BrokenModelTest : public test::ModelCopyTest {
 protected:
  /// The message of loading the folder and encoding a text with it.
  template <typename Exception = Error>
  std::string error() const {
    return message_of<Exception>([this] { SentenceTransformer(path()).encode({"the weather"}); });
  }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = contents_of(folder / name);
    const size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos) << name << " has no " << from;
    folder.write(name, text.replace(place, from.size(), to));
  }
  static testing::AssertionResult is_line_naming(const std::string& message, const std::string& file) {
    if (message.find('\n') != std::string::npos)
      return testing::AssertionFailure() << "more than one line: " << message;
    if (message.find(file) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "does not name " << file << ": " << message;
  }
  std::string full(const std::string& name) const { return "'" + (folder / name).string() + "'"; }
};

TEST_F(BrokenModelTest, AJsonFileThatIsNone) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const char* name : {"config.json", "modules.json", "tokenizer.json", "sentence_bert_config.json",
                           "config_sentence_transformers.json", "1_Pooling/config.json"}) {
    const std::string good = contents_of(folder / name);
    for (const std::string& bad : {std::string(), std::string("{"), std::string("nonsense\n"), std::string("\0\0", 2),
                                   std::string("{\"a\": \"\xff\"}"), std::string("{\"a\": NaN}"),
                                   "{\"a\": " + deep + "}", std::string("\"text\""), std::string("3"),
                                   good.substr(0, good.size() / 2), good + "x", std::string("{\"a\": 1, \"a\": 1}")}) {
      folder.write(name, bad);
      EXPECT_TRUE(is_line_naming(error(), full(name))) << "content: " << bad.substr(0, 40);
    }
    folder.write(name, good);
  }
}

TEST_F(BrokenModelTest, AFileThatIsMissing) {
  for (const char* name : {"config.json", "1_Pooling/config.json", "tokenizer.json", "model.safetensors"}) {
    const std::string good = contents_of(folder / name);
    std::filesystem::remove(folder / name);
    const std::string message = error<InvalidModelError>();
    EXPECT_TRUE(is_line_naming(message, std::filesystem::path(name).filename().string()));
    EXPECT_TRUE(is_line_naming(message, path()));
    folder.write(name, good);
  }
}

TEST_F(BrokenModelTest, AFolderInsteadOfAFile) {
  for (const char* name : {"config.json", "modules.json", "tokenizer.json", "sentence_bert_config.json",
                           "1_Pooling/config.json", "model.safetensors"}) {
    const std::string good = contents_of(folder / name);
    std::filesystem::remove(folder / name);
    std::filesystem::create_directory(folder / name);
    EXPECT_TRUE(is_line_naming(error(), full(name)));
    std::filesystem::remove(folder / name);
    folder.write(name, good);
  }
}

TEST_F(BrokenModelTest, AnEmptyFolder) {
  const test::TemporaryFolder empty;
  const std::string message = message_of<InvalidModelError>([&] { SentenceTransformer(empty.path().string()); });
  EXPECT_TRUE(is_line_naming(message, empty.path().string()));
}

TEST_F(BrokenModelTest, WeightsCutShort) {
  const std::string good = contents_of(folder / "model.safetensors");
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{9}, size_t{100}, good.size() / 2, good.size() - 1}) {
    folder.write("model.safetensors", good.substr(0, size));
    EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("model.safetensors"))) << size << " bytes";
  }
  folder.write("model.safetensors", good + "x");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("model.safetensors")));
}

TEST_F(BrokenModelTest, WeightsOfAnotherFormat) {
  std::filesystem::rename(folder / "model.safetensors", folder / "pytorch_model.bin");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("pytorch_model.bin"))) << "no zip archive";
  std::filesystem::rename(folder / "pytorch_model.bin", folder / "tf_model.h5");
  EXPECT_TRUE(is_line_naming(error(), path()));
}

TEST_F(BrokenModelTest, AConfigThatContradictsTheWeights) {
  replace("config.json", "\"hidden_size\": 32", "\"hidden_size\": 64");
  EXPECT_EQ(error<InvalidModelError>(),
            full("model.safetensors") +
                ": tensor 'embeddings.word_embeddings.weight' has shape [426, 32], expected "
                "[426, 64] from the configuration");
}

TEST_F(BrokenModelTest, MoreLayersThanTheWeightsHave) {
  replace("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  const std::string message = error<InvalidModelError>();
  EXPECT_TRUE(is_line_naming(message, "model.safetensors"));
  EXPECT_TRUE(is_line_naming(message, "'encoder.layer.2.attention.self.query.weight'"));
}

TEST_F(BrokenModelTest, AHugeConfigNeedsNoMemory) {
  replace("config.json", "\"intermediate_size\": 64", "\"intermediate_size\": 1048576");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("model.safetensors")));
}

TEST_F(BrokenModelTest, ATokenizerOfAnotherModel) {
  replace("config.json", "\"vocab_size\": 426", "\"vocab_size\": 4");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("model.safetensors")));
}

TEST_F(BrokenModelTest, ModulesJsonThatCannotBeFollowed) {
  const std::string good = contents_of(folder / "modules.json");
  auto error_with = [&](const std::string& from, const std::string& to) {
    folder.write("modules.json", good);
    replace("modules.json", from, to);
    return error();
  };
  EXPECT_EQ(error_with("sentence_transformers.models.Pooling", "sentence_transformers.models.Magic"),
            full("modules.json") +
                ": module 'sentence_transformers.models.Magic' is not supported by this version; "
                "supported: Transformer, Pooling, Normalize, Dense, Dropout, LayerNorm, StaticEmbedding, CLIPModel, "
                "Router, Asym, CNN, LSTM, WeightedLayerPooling, WordEmbeddings, WordWeights, BoW");
  EXPECT_EQ(error_with("sentence_transformers.models.Pooling", "my_code.Pooling"),
            full("modules.json") +
                ": module 'my_code.Pooling' is code of the model's own (trust_remote_code), which is "
                "never run here");
  for (const char* outside : {"../x", "/etc", "a/../../b", "1_Pooling\\\\x"}) {
    EXPECT_TRUE(is_line_naming(error_with("1_Pooling", outside), full("modules.json"))) << outside;
  }
  folder.write("modules.json", "[]");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("modules.json")));
  folder.write("modules.json", R"([{"idx": 0, "name": "0", "path": "1_Pooling",
                                    "type": "sentence_transformers.models.Pooling"}])");
  EXPECT_TRUE(is_line_naming(error<UnsupportedError>(), full("modules.json")));
}

TEST_F(BrokenModelTest, APoolingOfAnotherSize) {
  replace("1_Pooling/config.json", "32", "48");
  EXPECT_TRUE(is_line_naming(error<InvalidModelError>(), full("1_Pooling/config.json")));
}

TEST_F(BrokenModelTest, ManyModules) {
  std::string modules = R"([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"})";
  for (int i = 1; i < 10'000; ++i) {
    const std::string name = std::to_string(i);
    modules += R"(, {"idx": )" + name + R"(, "name": ")" + name + R"(", "path": ")" + name +
               R"(", "type": "sentence_transformers.models.Normalize"})";
  }
  folder.write("modules.json", modules + "]");
  EXPECT_NE(error<InvalidModelError>().find("make no sentence embedding"), std::string::npos);
}

TEST_F(BrokenModelTest, ADefaultPromptThatIsNotThere) {
  folder.write("config_sentence_transformers.json", R"({"prompts": {"a": "b"}, "default_prompt_name": "c"})");
  const std::string message = error<InvalidModelError>();
  EXPECT_TRUE(is_line_naming(message, "default_prompt_name 'c' is not one of the prompts: a, document, query"));
  EXPECT_TRUE(is_line_naming(message, path()));
}

TEST_F(BrokenModelTest, NamesInMessagesCannotBreakTheLine) {
  replace("config.json", "\"bert\"", "\"be\\nrt\\u001b[31m\\u0000\"");
  const std::string message = error<UnsupportedError>();
  EXPECT_TRUE(is_line_naming(message, full("config.json")));
  for (const char c : message) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << message;
}

// No tensor type forbids NaN; a vector with one must never leave the library.
TEST_F(BrokenModelTest, WeightsThatAreNotFinite) {
  const std::string good = contents_of(folder / "model.safetensors");
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    std::string bytes = good;
    // The last tensors of the file belong to the last layer or the pooler; all of the second half is overwritten.
    const size_t first = good.size() - good.size() / 2 / 4 * 4;
    for (size_t i = first; i + sizeof bad <= bytes.size(); i += sizeof bad)
      std::memcpy(bytes.data() + i, &bad, sizeof bad);
    folder.write("model.safetensors", bytes);
    EXPECT_NE(error<InvalidModelError>().find("is not finite"), std::string::npos) << bad;
    EXPECT_NE(message_of<InvalidModelError>([this] {
                SentenceTransformer(path()).encode_token_embeddings({"the weather"});
              }).find("is not finite"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace sbert
