// Metaspace with prepend_scheme "first" follows the first character of a text through all normalizers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/small_tokenizer.h"

namespace sbert::tokenizer {
namespace {

using testing::ElementsAre;

// The expected tokens are what `tokenizers` 0.23.3 gives.
TEST(MetaspaceStart, ACharacterThatIsComposedWithTheNextOneCountsWhole) {
  auto document = small_tokenizer_json();
  document["normalizer"] = {{"type", "Sequence"},
                            {"normalizers",
                             {{{"type", "NFC"}},
                              {{"type", "Lowercase"}},
                              {{"type", "BertNormalizer"},
                               {"clean_text", true},
                               {"handle_chinese_chars", true},
                               {"strip_accents", false},
                               {"lowercase", true}}}}};
  document["pre_tokenizer"] = {
      {"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "first"}, {"split", true}};
  document["model"]["vocab"] = {{"[UNK]", 0}, {"_\xC3\xA9\x61", 1}, {"_b", 2},
                                {"[CLS]", 3}, {"[SEP]", 4},         {"[MASK]", 5}};
  document["added_tokens"] = {added_token(5, "[MASK]")};
  const Tokenizer tokenizer = load_json(document);
  EXPECT_THAT(words(tokenizer, "e\xCC\x81\x61 b"), ElementsAre("_\xC3\xA9\x61", "_b"));
  EXPECT_THAT(words(tokenizer, "E\xCC\x81"), ElementsAre("[UNK]"));
  EXPECT_THAT(words(tokenizer, "[MASK]e\xCC\x81\x61 b"), ElementsAre("[MASK]", "[UNK]", "_b"));
}

}  // namespace
}  // namespace sbert::tokenizer
