// The classes by name, and the way from a folder without tokenizer.json to a tokenizer.

#include "tokenizer/class_recipes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"
#include "tokenizer/json_value.h"
#include "tokenizer/tokenizer_class.h"
#include "tokenizer/tokenizer_impl.h"

namespace sbert::tokenizer {
namespace {

using namespace recipes;  // NOLINT: the table names most of it
using common::JsonObject;
using common::quote;

struct Recipe {
  std::vector<std::string_view> names;
  const char* vocab_file;
  SpecialTokens::Defaults special_tokens;
  Parts (*build)(Folder&);
  Json (*post_processor)(const Folder&, const IdOf&);
};

const Recipe* find_recipe(std::string_view name) {
  static const SpecialTokens::Defaults kBrackets = {{"unk_token", "[UNK]"},
                                                    {"sep_token", "[SEP]"},
                                                    {"pad_token", "[PAD]"},
                                                    {"cls_token", "[CLS]"},
                                                    {"mask_token", "[MASK]"}};
  static const SpecialTokens::Defaults kAngles = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"sep_token", "</s>"},   {"cls_token", "<s>"},
      {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "<mask>"}};
  static const SpecialTokens::Defaults kMpnet = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"sep_token", "</s>"},   {"cls_token", "<s>"},
      {"unk_token", "[UNK]"}, {"pad_token", "<pad>"}, {"mask_token", "<mask>"}};
  static const SpecialTokens::Defaults kDeberta = {
      {"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"sep_token", "[SEP]"},  {"cls_token", "[CLS]"},
      {"unk_token", "[UNK]"}, {"pad_token", "[PAD]"}, {"mask_token", "[MASK]"}};
  static const SpecialTokens::Defaults kAlbert = {
      {"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"sep_token", "[SEP]"},  {"cls_token", "[CLS]"},
      {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "[MASK]"}};
  static const SpecialTokens::Defaults kGpt2 = {
      {"unk_token", "<|endoftext|>"}, {"bos_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}};
  static const SpecialTokens::Defaults kQwen2 = {
      {"unk_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"pad_token", "<|endoftext|>"}};
  static const SpecialTokens::Defaults kClip = {{"unk_token", "<|endoftext|>"},
                                                {"bos_token", "<|startoftext|>"},
                                                {"eos_token", "<|endoftext|>"},
                                                {"pad_token", "<|endoftext|>"}};
  static const SpecialTokens::Defaults kT5 = {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}};
  static const SpecialTokens::Defaults kLlama = {{"unk_token", "<unk>"}, {"bos_token", "<s>"}, {"eos_token", "</s>"}};
  static const SpecialTokens::Defaults kGemma = {{"unk_token", "<unk>"},
                                                 {"bos_token", "<bos>"},
                                                 {"eos_token", "<eos>"},
                                                 {"pad_token", "<pad>"},
                                                 {"mask_token", "<mask>"}};
  static const std::vector<Recipe> kRecipes = {
      {{"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "ConvBertTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer", "DPRContextEncoderTokenizer",
        "DPRQuestionEncoderTokenizer"},
       "vocab.txt",
       kBrackets,
       build_bert,
       bert_template},
      {{"MPNetTokenizer"}, "vocab.txt", kMpnet, build_mpnet, cls_sep_template},
      {{"RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer", "MvpTokenizer"},
       "vocab.json",
       kAngles,
       build_gpt2,
       cls_sep_template},
      {{"DebertaTokenizer"}, "vocab.json", kDeberta, build_gpt2, cls_sep_template},
      {{"GPT2Tokenizer"}, "vocab.json", kGpt2, build_gpt2, optional_bos_eos},
      {{"Qwen2Tokenizer"}, "vocab.json", kQwen2, build_qwen2, optional_bos_eos},
      {{"CLIPTokenizer"}, "vocab.json", kClip, build_clip, bos_eos_template},
      {{"T5Tokenizer"}, "spiece.model", kT5, build_t5, t5_template},
      {{"XLMRobertaTokenizer"}, "sentencepiece.bpe.model", kAngles, build_xlm_roberta, bos_eos_template},
      {{"CamembertTokenizer"}, "sentencepiece.bpe.model", kAngles, build_camembert, bos_eos_template},
      {{"DebertaV2Tokenizer"}, "spm.model", kDeberta, build_deberta_v2, bert_template},
      {{"AlbertTokenizer"}, "spiece.model", kAlbert, build_albert, albert_template},
      {{"LlamaTokenizer"}, "tokenizer.model", kLlama, build_llama, optional_bos_eos},
      {{"GemmaTokenizer"}, "tokenizer.model", kGemma, build_gemma, optional_bos_eos},
      {{"TokenizersBackend", "PreTrainedTokenizerFast"}, "tokenizer.model", {}, build_backend, optional_bos_eos},
  };
  for (const Recipe& recipe : kRecipes) {
    if (std::find(recipe.names.begin(), recipe.names.end(), name) != recipe.names.end()) return &recipe;
  }
  return nullptr;
}

const Recipe& choose_recipe(const std::filesystem::path& folder, const TokenizerConfig& config) {
  ClassName chosen = tokenizer_class_of(folder, config);
  if (chosen.name.empty()) {
    if (!std::filesystem::exists(folder / "vocab.txt")) {
      throw InvalidModelError("folder " + quote(folder.string()) +
                              " has neither tokenizer.json nor vocab.txt, and no tokenizer_config.json or config.json "
                              "that names the class of other files");
    }
    chosen.name = "BertTokenizer";
  }
  if (const Recipe* recipe = find_recipe(chosen.name)) return *recipe;
  throw UnsupportedError(chosen.source + ": tokenizer_class " + quote(chosen.name) +
                         " is not supported without a tokenizer.json; save one with Python: "
                         "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)");
}

std::filesystem::path find_vocab_file(const std::filesystem::path& folder, const Recipe& recipe) {
  const std::string_view usual = recipe.vocab_file;
  if (usual.ends_with(".model") && std::filesystem::exists(folder / "tokenizer.model")) {
    return folder / "tokenizer.model";  // transformers takes this name for every class
  }
  if (std::filesystem::exists(folder / usual)) return folder / usual;
  throw InvalidModelError("folder " + quote(folder.string()) + " has neither tokenizer.json nor " + std::string(usual) +
                          ", the file of " + std::string(recipe.names.front()));
}

}  // namespace

std::shared_ptr<Tokenizer::Impl> load_tokenizer_class(const std::filesystem::path& path, const LoadOptions& options,
                                                      const TokenizerConfig& config) {
  const Recipe& recipe = choose_recipe(path, config);
  const JsonObject json = config ? *config : JsonObject::parse("{}", "tokenizer_config.json");
  Folder folder{path, json, SpecialTokens(recipe.special_tokens, path, json), find_vocab_file(path, recipe)};
  Parts parts = recipe.build(folder);
  auto tokens = folder.special.added_tokens();
  if (recipe.names.front() == "Qwen2Tokenizer") {  // adds its special tokens once more, without their flags
    for (std::string& content : folder.special.special_contents()) {
      tokens.push_back(SpecialTokens::special_token(std::move(content)));
    }
  }

  const std::string source = quote(folder.vocab_file.string());
  auto impl = std::make_shared<Tokenizer::Impl>();
  Json blocks = {{"normalizer", std::move(parts.normalizer)}, {"pre_tokenizer", std::move(parts.pre_tokenizer)}};
  {
    const JsonFile document(blocks.dump(), source);
    impl->normalizer = read_normalizer(document.root(), options.do_lower_case);
    impl->pre_tokenizer = read_pre_tokenizer(document.root());
  }
  impl->model = std::move(parts.model);
  impl->added = AddedVocabulary(tokens, *impl->model, impl->normalizer.get(), source);
  const IdOf id_of = [&](const std::string& content) {
    const auto added = impl->added.token_to_id(content);
    const auto id = added ? added : impl->model->token_to_id(content);
    if (!id) throw InvalidModelError(source + ": has no token " + quote(content));
    return *id;
  };
  const JsonFile document(Json{{"post_processor", recipe.post_processor(folder, id_of)}}.dump(), source);
  impl->post_processor = read_post_processor(document.root());
  impl->source_file = folder.vocab_file.filename().string();
  return impl;
}

}  // namespace sbert::tokenizer
