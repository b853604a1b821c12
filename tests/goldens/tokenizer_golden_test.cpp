// One small tokenizer of each published shape (tests/goldens/tokenizers): ids and type ids of the real library,
// exactly.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/temporary_folder.h"
#include "tokenizer/tokenizer.h"

namespace sbert {
namespace {

using nlohmann::json;

const std::filesystem::path kGoldens = std::filesystem::path(SBERT_TEST_DIR) / "goldens";

std::vector<std::string> shapes() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kGoldens / "tokenizers")) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class TokenizerGolden : public testing::TestWithParam<std::string> {
 protected:
  TokenizerGolden()
      : tokenizer(tokenizer::Tokenizer::load(kGoldens / "tokenizers" / GetParam())),
        inputs(json::parse(test::contents_of(kGoldens / "data" / "texts.json"))),
        expected(json::parse(test::contents_of(kGoldens / "tokenizers" / GetParam() / "expected.json"))) {}

  void check(const json& want, const std::string& name) {
    EXPECT_EQ(encoding.input_ids, want.at("ids").get<std::vector<int32_t>>()) << name;
    const std::vector<int32_t> zeros(encoding.input_ids.size(), 0);
    EXPECT_EQ(encoding.token_type_ids, want.value("type_ids", zeros)) << name;
    EXPECT_EQ(encoding.truncated, 0u);
  }

  tokenizer::Tokenizer tokenizer;
  tokenizer::Encoding encoding;
  json inputs, expected;
};

TEST_P(TokenizerGolden, Texts) {
  ASSERT_GE(expected.at("texts").size(), 55u);
  for (const auto& [index, want] : expected.at("texts").items()) {
    const auto text = inputs.at("texts").at(std::stoul(index)).get<std::string>();
    tokenizer.encode(text, {}, encoding);
    check(want, text);
  }
}

TEST_P(TokenizerGolden, Pairs) {
  ASSERT_GE(expected.at("pairs").size(), 6u);
  for (const auto& [index, want] : expected.at("pairs").items()) {
    const json& pair = inputs.at("pairs").at(std::stoul(index));
    tokenizer.encode_pair(pair.at(0).get<std::string>(), pair.at(1).get<std::string>(), {}, encoding);
    check(want, pair.dump());
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, TokenizerGolden, testing::ValuesIn(shapes()), [](const auto& shape) {
  std::string name = shape.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace sbert
