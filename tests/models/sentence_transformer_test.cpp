#include <cmath>
#include <gtest/gtest.h>
#include <utility>

#include <sbert/sbert.h>

#include "models/tiny_model.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/log_capture.h"

// What SentenceTransformer does around the numbers, which the goldens check.
namespace sbert {
namespace {

using test::all_close;
using test::message_of;
using test::same_bits;
using test::tiny_model;

SentenceTransformer load(const std::string& name = "v2-uncased-mean", const ModelOptions& options = {}) {
  return SentenceTransformer(tiny_model(name).string(), options);
}

const std::string kLong = [] {  // far beyond 48 tokens
  std::string text;
  for (int i = 0; i < 100; ++i) text += "weather ";
  return text;
}();

TEST(EncodeTest, NoTextsAreAMatrixWithoutRows) {
  const auto model = load();
  const FloatMatrix embeddings = model.encode(std::vector<std::string>());
  EXPECT_EQ(embeddings.rows(), 0u);
  EXPECT_EQ(embeddings.cols(), model.embedding_dimension());
  EXPECT_TRUE(model.encode_token_embeddings(std::vector<std::string>()).empty());
  EXPECT_TRUE(model.tokenize(std::vector<std::string>()).empty());
  const auto bits = std::get<Matrix<uint8_t>>(model.encode(std::vector<std::string>(), Precision::kUbinary));
  EXPECT_EQ(bits.rows(), 0u);
  EXPECT_EQ(bits.cols(), 4u);
}

TEST(EncodeTest, EqualTextsHaveEqualVectorsAtEachOfTheirPlaces) {
  const auto model = load();
  const FloatMatrix once = model.encode({"one", "two", ""});
  const FloatMatrix many = model.encode({"two", "one", "", "two", "two", "one"});
  const std::vector<size_t> which = {1, 0, 2, 1, 1, 0};
  for (size_t i = 0; i < which.size(); ++i) EXPECT_TRUE(same_bits(many.row(i), once.row(which[i]))) << i;
  const auto tokens = model.encode_token_embeddings({"two", "one", "two"});
  EXPECT_TRUE(same_bits(tokens[0].values(), tokens[2].values()));
  EXPECT_EQ(tokens[0].cols(), 32u);
}

TEST(EncodeTest, OneTextIsTheRowOfMany) {
  const auto model = load();
  EXPECT_TRUE(same_bits(model.encode_one("hello"), model.encode({"hello", "other"}).row(0)));
}

TEST(EncodeTest, NormalizesAndTruncatesInThisOrder) {
  const auto model = load("v3-prompts-excluded-mean-dot");  // has no Normalize of its own
  const EncodeOptions plain;
  const FloatMatrix whole = model.encode({"some text"}, plain);
  EncodeOptions options;
  options.truncate_dim = 5;
  const FloatMatrix cut = model.encode({"some text"}, options);
  EXPECT_TRUE(same_bits(cut.values(), whole.values().first(5)));
  options.normalize_embeddings = true;
  const FloatMatrix normalized = model.encode({"some text"}, options);
  double length = 0;
  for (const float value : cut.values()) length += double{value} * value;
  std::vector<double> want;
  for (const float value : cut.values()) want.push_back(value / std::sqrt(length));
  EXPECT_TRUE(all_close(normalized.values(), want, 1e-6));
  options.truncate_dim = 1000;
  EXPECT_EQ(model.encode({"some text"}, options).cols(), whole.cols()) << "more than there are";
}

TEST(EncodeTest, RefusesBadOptions) {
  const auto model = load();
  EncodeOptions options;
  options.batch_size = 0;
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.encode({"a"}, options); }),
            "batch_size must be positive, found 0");
  options = {};
  options.truncate_dim = 0;
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.encode({"a"}, options); }),
            "truncate_dim must be positive, found 0");
}

TEST(EncodeTest, ReportsProgressToTheEnd) {
  const auto model = load();
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back("text number " + std::to_string(i % 200));
  EncodeOptions options;
  size_t last = 0, calls = 0;
  options.progress = [&](size_t done, size_t total) {  // from one thread at a time
    EXPECT_EQ(total, 300u);
    EXPECT_GE(done, last);
    last = done;
    ++calls;
  };
  model.encode(texts, options);
  EXPECT_EQ(last, 300u);
  EXPECT_GT(calls, 1u);
}

TEST(EncodeTest, AnExceptionOfTheCallbackReachesTheCaller) {
  const auto model = load();
  EncodeOptions options;
  options.progress = [](size_t, size_t) { throw std::out_of_range("stop"); };
  EXPECT_EQ(message_of<std::out_of_range>([&] { model.encode({"a", "b"}, options); }), "stop");
  EXPECT_NO_THROW(model.encode({"a", "b"}));
}

TEST(EncodeTest, AnyBytesAreText) {
  const auto model = load();
  const std::vector<std::string> texts = {
      std::string("a\0b", 3), "\xff\xfe",           "\xed\xa0\x80",       std::string(100000, 'x'),
      "\xf0\x9f\x98\x80",     "[CLS] [SEP] [MASK]", std::string(1, '\0'), "\n\t\r"};
  const FloatMatrix embeddings = model.encode(texts);
  for (const float value : embeddings.values()) ASSERT_TRUE(std::isfinite(value));
  EXPECT_TRUE(same_bits(model.encode_one("\xff\xfe"), model.encode_one("\xef\xbf\xbd\xef\xbf\xbd")));
}

TEST(EncodeTest, PrecisionIsQuantizeEmbeddingsOfTheVectors) {
  const auto model = load("v6-concat-dense-residual");
  const Inputs texts = {"one", "another text", ""};
  const auto got = std::get<Matrix<int8_t>>(model.encode(texts, Precision::kInt8));
  const auto want = std::get<Matrix<int8_t>>(quantize_embeddings(model.encode(texts), Precision::kInt8));
  EXPECT_EQ(std::vector<int>(got.values().begin(), got.values().end()),
            std::vector<int>(want.values().begin(), want.values().end()));
}

// -- prompts

TEST(PromptTest, QueryAndDocumentAlwaysExist) {
  EXPECT_EQ(load().prompts(), (std::map<std::string, std::string>{{"document", ""}, {"query", ""}}));
  EXPECT_EQ(load("plain-bert-gamma-beta").prompts().size(), 2u);
}

TEST(PromptTest, IsPutBeforeTheText) {
  const auto model = load("v6-weightedmean-layernorm");  // "query: ", "passage: "
  const std::vector<float> query = model.encode_one("query: hello"), passage = model.encode_one("passage: hello");
  EncodeOptions options;
  EXPECT_TRUE(same_bits(model.encode_query({"hello"}).values(), query));
  EXPECT_TRUE(same_bits(model.encode_document({"hello"}).values(), passage));
  options.prompt_name = "query";
  EXPECT_TRUE(same_bits(model.encode_one("hello", options), query));
  EXPECT_TRUE(same_bits(model.encode_document({"hello"}, options).values(), query))
      << "a name given wins over the task";
  options.prompt = "passage: ";
  EXPECT_TRUE(same_bits(model.encode_one("hello", options), passage)) << "a prompt given wins over a name";
  options.prompt = "";
  EXPECT_TRUE(same_bits(model.encode_query({"hello"}, options).values(), model.encode_one("hello")));
}

TEST(PromptTest, IsPutBeforeTheFirstTextOfAPair) {
  const auto model = load("v6-weightedmean-layernorm");
  EncodeOptions options;
  options.prompt = "query: ";
  const std::vector<TextPair> plain = {{"a b", "c"}}, joined = {{"query: a b", "c"}};
  EXPECT_TRUE(same_bits(model.encode(plain, options).values(), model.encode(joined).values()));
  EXPECT_EQ(model.tokenize(plain, options)[0].input_ids, model.tokenize(joined)[0].input_ids);
}

TEST(PromptTest, AnUnknownNameIsAnErrorEvenWithoutTexts) {
  const auto model = load("v6-weightedmean-layernorm");
  EncodeOptions options;
  options.prompt_name = "nope";
  const std::string want = "prompt name 'nope' is not one of the model's: document, instruction, query";
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.encode({"a"}, options); }), want);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.encode(std::vector<std::string>(), options); }), want);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.tokenize({"a"}, options); }), want);
}

TEST(PromptTest, OptionsOfTheModelWinOverItsFolder) {
  ModelOptions options;
  options.prompts = {{"query", "Q "}, {"mine", "passage: "}};
  options.default_prompt_name = "mine";
  const auto model = load("v6-weightedmean-layernorm", options);
  EXPECT_EQ(model.prompts().at("query"), "Q ");
  EXPECT_EQ(model.prompts().at("document"), "passage: ") << "of the folder";
  EXPECT_EQ(model.default_prompt_name(), "mine");
  EncodeOptions none;
  none.prompt = "";
  EXPECT_TRUE(same_bits(model.encode_one("hello"), model.encode_one("passage: hello", none)));
  options.default_prompt_name = "absent";
  EXPECT_NE(message_of<Error>([&] {
              load("v6-weightedmean-layernorm", options);
            }).find("default_prompt_name 'absent' is not one of the prompts: document, instruction, mine, query"),
            std::string::npos);
}

TEST(PromptTest, PoolingMayLeaveItOut) {
  auto model = load("v6-weightedmean-layernorm");
  const FloatMatrix with = model.encode_query({"hello"});
  model.set_pooling_include_prompt(false);
  EXPECT_FALSE(same_bits(model.encode_query({"hello"}).values(), with.values()));
  model.set_pooling_include_prompt(true);
  EXPECT_TRUE(same_bits(model.encode_query({"hello"}).values(), with.values()));
}

// -- truncation

TEST(TruncationTest, WarnsInOneLine) {
  const auto model = load();
  const test::LogCapture log;
  model.encode({"short", kLong.c_str(), "also short", kLong.c_str()});
  EXPECT_EQ(log.warnings(), std::vector<std::string>{"2 of 4 texts were cut to 48 tokens"});
}

TEST(TruncationTest, SilentSaysNothingAndGivesTheSame) {
  const auto model = load();
  const test::LogCapture log;
  EncodeOptions options;
  options.truncation = TruncationPolicy::kSilent;
  const std::vector<float> silent = model.encode_one(kLong, options);
  EXPECT_TRUE(log.warnings().empty());
  EXPECT_TRUE(same_bits(model.encode_one(kLong), silent));
}

TEST(TruncationTest, ErrorNamesTheFirstAndComputesNothing) {
  const auto model = load();
  EncodeOptions options;
  options.truncation = TruncationPolicy::kError;
  bool computed = false;
  options.progress = [&](size_t, size_t) { computed = true; };
  const test::LogCapture log;
  const std::string message = message_of<InvalidArgumentError>([&] {
    model.encode({"short", kLong.c_str(), kLong.c_str()}, options);
  });
  EXPECT_TRUE(message.starts_with("input 1 has ")) << message;
  EXPECT_NE(message.find("tokens, of which only 48 fit"), std::string::npos) << message;
  EXPECT_FALSE(computed);
  EXPECT_TRUE(log.warnings().empty());
  EXPECT_NO_THROW(model.encode({"short", "texts"}, options));
}

TEST(TruncationTest, TokenCountsOfEveryText) {
  const auto model = load();
  const Inputs texts = {"short", kLong.c_str(), "", "short"};
  std::vector<TokenCount> counts = {{7, 7}};  // old content goes
  EncodeOptions options;
  options.token_counts = &counts;
  options.truncation = TruncationPolicy::kSilent;
  model.encode(texts, options);
  const std::vector<TokenizedText> tokens = model.tokenize(texts);
  ASSERT_EQ(counts.size(), 4u);
  for (size_t i = 0; i < counts.size(); ++i) {
    EXPECT_EQ(counts[i].used, tokens[i].input_ids.size()) << i;
    EXPECT_EQ(counts[i].tokens, tokens[i].input_ids.size() + tokens[i].truncated) << i;
  }
  EXPECT_EQ(counts[1].used, 48u);
  EXPECT_GT(counts[1].tokens, 100u);
  EXPECT_EQ(counts[2].tokens, 2u);
  model.encode(std::vector<std::string>(), options);
  EXPECT_TRUE(counts.empty());
}

TEST(TruncationTest, MaxSeqLengthCanBeSet) {
  auto model = load();
  EXPECT_EQ(model.max_seq_length(), 48u);
  model.set_max_seq_length(10);
  EXPECT_EQ(model.max_seq_length(), 10u);
  EXPECT_EQ(model.tokenize({kLong.c_str()})[0].input_ids.size(), 10u);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { model.set_max_seq_length(65); }),
            "max_seq_length 65 is more than the 64 positions of the model");
  ModelOptions options;
  options.max_seq_length = 20;
  EXPECT_EQ(load("v2-uncased-mean", options).max_seq_length(), 20u);
}

// -- loading

TEST(LoadTest, AMissingFolder) {
  const std::string message = message_of<ModelNotFoundError>([] { SentenceTransformer("/nowhere/all-MiniLM-L6-v2"); });
  EXPECT_TRUE(message.starts_with("there is no model folder '/nowhere/all-MiniLM-L6-v2': give the path")) << message;
  EXPECT_NE(message_of<ModelNotFoundError>([] { SentenceTransformer(""); }).find("there is no model folder ''"),
            std::string::npos);
}

TEST(LoadTest, AFileInsteadOfAFolder) {
  const std::string file = (tiny_model() / "config.json").string();
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { SentenceTransformer{file}; }),
            "'" + file + "' is a file: give the model's folder, which holds config.json and modules.json");
}

TEST(LoadTest, CopiedWeightsGiveTheSameBits) {
  ModelOptions options;
  options.copy_weights = true;
  const Inputs texts = {"one text", "and another"};
  EXPECT_TRUE(same_bits(load("v2-uncased-mean", options).encode(texts).values(), load().encode(texts).values()));
}

TEST(LoadTest, TruncateDimOfModelAndCall) {
  ModelOptions model_options;
  model_options.truncate_dim = 8;
  const auto model = load("v2-uncased-mean", model_options);
  EXPECT_EQ(model.embedding_dimension(), 8u);
  EXPECT_EQ(model.encode({"a"}).cols(), 8u);
  EncodeOptions options;
  options.truncate_dim = 16;
  EXPECT_EQ(model.encode({"a"}, options).cols(), 16u) << "the call wins";
  EXPECT_EQ(model.encode_token_embeddings({"a"})[0].cols(), 32u) << "tokens are never truncated";
}

TEST(LoadTest, ModelsMoveAndLiveSideBySide) {
  SentenceTransformer first = load(), second = load("v6-max-relu");
  const std::vector<float> want = first.encode_one("text");
  SentenceTransformer moved = std::move(first);
  EXPECT_TRUE(same_bits(moved.encode_one("text"), want));
  second = std::move(moved);
  EXPECT_TRUE(same_bits(second.encode_one("text"), want));
}

TEST(SimilarityFunctionTest, IsThatOfTheModelUnlessSet) {
  auto model = load("v3-manhattan-truncated-config");
  EXPECT_EQ(model.similarity_function(), SimilarityFunction::kManhattan);
  const FloatMatrix vectors = model.encode({"a", "b c"});
  EXPECT_TRUE(same_bits(model.similarity(vectors, vectors).values(),
                        similarity(vectors, vectors, SimilarityFunction::kManhattan).values()));
  model.set_similarity_function(SimilarityFunction::kDot);
  EXPECT_TRUE(same_bits(model.similarity_pairwise(vectors, vectors),
                        similarity_pairwise(vectors, vectors, SimilarityFunction::kDot)));
  ModelOptions options;
  options.similarity_function = SimilarityFunction::kEuclidean;
  EXPECT_EQ(load("v2-uncased-mean", options).similarity_function(), SimilarityFunction::kEuclidean);
}

TEST(InfoTest, SaysWhatIsInUse) {
  const ModelInfo info = load().info();
  EXPECT_EQ(info.folder, tiny_model().string());
  EXPECT_EQ(info.architecture, "bert");
  EXPECT_EQ(info.embedding_dimension, 32u);
  EXPECT_EQ(info.weight_files, std::vector<std::string>{"model.safetensors (F32)"});
  EXPECT_EQ(info.tokenizer, "tokenizer.json (WordPiece)");
  EXPECT_EQ(info.cpu_level, cpu_level());
  EXPECT_EQ(info.precision, "fp32");
  ASSERT_EQ(info.modules.size(), 3u);
  EXPECT_EQ(info.modules[1].path, "1_Pooling");
  EXPECT_EQ(load("v2-cased-flags-sharded").info().weight_files.size(), 3u);
}

}  // namespace
}  // namespace sbert
