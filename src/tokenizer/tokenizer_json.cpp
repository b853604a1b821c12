// tokenizer.json -> components. What is not known is refused by name.

#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"
#include "tokenizer/json_value.h"
#include "tokenizer/tokenizer_impl.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

// ------------------------------------------------------------------------------------- added tokens, truncation

std::vector<AddedToken> read_added_tokens(const JsonValue& root) {
  std::vector<AddedToken> tokens;
  if (!root.has("added_tokens")) return tokens;
  for (const JsonValue& json : root.at("added_tokens").items()) {
    json.at("id").natural(kMaxId);  // must be one, though the vocabulary decides what it really is
    tokens.push_back({.content = std::string(json.at("content").string()),
                      .single_word = json.at("single_word").boolean(),
                      .lstrip = json.at("lstrip").boolean(),
                      .rstrip = json.at("rstrip").boolean(),
                      .normalized = json.at("normalized").boolean(),
                      .special = json.at("special").boolean()});
  }
  return tokens;
}

StoredTruncation read_truncation(const JsonValue& root) {
  StoredTruncation result;
  const auto json = root.find("truncation");
  if (!json) return result;
  result.max_length = static_cast<size_t>(json->at("max_length").natural(kMaxSize));
  json->at("stride").natural(kMaxSize);
  const JsonValue strategy = json->at("strategy");
  if (strategy.string() != "LongestFirst" && strategy.string() != "OnlyFirst" && strategy.string() != "OnlySecond") {
    strategy.fail("is " + quote(strategy.string()) + ", expected LongestFirst, OnlyFirst or OnlySecond");
  }
  if (const auto direction = json->find("direction")) {
    if (direction->string() != "Left" && direction->string() != "Right") {
      direction->fail("is " + quote(direction->string()) + ", expected Left or Right");
    }
    if (direction->string() == "Left") result.direction = TruncationDirection::kLeft;
  }
  return result;
}

// ---------------------------------------------------------------------------------------------------------- note

// transformers 5 does not use the file's normalizer where the class is BertTokenizer: it makes one from the options.
std::string note_about_class(const JsonValue& root, const TokenizerConfig& config) {
  if (!config) return {};
  const std::string name = config->string_if("tokenizer_class").value_or("");
  if (name != "BertTokenizer" && name != "BertTokenizerFast" && name != "DistilBertTokenizer" &&
      name != "DistilBertTokenizerFast") {
    return {};
  }
  const bool lowercase = config->boolean_if("do_lower_case").value_or(true);
  const bool chinese = config->boolean_if("tokenize_chinese_chars").value_or(true);
  const bool strip = config->boolean_if("strip_accents").value_or(lowercase);
  const auto normalizer = root.find("normalizer");
  const auto pre_tokenizer = root.find("pre_tokenizer");
  if (normalizer && type_of(*normalizer) == "BertNormalizer" && pre_tokenizer &&
      type_of(*pre_tokenizer) == "BertPreTokenizer") {
    const BertNormalizerOptions file = bert_normalizer_options(*normalizer);
    if (file.clean_text && file.lowercase == lowercase && file.handle_chinese_chars == chinese &&
        file.strip_accents == strip) {
      return {};
    }
  }
  const auto word = [](bool value) { return value ? std::string("true") : std::string("false"); };
  return "tokenizer_config.json names the class " + quote(name) +
         ", which transformers 5 builds with do_lower_case=" + word(lowercase) +
         ", tokenize_chinese_chars=" + word(chinese) + ", strip_accents=" + word(strip) +
         "; tokenizer.json says otherwise and is followed here";
}

}  // namespace

void throw_unsupported(const JsonValue& component, std::string_view type) {
  throw UnsupportedError(component.source() + ": " + component.path() + " type " + quote(type) + " is not supported");
}

std::shared_ptr<Tokenizer::Impl> load_tokenizer_json(const std::filesystem::path& file, const LoadOptions& options,
                                                     const TokenizerConfig& config) {
  const JsonFile json(file);
  const JsonValue root = json.root();
  root.object();
  json.check_duplicate_keys("model.vocab");  // read_vocabulary sees those itself
  if (const auto version = root.find("version"); version && version->string() != "1.0") {
    throw UnsupportedError(json.source() + ": version " + quote(version->string()) + " is not supported (only '1.0')");
  }
  auto impl = std::make_shared<Tokenizer::Impl>();
  impl->normalizer = read_normalizer(root, options.do_lower_case);
  impl->pre_tokenizer = read_pre_tokenizer(root);
  impl->model = read_model(root);
  impl->post_processor = read_post_processor(root);
  impl->added = AddedVocabulary(read_added_tokens(root), *impl->model, impl->normalizer.get(), json.source());
  impl->truncation = read_truncation(root);
  impl->source_file = "tokenizer.json";
  impl->note = note_about_class(root, config);
  return impl;
}

}  // namespace sbert::tokenizer
