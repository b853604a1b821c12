#include "tokenizer/token_types.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tokenizer/tokenizer_class.h"

namespace sbert::tokenizer {
namespace {

// From transformers 5.23: the classes that list token_type_ids. Notably not among them: PreTrainedTokenizerFast,
// AlbertTokenizer, DistilBertTokenizer.
constexpr std::array<std::string_view, 16> kClasses = {
    "BertTokenizer",     "CanineTokenizer",    "ConvBertTokenizer",    "DPRContextEncoderTokenizer",
    "DebertaTokenizer",  "DebertaV2Tokenizer", "ElectraTokenizer",     "DPRQuestionEncoderTokenizer",
    "FNetTokenizer",     "LayoutLMTokenizer",  "LayoutLMv2Tokenizer",  "LxmertTokenizer",
    "MarkupLMTokenizer", "TapasTokenizer",     "SqueezeBertTokenizer", "MobileBertTokenizer",
};

}  // namespace

bool gives_token_type_ids(const std::filesystem::path& folder, const TokenizerConfig& config) {
  if (config && config->has("model_input_names")) {
    const auto names = config->strings("model_input_names");
    return std::ranges::find(names, "token_type_ids") != names.end();
  }
  const std::string name = tokenizer_class_of(folder, config).name;
  return name.empty() || std::ranges::find(kClasses, name) != kClasses.end();
}

}  // namespace sbert::tokenizer
