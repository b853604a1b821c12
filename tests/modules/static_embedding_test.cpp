#include "modules/static_embedding.h"

#include <sbert/error.h>

#include "modules/module_fixture.h"
#include "support/errors.h"
#include "support/floats.h"

namespace sbert::modules {
namespace {

using test::message_of;

class StaticEmbeddingTest : public ModuleFixture {
 protected:
  StaticEmbeddingTest() {
    write_tokenizer("null");
    write_weights(test::SafetensorsWriter().add("embedding.weight", {4, 2}, {9, 9, 1, 10, 2, 20, 3, 33}));
  }
  void write_tokenizer(const std::string& truncation) const {
    folder.write("tokenizer.json", R"({"version": "1.0", "truncation": )" + truncation + R"(, "padding": null,
        "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[UNK]", 0], "cls": ["[UNK]", 0]}, "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "b": 2, "c": 3}}})");
  }
  std::unique_ptr<StaticEmbedding> load() const { return StaticEmbedding::load(source()); }

  std::vector<float> encode(const StaticEmbedding& module, const std::vector<std::string>& texts) {
    features.batch.clear();
    tokenizer::Encoding encoding;
    for (const std::string& text : texts) {
      module.tokenize(text, std::nullopt, "", encoding);
      features.batch.add_text(encoding.input_ids, encoding.token_type_ids);
    }
    module.forward(features, workspace);
    return values_of(features.sentence_embedding);
  }
};

TEST_F(StaticEmbeddingTest, TheMeanOfTheTokensWithoutSpecialOnes) {
  const auto module = load();
  EXPECT_EQ(encode(*module, {"a", "a b", "", "c c b z"}), (std::vector<float>{1, 10, 1.5f, 15, 0, 0, 4.25f, 23.75f}));
  EXPECT_EQ(module->embedding_dimension(), 2u);
  EXPECT_EQ(module->num_parameters(), 8u);
  EXPECT_EQ(module->max_seq_length(), std::nullopt);
  EXPECT_EQ(module->description(), "StaticEmbedding({})");
  EXPECT_EQ(module->architecture(), "StaticEmbedding");
}

TEST_F(StaticEmbeddingTest, ModelsOfModel2vec) {
  write_weights(test::SafetensorsWriter().add("embeddings", {4, 1}, {9, 1, 2, 3}).add("weights", {4}, {1, 1, 1, 1}));
  const auto module = load();
  EXPECT_EQ(encode(*module, {"a b"}), (std::vector<float>{1.5f}));
  EXPECT_EQ(module->notes(),
            std::vector<std::string>{"model2vec's tensor 'weights' is not used, as in Sentence Transformers"});
}

TEST_F(StaticEmbeddingTest, OnlyTokenizerJsonCutsTexts) {
  tokenizer::Encoding encoding;
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "a ";
  load()->tokenize(text, std::nullopt, "query", encoding);
  EXPECT_EQ(encoding.input_ids.size(), 10000u);
  write_tokenizer(R"({"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0})");
  load()->tokenize("a b c a b", std::nullopt, "", encoding);
  EXPECT_EQ(encoding.input_ids, (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(encoding.truncated, 2u);
  EXPECT_NE(message_of<InvalidArgumentError>([&] { load()->set_max_seq_length(5); }).find("any length"),
            std::string::npos);
}

TEST_F(StaticEmbeddingTest, PairsAreReadOneBehindTheOther) {
  tokenizer::Encoding encoding;
  load()->tokenize("a b", "c", "", encoding);
  EXPECT_EQ(encoding.input_ids, (std::vector<int32_t>{1, 2, 3}));
}

TEST_F(StaticEmbeddingTest, NamesWhatIsBroken) {
  const std::string weights = "'" + (folder / "model.safetensors").string() + "': ";
  write_weights(test::SafetensorsWriter().add("embedding.weight", {2, 2}, {9, 9, 1, 10}));
  EXPECT_EQ(message_of<InvalidModelError>([&] { encode(*load(), {"c"}); }),
            weights +
                "tensor 'embedding.weight' has 2 rows, none for the token id 3: vocabulary and weights do not "
                "belong together");
  write_weights(test::SafetensorsWriter().add("embedding.weight", {4}, {1, 2, 3, 4}));
  EXPECT_EQ(message_of<InvalidModelError>([&] { load(); }),
            weights + "tensor 'embedding.weight' has shape [4], expected [tokens, dimensions]");
  write_weights(test::SafetensorsWriter().add("other", {1, 1}, {1}));
  EXPECT_EQ(message_of<InvalidModelError>([&] { load(); }), weights + "tensor 'embedding.weight' is missing");
  std::filesystem::rename(folder / "tokenizer.json", folder / "vocab.txt");
  EXPECT_NE(message_of<InvalidModelError>([&] { load(); }).find("tokenizer.json"), std::string::npos);
}

}  // namespace
}  // namespace sbert::modules
