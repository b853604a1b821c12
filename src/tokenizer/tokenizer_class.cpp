#include "tokenizer/tokenizer_class.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/text.h"

namespace sbert::tokenizer {
namespace {

struct Registered {
  std::string_view model_type, tokenizer_class;
  /// transformers trusts its own table more than the folder (MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS, and all types
  /// that are registered with the general class TokenizersBackend).
  bool overrules = false;
};

// From transformers 5.23, models/auto/tokenization_auto.py: the types of text models.
constexpr std::array kRegistered = {
    Registered{"albert", "AlbertTokenizer"},
    Registered{"bart", "RobertaTokenizer"},
    Registered{"bert", "BertTokenizer"},
    Registered{"camembert", "CamembertTokenizer"},
    Registered{"clip", "CLIPTokenizer"},
    Registered{"convbert", "BertTokenizer"},
    Registered{"data2vec-text", "RobertaTokenizer"},
    Registered{"deberta", "DebertaTokenizer"},
    Registered{"deberta-v2", "DebertaV2Tokenizer"},
    Registered{"distilbert", "BertTokenizer"},
    Registered{"electra", "BertTokenizer"},
    Registered{"ernie", "BertTokenizer"},
    Registered{"gemma", "GemmaTokenizer"},
    Registered{"gemma2", "GemmaTokenizer"},
    Registered{"gemma3", "GemmaTokenizer"},
    Registered{"gemma3_text", "GemmaTokenizer"},
    Registered{"gpt2", "GPT2Tokenizer"},
    Registered{"gte", "XLMRobertaTokenizer"},
    Registered{"ibert", "RobertaTokenizer"},
    Registered{"internlm2", "TokenizersBackend", true},
    Registered{"jina_embeddings_v3", "XLMRobertaTokenizer"},
    Registered{"longformer", "RobertaTokenizer"},
    Registered{"megatron-bert", "BertTokenizer"},
    Registered{"minicpm3", "TokenizersBackend", true},
    Registered{"ministral", "TokenizersBackend", true},
    Registered{"mistral", "TokenizersBackend", true},
    Registered{"mixtral", "TokenizersBackend", true},
    Registered{"mobilebert", "MobileBertTokenizer"},
    Registered{"modernbert", "TokenizersBackend", true},
    Registered{"mpnet", "MPNetTokenizer"},
    Registered{"mt5", "T5Tokenizer"},
    Registered{"nezha", "BertTokenizer"},
    Registered{"nomic_bert", "BertTokenizer"},
    Registered{"nystromformer", "TokenizersBackend", true},
    Registered{"phi3", "TokenizersBackend", true},
    Registered{"qwen2", "Qwen2Tokenizer", true},
    Registered{"qwen3", "Qwen2Tokenizer"},
    Registered{"roberta", "RobertaTokenizer"},
    Registered{"roberta-prelayernorm", "RobertaTokenizer"},
    Registered{"squeezebert", "BertTokenizer"},
    Registered{"t5", "T5Tokenizer"},
    Registered{"t5gemma", "GemmaTokenizer"},
    Registered{"umt5", "TokenizersBackend", true},
    Registered{"xlm-roberta", "XLMRobertaTokenizer"},
    Registered{"xlm-roberta-xl", "TokenizersBackend", true},
    Registered{"xmod", "XLMRobertaTokenizer"},
    Registered{"yoso", "AlbertTokenizer"},
};

std::string without_fast(std::string name) {
  if (name.ends_with("Fast") && name != "PreTrainedTokenizerFast") name.resize(name.size() - 4);
  return name;
}

}  // namespace

ClassName tokenizer_class_of(const std::filesystem::path& folder, const TokenizerConfig& config) {
  ClassName named;
  if (config) named = {config->string_if("tokenizer_class").value_or(""), config->source()};
  const auto file = folder / "config.json";
  if (std::filesystem::exists(file)) {
    const auto model = common::JsonObject::read_file(file);
    if (named.name.empty()) named = {model.string_if("tokenizer_class").value_or(""), model.source()};
    const std::string model_type = model.string_if("model_type").value_or("");
    const auto is_it = [&](const Registered& entry) { return entry.model_type == model_type; };
    const auto found = std::find_if(kRegistered.begin(), kRegistered.end(), is_it);
    if (found != kRegistered.end() && (named.name.empty() || found->overrules)) {
      named = {std::string(found->tokenizer_class), model.source()};
    }
  }
  named.name = without_fast(std::move(named.name));
  return named;
}

}  // namespace sbert::tokenizer
