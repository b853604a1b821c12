// tokenizer.json -> components: one small function per block of the file. What is not known is refused by name.

#include <algorithm>
#include <limits>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_value.h"
#include "tokenizer/tokenizer_impl.h"
#include "tokenizer/wordpiece.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

constexpr int64_t kMaxId = std::numeric_limits<int32_t>::max();
constexpr int64_t kMaxSize = std::numeric_limits<int64_t>::max();
// Far beyond any real file; they bound what one text may cost.
constexpr size_t kMaxNormalizers = 64, kMaxTextPieces = 16, kMaxSpecialTokens = 4096;

[[noreturn]] void throw_unsupported(const JsonValue& component, std::string_view type) {
  throw UnsupportedError(component.source() + ": " + component.path() + " type " + quote(type) + " is not supported");
}

std::string_view type_of(const JsonValue& component) {
  return component.at("type").string();
}

// ---------------------------------------------------------------------------------------------------- normalizer

BertNormalizerOptions bert_normalizer_options(const JsonValue& json) {
  BertNormalizerOptions options;
  options.clean_text = json.at("clean_text").boolean();
  options.handle_chinese_chars = json.at("handle_chinese_chars").boolean();
  options.lowercase = json.at("lowercase").boolean();
  const auto strip_accents = json.find("strip_accents");
  options.strip_accents = strip_accents ? strip_accents->boolean() : options.lowercase;  // null: as lowercase
  return options;
}

// Nested sequences become one flat list: the result is the same.
void append_normalizers(const JsonValue& json, std::vector<std::unique_ptr<Normalizer>>& list) {
  const std::string_view type = type_of(json);
  if (type == "Sequence") {
    for (const JsonValue& item : json.at("normalizers").items()) append_normalizers(item, list);
    return;
  }
  if (list.size() >= kMaxNormalizers) {
    throw UnsupportedError(json.source() + ": more than " + std::to_string(kMaxNormalizers) +
                           " normalizers are not supported");
  }
  if (type == "BertNormalizer") {
    list.push_back(make_bert_normalizer(bert_normalizer_options(json)));
  } else if (type == "Lowercase") {
    list.push_back(make_lowercase_normalizer());
  } else {
    throw_unsupported(json, type);
  }
}

// A Lowercase normalizer itself or right inside the outermost Sequence: then `do_lower_case` adds none.
bool has_lowercase(const JsonValue& json) {
  if (type_of(json) == "Lowercase") return true;
  if (type_of(json) != "Sequence") return false;
  const auto items = json.at("normalizers").items();
  return std::any_of(items.begin(), items.end(), [](const JsonValue& item) { return type_of(item) == "Lowercase"; });
}

std::unique_ptr<const Normalizer> read_normalizer(const JsonValue& root, const LoadOptions& options) {
  const auto json = root.find("normalizer");
  std::vector<std::unique_ptr<Normalizer>> list;
  if (options.do_lower_case && !(json && has_lowercase(*json))) list.push_back(make_lowercase_normalizer());
  if (json) append_normalizers(*json, list);
  if (list.empty()) return nullptr;
  return list.size() == 1 ? std::move(list[0]) : make_normalizer_sequence(std::move(list));
}

// ------------------------------------------------------------------------------------------------- pre-tokenizer

std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const JsonValue& root) {
  const auto json = root.find("pre_tokenizer");
  if (!json) return nullptr;
  const std::string_view type = type_of(*json);
  if (type == "BertPreTokenizer") return make_bert_pre_tokenizer();
  throw_unsupported(*json, type);
}

// --------------------------------------------------------------------------------------------------------- model

Vocabulary read_vocabulary(const JsonValue& json) {
  const auto entries = json.object();
  size_t count = 0, bytes = 0;
  for (const auto entry : entries) {
    ++count;
    bytes += entry.key.size();
  }
  Vocabulary vocabulary;
  vocabulary.reserve(count, bytes);
  for (const auto entry : entries) {
    int64_t id = 0;
    if (entry.value.get_int64().get(id) != simdjson::SUCCESS || id < 0 || id > kMaxId) {
      throw InvalidModelError(json.source() + ": the id of " + quote(entry.key) + " in " + quote(json.path()) +
                              " must be an integer from 0 to " + std::to_string(kMaxId));
    }
    if (!vocabulary.add(entry.key, static_cast<int32_t>(id))) {
      throw InvalidModelError(json.source() + ": key " + quote(entry.key) + " appears twice in " + quote(json.path()));
    }
  }
  return vocabulary;
}

std::unique_ptr<const Model> read_word_piece(const JsonValue& json) {
  WordPieceOptions options;
  options.unk_token = json.at("unk_token").string();
  options.continuing_subword_prefix = json.at("continuing_subword_prefix").string();
  options.max_input_chars_per_word = static_cast<size_t>(json.at("max_input_chars_per_word").natural(kMaxSize));
  options.source = json.source();
  return make_word_piece(read_vocabulary(json.at("vocab")), std::move(options));
}

// Old files (DistilBERT's) do not name the type: `tokenizers` then takes the first whose fields are there.
std::string_view model_type(const JsonValue& json) {
  if (json.has("type")) return type_of(json);
  if (json.has("merges")) return "BPE";
  if (json.has("continuing_subword_prefix")) return "WordPiece";
  return json.at("vocab").is_array() ? "Unigram" : "WordLevel";
}

std::unique_ptr<const Model> read_model(const JsonValue& root) {
  const JsonValue json = root.at("model");
  const std::string_view type = model_type(json);
  if (type == "WordPiece") return read_word_piece(json);
  throw_unsupported(json, type);
}

// ------------------------------------------------------------------------------------------------ post-processor

std::vector<int32_t> special_token_ids(const JsonValue& special_tokens, const JsonValue& name) {
  const auto token = special_tokens.find(name.string());
  if (!token) name.fail("names " + quote(name.string()) + ", which is not among " + quote(special_tokens.path()));
  std::vector<int32_t> ids;
  for (const JsonValue& id : token->at("ids").items()) ids.push_back(static_cast<int32_t>(id.natural(kMaxId)));
  return ids;
}

std::vector<TemplatePiece> read_template(const JsonValue& json, const JsonValue& special_tokens) {
  std::vector<TemplatePiece> pieces;
  size_t num_special = 0, num_texts = 0;
  for (const JsonValue& item : json.items()) {
    TemplatePiece piece;
    const auto special = item.find("SpecialToken");
    const JsonValue body = special ? *special : item.at("Sequence");
    const JsonValue id = body.at("id");
    if (special) {
      piece.kind = TemplatePiece::Kind::kSpecialTokens;
      piece.ids = special_token_ids(special_tokens, id);
      num_special += piece.ids.size();
    } else if (id.string() == "A" || id.string() == "B") {
      piece.kind = id.string() == "A" ? TemplatePiece::Kind::kFirstText : TemplatePiece::Kind::kSecondText;
      ++num_texts;
    } else {
      id.fail("is " + quote(id.string()) + ", expected 'A' or 'B'");
    }
    piece.type_id = static_cast<int32_t>(body.at("type_id").natural(kMaxId));
    pieces.push_back(std::move(piece));
  }
  if (num_special > kMaxSpecialTokens || num_texts > kMaxTextPieces) {
    throw UnsupportedError(json.source() + ": " + json.path() + " with more than " + std::to_string(kMaxSpecialTokens) +
                           " special tokens or " + std::to_string(kMaxTextPieces) + " sequences is not supported");
  }
  return pieces;
}

PostProcessor read_template_processing(const JsonValue& json) {
  const JsonValue special_tokens = json.at("special_tokens");
  auto single = read_template(json.at("single"), special_tokens);
  for (const TemplatePiece& piece : single) {
    if (piece.kind == TemplatePiece::Kind::kSecondText)
      json.at("single").fail("names sequence 'B', which is only in 'pair'");
  }
  return PostProcessor(std::move(single), read_template(json.at("pair"), special_tokens));
}

// ["[SEP]", 102]
int32_t read_token_and_id(const JsonValue& json) {
  const auto items = json.items();
  if (items.size() != 2) json.fail("must be a token and its id");
  items[0].string();
  return static_cast<int32_t>(items[1].natural(kMaxId));
}

PostProcessor read_post_processor(const JsonValue& root) {
  const auto json = root.find("post_processor");
  if (!json) return PostProcessor();
  const std::string_view type = type_of(*json);
  if (type == "TemplateProcessing") return read_template_processing(*json);
  if (type == "BertProcessing") {
    return PostProcessor::bert(read_token_and_id(json->at("cls")), read_token_and_id(json->at("sep")));
  }
  throw_unsupported(*json, type);
}

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
  impl->normalizer = read_normalizer(root, options);
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
