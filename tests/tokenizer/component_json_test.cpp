// Blocks that `tokenizers` refuses, or on which it panics later (T1 of the adversarial cases): errors that name the
// field.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>

#include <sbert/error.h>

#include "support/errors.h"
#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const char* block, const std::string& component) {
  auto document = small_tokenizer_json();
  document[block] = nlohmann::json::parse(component);
  return message_of<InvalidModelError>([&] { load_json(document); });
}

TEST(ComponentJson, PreTokenizers) {
  for (const auto& [component, message] : {
           std::pair<std::string, std::string>(R"({"type":"FixedLength","length":0})", "pre_tokenizer.length"),
           {R"({"type":"FixedLength","length":-1})", "pre_tokenizer.length"},
           {R"({"type":"Metaspace","replacement":"ab"})", "one character, found 'ab'"},
           {R"({"type":"Metaspace","replacement":""})", "one character"},
           {R"({"type":"Metaspace","replacement":"_","prepend_scheme":"last"})", "'last'"},
           {R"({"type":"Metaspace","replacement":"_","add_prefix_space":false})", "prepend_scheme"},
           {R"({"type":"CharDelimiterSplit","delimiter":"--"})", "one character"},
           {R"({"type":"Punctuation","behavior":"isolated"})", "'isolated'"},
           {R"({"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated","invert":false})",
            "regular expression '('"},
           {R"({"type":"Split","pattern":{},"behavior":"Isolated","invert":false})", "'String' or 'Regex'"},
           {R"({"type":"Split","pattern":{"String":"a"},"behavior":"Isolated"})", "invert"},
           {R"({"type":"ByteLevel","add_prefix_space":true})", "trim_offsets"},
           {R"({"type":"Digits"})", "individual_digits"},
           {R"({"type":"Sequence","pretokenizers":[{"type":"FixedLength","length":0}]})", "pretokenizers[0].length"},
       }) {
    EXPECT_THAT(error_of("pre_tokenizer", component), HasSubstr(message)) << component;
  }
}

TEST(ComponentJson, Normalizers) {
  for (const auto& [component, message] : {
           std::pair<std::string, std::string>(R"({"type":"Precompiled","precompiled_charsmap":"AAA="})",
                                               "precompiled_charsmap"),
           {R"({"type":"Precompiled"})", "precompiled_charsmap"},
           {R"({"type":"Replace","pattern":{"Regex":"[a"},"content":""})", "regular expression '[a'"},
           {R"({"type":"Replace","pattern":{"String":"a","Regex":"b"},"content":""})", "'String' or 'Regex'"},
           {R"({"type":"Strip","strip_left":true})", "strip_right"},
           {R"({"type":"Prepend"})", "prepend"},
       }) {
    EXPECT_THAT(error_of("normalizer", component), HasSubstr(message)) << component;
  }
}

TEST(ComponentJson, SequencesAreFlattened) {
  auto document = small_tokenizer_json();
  document["pre_tokenizer"] = nlohmann::json::parse(
      R"({"type":"Sequence","pretokenizers":[{"type":"Sequence","pretokenizers":[]},{"type":"WhitespaceSplit"},
          {"type":"Sequence","pretokenizers":[{"type":"Punctuation"}]}]})");
  EXPECT_THAT(words(load_json(document), "the a,b"), ElementsAre("the", "a", ",", "b"));
  document["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", nlohmann::json::array()}};
  EXPECT_THAT(words(load_json(document), "the a"), ElementsAre("[UNK]"));
  nlohmann::json many = nlohmann::json::array();
  for (int i = 0; i < 100; ++i) many.push_back({{"type", "WhitespaceSplit"}});
  document["pre_tokenizer"]["pretokenizers"] = many;
  EXPECT_THAT(message_of<UnsupportedError>([&] { load_json(document); }), HasSubstr("more than 64"));
}

}  // namespace
}  // namespace sbert::tokenizer
