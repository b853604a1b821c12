// model_goldens.json: small random models and post-processors, and what the real library makes of them.
#include <fstream>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using nlohmann::json;

const json& goldens() {
  static const json document = json::parse(std::ifstream(SBERT_TEST_DIR "/tokenizer/model_goldens.json"));
  return document;
}

std::vector<int32_t> ids_of(const Tokenizer& tokenizer, const std::string& text) {
  Encoding encoding;
  tokenizer.encode(text, {}, encoding);
  return encoding.input_ids;
}

TEST(ModelGolden, ModelsGiveTheSameIdsOrAnErrorWhereTheOriginalDoes) {
  size_t num_texts = 0;
  for (const json& golden : goldens().at("models")) {
    const std::string model = golden.at("model").dump();
    const auto load = [&] { return load_json({{"model", golden.at("model")}}); };
    if (golden.contains("refused")) {
      EXPECT_THROW(load(), Error) << model;
      continue;
    }
    const Tokenizer tokenizer = load();
    for (size_t i = 0; i < golden.at("texts").size(); ++i, ++num_texts) {
      const auto text = golden.at("texts")[i].get<std::string>();
      const json& expected = golden.at("ids")[i];
      if (expected.is_null()) {
        EXPECT_THROW(ids_of(tokenizer, text), InvalidModelError) << "'" << text << "' with " << model;
      } else {
        EXPECT_EQ(ids_of(tokenizer, text), expected.get<std::vector<int32_t>>()) << "'" << text << "' with " << model;
      }
    }
  }
  EXPECT_GT(num_texts, 1000u);
}

TEST(ModelGolden, NoTextChangesWhatLaterOnesGive) {
  for (size_t model = 0; model < goldens().at("models").size(); model += 6) {
    const json& golden = goldens().at("models")[model];
    if (golden.contains("refused")) continue;
    const Tokenizer used = load_json({{"model", golden.at("model")}});
    const json& texts = golden.at("texts");
    for (size_t i = texts.size(); i-- > 0;) {
      if (golden.at("ids")[i].is_null()) continue;
      const Tokenizer fresh = load_json({{"model", golden.at("model")}});
      EXPECT_EQ(ids_of(used, texts[i]), ids_of(fresh, texts[i])) << texts[i];
    }
  }
}

TEST(ModelGolden, PostProcessors) {
  size_t num_results = 0;
  for (const json& golden : goldens().at("processors")) {
    const json& processor = golden.at("processor");
    const Tokenizer tokenizer =
        load_json({{"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                   {"post_processor", processor},
                   {"model", {{"type", "WordLevel"}, {"vocab", {{"a", 0}, {"b", 1}}}, {"unk_token", "a"}}}});
    for (size_t i = 0; i < 4; ++i) {
      const json& expected = golden.at("results")[i];
      const bool pair = i >= 2;
      const EncodeOptions options = {.add_special_tokens = i % 2 == 0};
      Encoding encoding;
      const auto encode = [&] {
        pair ? tokenizer.encode_pair("a", "b b", options, encoding) : tokenizer.encode("a", options, encoding);
      };
      if (expected.is_null()) {
        EXPECT_THROW(encode(), InvalidModelError) << i << " " << processor;
        continue;
      }
      encode();
      EXPECT_EQ(json(encoding.input_ids), expected[0]) << i << " " << processor;
      EXPECT_EQ(json(encoding.token_type_ids), expected[1]) << i << " " << processor;
      ++num_results;
    }
  }
  EXPECT_GT(num_results, 300u);
}

}  // namespace
}  // namespace sbert::tokenizer
