// Every normalizer and pre-tokenizer against what `tokenizers` makes of the same texts (make_component_goldens.py).
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/text.h"
#include "support/temporary_folder.h"
#include "tokenizer/json_components.h"

namespace sbert::tokenizer {
namespace {

class Words final : public WordSink {
 public:
  void word(std::string_view word, size_t) override { words.emplace_back(word); }
  std::vector<std::string> words;
};

nlohmann::json normalized(const Normalizer& normalizer, const std::string& text) {
  std::string out = "what was there before";
  normalizer.normalize(text, out);
  return out;
}

nlohmann::json words_of(const PreTokenizer& pre_tokenizer, const std::string& text) {
  Words sink;
  size_t start_bytes = 0;
  common::next_code_point(text, start_bytes);
  pre_tokenizer.split(text, start_bytes, sink);
  return sink.words;
}

TEST(ComponentGoldens, EveryComponentOnEveryText) {
  const auto goldens = nlohmann::json::parse(std::ifstream(SBERT_TEST_DIR "/tokenizer/component_goldens.json"));
  const auto texts = goldens.at("texts").get<std::vector<std::string>>();
  ASSERT_GE(goldens.at("cases").size(), 100u);
  const test::TemporaryFolder folder;
  for (const auto& golden : goldens.at("cases")) {
    folder.write("tokenizer.json", golden.dump());
    const JsonFile json(folder.path() / "tokenizer.json");
    const auto normalizer = read_normalizer(json.root(), false);
    const auto pre_tokenizer = read_pre_tokenizer(json.root());
    for (size_t i = 0; i < texts.size(); ++i) {
      const nlohmann::json result =
          normalizer != nullptr ? normalized(*normalizer, texts[i]) : words_of(*pre_tokenizer, texts[i]);
      EXPECT_EQ(result, golden.at("results").at(i)) << golden.dump().substr(0, 300) << "\non " << texts[i];
    }
  }
}

}  // namespace
}  // namespace sbert::tokenizer
