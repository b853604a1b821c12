#include "goldens/golden.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <optional>
#include <set>

#include <sbert/sbert.h>

#include "support/floats.h"

// What the real library computes, folder by folder: token ids exactly, vectors within the recorded tolerance.
namespace sbert {
namespace {

using nlohmann::json;

template <typename T>
std::optional<T> get_if(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? std::nullopt : std::optional(found->template get<T>());
}

class GoldenTest : public testing::TestWithParam<std::string> {
 protected:
  GoldenTest() : golden(GetParam()) {}

  void SetUp() override {
    if (golden.model_folder().empty()) GTEST_SKIP() << golden.how_to_get_model();
    model.emplace(golden.model_folder().string());
  }

  // Calls `run` while max_seq_length is what `options` say.
  template <typename Run>
  void with_max_seq_length(const json& options, Run run) {
    const auto before = model->max_seq_length();
    if (const auto length = get_if<size_t>(options, "max_seq_length")) model->set_max_seq_length(*length);
    run();
    if (before) model->set_max_seq_length(*before);
  }

  EncodeOptions encode_options(const json& options) const {
    EncodeOptions result;
    result.prompt = get_if<std::string>(options, "prompt");
    result.task = options.value("task", "");
    result.prompt_name = get_if<std::string>(options, "prompt_name");
    result.truncate_dim = get_if<size_t>(options, "truncate_dim");
    result.normalize_embeddings = options.value("normalize_embeddings", false);
    result.truncation = TruncationPolicy::kSilent;
    return result;
  }

  FloatMatrix encode(const json& golden_case, const Inputs& inputs) const {
    const std::string call = golden_case.at("call");
    const EncodeOptions options = encode_options(golden_case.at("options"));
    if (call == "encode_query") return model->encode_query(inputs, options);
    if (call == "encode_document") return model->encode_document(inputs, options);
    EXPECT_EQ(call, "encode");
    return model->encode(inputs, options);
  }

  void expect_vectors(const json& golden_case, const Inputs& inputs) {
    const test::Npy want = golden.npy(golden_case.at("output"));
    const FloatMatrix got = encode(golden_case, inputs);
    EXPECT_EQ((std::vector{got.rows(), got.cols()}), want.shape());
    EXPECT_TRUE(test::all_close(got.values(), want.values<float>(), golden.tolerance()));
  }

  void expect_token_embeddings(const json& golden_case, const Inputs& inputs) {
    const auto got = model->encode_token_embeddings(inputs, encode_options(golden_case.at("options")));
    const FloatMatrix want = golden.npy(golden_case.at("output")).matrix();
    const auto lengths = golden_case.at("lengths").get<std::vector<size_t>>();
    ASSERT_EQ(got.size(), lengths.size());
    size_t first = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].rows(), lengths[i]) << "text " << i;
      ASSERT_EQ(got[i].cols(), want.cols()) << "text " << i;
      const auto rows = want.values().subspan(first * want.cols(), lengths[i] * want.cols());
      EXPECT_TRUE(test::all_close(got[i].values(), rows, golden.tolerance())) << "text " << i;
      first += lengths[i];
    }
    EXPECT_EQ(first, want.rows());
  }

  // int8 within one step; bits where the vector is not as near to zero as its tolerance.
  void expect_quantized(const json& golden_case, const Inputs& inputs) {
    const Precision precision = parse_precision(golden_case.at("options").at("precision").get<std::string>());
    const Embeddings got = model->encode(inputs, precision, encode_options(golden_case.at("options")));
    const test::Npy want = golden.npy(golden_case.at("output"));
    if (precision == Precision::kInt8) {
      const auto& values = std::get<Matrix<int8_t>>(got);
      const auto expected = want.values<int8_t>();
      ASSERT_EQ((std::vector{values.rows(), values.cols()}), want.shape());
      for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(values.values()[i], expected[i], 1) << "element " << i;
      return;
    }
    ASSERT_EQ(precision, Precision::kUbinary);
    const auto& bytes = std::get<Matrix<uint8_t>>(got);
    const auto expected = want.values<uint8_t>();
    ASSERT_EQ((std::vector{bytes.rows(), bytes.cols()}), want.shape());
    const FloatMatrix vectors = encode(golden_case, inputs);
    for (size_t i = 0; i < vectors.rows(); ++i) {
      for (size_t j = 0; j < vectors.cols(); ++j) {
        if (std::abs(vectors(i, j)) <= golden.tolerance()) continue;
        const int mask = 0x80 >> j % 8;
        EXPECT_EQ(bytes(i, j / 8) & mask, expected[i * bytes.cols() + j / 8] & mask) << "text " << i << ", bit " << j;
      }
    }
  }

  test::Golden golden;
  std::optional<SentenceTransformer> model;
};

TEST_P(GoldenTest, Expected) {
  const json& expected = golden.json().at("expected");
  const ModelInfo info = model->info();
  EXPECT_EQ(model->embedding_dimension(), expected.at("embedding_dimension").get<size_t>());
  EXPECT_EQ(model->max_seq_length(), get_if<size_t>(expected, "max_seq_length"));
  EXPECT_EQ(info.similarity_function, expected.at("similarity_fn_name").get<std::string>());
  EXPECT_EQ(model->prompts(), (expected.at("prompts").get<std::map<std::string, std::string>>()));
  EXPECT_EQ(model->default_prompt_name(), get_if<std::string>(expected, "default_prompt_name"));
  EXPECT_EQ(info.truncate_dim, get_if<size_t>(expected, "truncate_dim"));

  std::vector<std::string> classes;
  for (const ModuleInfo& module : info.modules) {
    classes.push_back(module.type.substr(module.type.find_last_of('.') + 1));
    if (classes.back() == "Pooling") {
      std::string modes;
      for (const json& mode : expected.at("pooling_mode")) {
        modes += (modes.empty() ? "'" : ", '") + mode.get<std::string>() + "'";
      }
      EXPECT_NE(module.description.find(modes), std::string::npos) << module.description << " has not " << modes;
      const std::string include = expected.at("include_prompt").get<bool>() ? "True" : "False";
      EXPECT_NE(module.description.find("'include_prompt': " + include), std::string::npos) << module.description;
    }
  }
  EXPECT_EQ(classes, expected.at("modules").get<std::vector<std::string>>());
  // Counted here are the tensors of the files; the library always has a pooler, and drops the head of a masked LM.
  const json spec = golden.json().value("spec", json::object());
  if (spec.value("pooler", true) && spec.value("layout", "") != "mlm") {
    EXPECT_EQ(info.num_parameters, expected.at("parameters").get<size_t>());
  }
}

TEST_P(GoldenTest, Tokenization) {
  for (const json& golden_case : golden.json().at("tokenization")) {
    SCOPED_TRACE(golden_case.at("name").get<std::string>());
    const auto inputs = golden.inputs(golden_case.at("inputs"));
    EncodeOptions options;
    options.prompt = golden_case.at("prompt").is_null() ? "" : golden_case.at("prompt").get<std::string>();
    options.task = golden_case.value("task", "");
    with_max_seq_length(golden_case, [&] {
      const std::vector<TokenizedText> got = model->tokenize(inputs.view(), options);
      ASSERT_EQ(got.size(), golden_case.at("input_ids").size());
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(json(got[i].input_ids), golden_case.at("input_ids")[i]) << "text " << i;
        EXPECT_EQ(json(got[i].token_type_ids), golden_case.at("token_type_ids")[i]) << "text " << i;
        if (golden_case.contains("truncated")) {
          EXPECT_EQ(json(got[i].truncated), golden_case.at("truncated")[i]) << "text " << i;
        }
        if (golden_case.contains("tokens")) {
          EXPECT_EQ(json(got[i].tokens), golden_case.at("tokens")[i]) << "text " << i;
        }
      }
    });
  }
}

TEST_P(GoldenTest, Cases) {
  ASSERT_FALSE(golden.json().at("cases").empty());
  for (const json& golden_case : golden.json().at("cases")) {
    SCOPED_TRACE(golden_case.at("name").get<std::string>());
    const json& options = golden_case.at("options");
    const auto inputs = golden.inputs(golden_case.at("inputs"));
    with_max_seq_length(options, [&] {
      if (options.value("output_value", "sentence_embedding") == "token_embeddings") {
        expect_token_embeddings(golden_case, inputs.view());
      } else if (options.value("precision", "float32") != "float32") {
        expect_quantized(golden_case, inputs.view());
      } else {
        expect_vectors(golden_case, inputs.view());
      }
    });
  }
}

TEST_P(GoldenTest, Similarity) {
  for (const json& golden_case : golden.json().at("similarity")) {
    const std::string function = golden_case.at("function");
    SCOPED_TRACE(function);
    const FloatMatrix vectors = golden.npy(golden_case.at("inputs").get<std::string>() + ".npy").matrix();
    FloatMatrix reversed(vectors.rows(), vectors.cols());
    for (size_t i = 0; i < vectors.rows(); ++i) {
      std::ranges::copy(vectors.row(vectors.rows() - 1 - i), reversed.row(i).begin());
    }
    auto expect = [&](std::span<const float> got, const json& output) {
      const std::vector<float> floats = golden.npy(output.at("output")).values<float>();
      const std::vector<double> want(floats.begin(), floats.end());
      std::vector<double> tolerance;  // sums of large values are large
      for (const double score : want) tolerance.push_back(golden.tolerance() * std::max(1.0, std::abs(score)));
      EXPECT_TRUE(test::all_close(got, want, tolerance));
    };
    model->set_similarity_function(parse_similarity_function(function));
    expect(model->similarity(vectors, vectors).values(), golden_case.at("matrix"));
    expect(model->similarity_pairwise(vectors, reversed), golden_case.at("pairwise_with_reversed"));
  }
}

TEST_P(GoldenTest, Quantize) {
  for (const json& golden_case : golden.json().at("quantize")) {
    SCOPED_TRACE(golden_case.at("output").get<std::string>());
    const FloatMatrix vectors = golden.npy(golden_case.at("input")).matrix();
    std::optional<FloatMatrix> ranges;
    QuantizeOptions options;
    if (!golden_case.at("ranges").is_null()) {
      ranges = golden.npy(golden_case.at("ranges")).matrix();
      options.ranges = MatrixView(*ranges);
    }
    const Precision precision = parse_precision(golden_case.at("precision").get<std::string>());
    const test::Npy want = golden.npy(golden_case.at("output"));
    std::visit(
        [&]<typename T>(const Matrix<T>& got) {
          EXPECT_EQ((std::vector{got.rows(), got.cols()}), want.shape());
          EXPECT_EQ(std::vector<T>(got.values().begin(), got.values().end()), want.values<T>());
        },
        quantize_embeddings(vectors, precision, options));
  }
}

class AnchorsTest : public GoldenTest {};

// The numbers that the library's documentation prints, to the digits it prints.
TEST_P(AnchorsTest, AreMet) {
  auto encode = [&](const std::string& key) { return model->encode(golden.inputs(key).view()); };
  auto expect = [](const FloatMatrix& got, const json& want) {
    for (size_t i = 0; i < got.rows(); ++i) {
      for (size_t j = 0; j < got.cols(); ++j) EXPECT_NEAR(got(i, j), want.at(i).at(j).get<double>(), 6e-5);
    }
  };
  const json& anchors = golden.json().at("anchors");
  const FloatMatrix weather = encode("weather");
  expect(similarity(weather, weather), anchors.at("cosine_weather"));
  expect(similarity(weather, weather, SimilarityFunction::kManhattan), anchors.at("manhattan_weather"));
  expect(similarity(encode("sts_page_left"), encode("sts_page_right")), anchors.at("cosine_sts_page"));
}

std::string test_name(const testing::TestParamInfo<std::string>& folder) {
  std::string name = folder.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Folders, GoldenTest, testing::ValuesIn(test::Golden::names()), test_name);
INSTANTIATE_TEST_SUITE_P(Folders, AnchorsTest, testing::Values("all-MiniLM-L6-v2"), test_name);

// Tests that loop over what a folder records would pass on nothing.
TEST(GoldenDataTest, HoldsEveryKindOfCase) {
  std::set<std::string> functions, precisions, calls;
  for (const std::string& name : test::Golden::names()) {
    const test::Golden golden(name);
    for (const json& entry : golden.json().at("similarity")) functions.insert(entry.at("function"));
    for (const json& entry : golden.json().at("quantize")) precisions.insert(entry.at("precision"));
    for (const json& entry : golden.json().at("cases")) calls.insert(entry.at("call"));
  }
  EXPECT_EQ(functions, (std::set<std::string>{"cosine", "dot", "euclidean", "manhattan"}));
  EXPECT_EQ(precisions, (std::set<std::string>{"binary", "int8", "ubinary", "uint8"}));
  EXPECT_EQ(calls, (std::set<std::string>{"encode", "encode_document", "encode_query"}));
}

}  // namespace
}  // namespace sbert
