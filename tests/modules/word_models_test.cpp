#include <sbert/error.h>

#include "modules/bow.h"
#include "modules/module_fixture.h"
#include "modules/pooling.h"
#include "modules/word_embeddings.h"
#include "modules/word_weights.h"
#include "support/errors.h"
#include "support/floats.h"

// The modules that read words: WordEmbeddings, WordWeights, BoW.
namespace sbert::modules {
namespace {

using test::message_of;

class WordModelsTest : public ModuleFixture {
 protected:
  WordModelsTest() {
    folder.write("wordembedding_config.json", R"({"tokenizer_class":
        "sentence_transformers.models.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer", "max_seq_length": 2})");
    folder.write("whitespacetokenizer_config.json",
                 R"({"vocab": ["pad", "a", "b", "Dog"], "stop_words": ["of"], "do_lower_case": false})");
    write_weights(test::SafetensorsWriter().add("emb_layer.weight", {4, 2}, {9, 9, 1, 10, 2, 20, 3, 30}));
  }
  template <typename Input>
  void tokenize(const Input& module, const std::vector<std::string>& texts) {
    features.batch.clear();
    tokenizer::Encoding encoding;
    for (const std::string& text : texts) {
      module.tokenize(text, std::nullopt, "", encoding);
      EXPECT_EQ(encoding.token_type_ids.size(), encoding.input_ids.size());
      features.batch.add_text(encoding.input_ids, encoding.token_type_ids);
    }
  }
  std::vector<float> bow(const std::string& config, const std::vector<std::string>& texts) {
    write_config(config);
    const auto module = BoW::load(source());
    tokenize(*module, texts);
    module->forward(features, workspace);
    return values_of(features.sentence_embedding);
  }
};

TEST_F(WordModelsTest, WordEmbeddings) {
  const auto module = WordEmbeddings::load(source());
  tokenize(*module, {"a of Dog b", "unknown", "b"});
  module->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), (std::vector<float>{1, 10, 3, 30, 2, 20, 2, 20}));
  EXPECT_EQ(features.batch.length(1), 0u);
  EXPECT_EQ(module->embedding_dimension(), 2u);
  EXPECT_EQ(module->max_seq_length(), 2u) << "shown, but no text is cut";
  module->set_max_seq_length(1);
  EXPECT_EQ(module->max_seq_length(), 1u);
  EXPECT_EQ(module->id_to_token(3, ""), "Dog");
  EXPECT_EQ(module->description(),
            "WordEmbeddings({'tokenizer_class': 'sentence_transformers.models.tokenizer.WhitespaceTokenizer."
            "WhitespaceTokenizer', 'update_embeddings': False, 'max_seq_length': 1})");
  tokenizer::Encoding encoding;
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { module->tokenize("a", "b", "", encoding); }),
            "WordEmbeddings reads single texts: a pair of texts cannot be encoded");
}

// A text without a known word is zero, as the reference has it beside other texts.
TEST_F(WordModelsTest, ATextWithoutWordsPoolsToZero) {
  const auto module = WordEmbeddings::load(source());
  tokenize(*module, {"", "a"});
  module->forward(features, workspace);
  Pooling(2, {PoolingMode::kMean, PoolingMode::kLastToken}, true).forward(features, workspace);
  EXPECT_EQ(values_of(features.sentence_embedding), (std::vector<float>{0, 0, 0, 0, 1, 10, 1, 10}));
}

TEST_F(WordModelsTest, WordWeightsMultiplyAndSum) {
  write_config(R"({"vocab": ["pad", "a", "b", "Dog"], "word_weights": {"a": 2, "dog": 0.5, "not there": 7},
                   "unknown_word_weight": 3})");
  const auto embeddings = WordEmbeddings::load(source());
  tokenize(*embeddings, {"a Dog b", ""});
  embeddings->forward(features, workspace);
  const auto weights = WordWeights::load(source());
  weights->forward(features, workspace);
  EXPECT_EQ(values_of(features.token_embeddings), (std::vector<float>{2, 20, 1.5f, 15, 6, 60}));
  EXPECT_EQ(features.token_weights_sum, (std::vector<float>{5.5f, 0}));
  EXPECT_EQ(weights->embedding_dimension(), std::nullopt);
  // Pooling divides by the sum of the weights: (2 + 1.5 + 6) / 5.5, and (2 + 2 * 1.5 + 3 * 6) / 5.5.
  Pooling(2, {PoolingMode::kMean, PoolingMode::kWeightedMean}, true).forward(features, workspace);
  EXPECT_TRUE(test::all_close(values_of(features.sentence_embedding),
                              std::vector{9.5 / 5.5, 95 / 5.5, 23 / 5.5, 230 / 5.5, 0.0, 0.0, 0.0, 0.0}, 1e-5));
}

TEST_F(WordModelsTest, WordWeightsOfAnotherVocabulary) {
  write_config(R"({"vocab": ["pad", "a"], "word_weights": {}})");
  const auto weights = WordWeights::load(source());
  const std::vector<int32_t> ids = {2};
  features.batch.add_text(ids, ids);
  set(features.token_embeddings, 1, {1});
  EXPECT_EQ(message_of<InvalidModelError>([&] { weights->forward(features, workspace); }),
            config_name() + ": 'vocab' has 2 words, none for the token id 2");
  write_config(R"({"vocab": ["pad", "a"], "word_weights": {"a": "heavy"}})");
  EXPECT_NE(message_of<InvalidModelError>([&] { WordWeights::load(source()); }).find("'a' must be a number"),
            std::string::npos);
}

TEST_F(WordModelsTest, BowCountsWords) {
  const std::string fields = R"({"vocab": ["a", "b", "a", "C"], "word_weights": {"a": 2, "c": 0.5})";
  EXPECT_EQ(bow(fields + "}", {"a, b a. the", "", "C"}), (std::vector<float>{4, 1, 0, 0, 0, 0, 0, 0, 0.5f}));
  EXPECT_EQ(bow(fields + R"(, "unknown_word_weight": 0.25, "cumulative_term_frequency": false})", {"a a b b"}),
            (std::vector<float>{2, 0.25f, 0}));
  const auto module = BoW::load(source());
  EXPECT_EQ(module->embedding_dimension(), 3u);
  EXPECT_EQ(module->max_seq_length(), std::nullopt);
  EXPECT_EQ(module->description(), "BoW({'vocab': 3 words, 'cumulative_term_frequency': False})");
}

TEST_F(WordModelsTest, NamesWhatIsBroken) {
  EXPECT_EQ(message_of<InvalidModelError>([&] { bow(R"({"vocab": []})", {}); }),
            config_name() + ": field 'vocab' is empty");
  write_weights(test::SafetensorsWriter().add("emb_layer.weight", {2, 1}, {1, 2}));
  tokenize(*WordEmbeddings::load(source()), {"Dog"});
  EXPECT_NE(message_of<InvalidModelError>([&] {
              WordEmbeddings::load(source())->forward(features, workspace);
            }).find("has 2 rows, none for the token id 3"),
            std::string::npos);
  folder.write("wordembedding_config.json", R"({"tokenizer_class": "evil.Tokenizer"})");
  EXPECT_NE(message_of<UnsupportedError>([&] { WordEmbeddings::load(source()); }).find("'evil.Tokenizer'"),
            std::string::npos);
}

}  // namespace
}  // namespace sbert::modules
