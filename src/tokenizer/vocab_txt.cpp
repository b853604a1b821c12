// A folder without tokenizer.json: what transformers 5's BertTokenizer builds from vocab.txt, the options of
// tokenizer_config.json, and the older files special_tokens_map.json and added_tokens.json.

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "common/text.h"
#include "tokenizer/tokenizer_impl.h"
#include "tokenizer/unicode.h"
#include "tokenizer/wordpiece.h"

namespace sbert::tokenizer {
namespace {

using common::JsonObject;
using common::quote;

// The classes that are BertTokenizer under another name.
constexpr std::array kBertClasses = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "ConvBertTokenizer",
                                     "MobileBertTokenizer"};

void check_class(const TokenizerConfig& config) {
  if (!config) return;
  const std::string given = config->string_if("tokenizer_class").value_or("BertTokenizer");
  std::string_view name = given;
  if (name.ends_with("Fast")) name.remove_suffix(4);
  if (std::find(kBertClasses.begin(), kBertClasses.end(), name) != kBertClasses.end()) return;
  throw UnsupportedError(config->source() + ": tokenizer_class " + quote(given) +
                         " is not supported without a tokenizer.json; save one with Python: "
                         "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)");
}

// Without the white space at its end, as `tokenizers` reads a line.
std::string_view trim_end(std::string_view line) {
  while (!line.empty()) {
    size_t start = line.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(line[start]) & 0xC0) == 0x80) --start;
    size_t i = start;
    if (!unicode::is_whitespace(common::next_code_point(line, i))) break;
    line = line.substr(0, start);
  }
  return line;
}

// One token a line; its number is the id, and of equal lines the last one counts.
Vocabulary read_vocabulary(const std::filesystem::path& file) {
  const auto content = common::MappedFile::open(file);
  std::string_view text(reinterpret_cast<const char*>(content.bytes().data()), content.bytes().size());
  if (!common::is_valid_utf8(text)) throw InvalidModelError(quote(file.string()) + ": not valid UTF-8");
  if (text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw InvalidModelError(quote(file.string()) + ": larger than 2 GiB");
  }
  Vocabulary vocabulary;
  vocabulary.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1, text.size());
  for (int32_t id = 0; !text.empty(); ++id) {
    const size_t length = std::min(text.find('\n'), text.size());
    vocabulary.add_or_replace(trim_end(text.substr(0, length)), id);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return vocabulary;
}

// {"content": ..., flags}; flags that are missing are false, `normalized` follows `special` as in `tokenizers`.
AddedToken read_added_token(const JsonObject& json, bool special) {
  AddedToken token;
  token.content = json.string("content");
  token.special = special || json.boolean_if("special").value_or(false);
  token.single_word = json.boolean_if("single_word").value_or(false);
  token.lstrip = json.boolean_if("lstrip").value_or(false);
  token.rstrip = json.boolean_if("rstrip").value_or(false);
  token.normalized = json.boolean_if("normalized").value_or(!token.special);
  return token;
}

AddedToken special_token(std::string content) {
  return {.content = std::move(content), .normalized = false, .special = true};
}

AddedToken read_special_token(const JsonObject& json, const std::string& key) {
  return json.raw().at(key).is_object() ? read_added_token(json.object(key), true) : special_token(json.string(key));
}

// The special tokens of the class, with what the files say about them.
class SpecialTokens {
 public:
  SpecialTokens() {
    for (const char* name : {"unk", "sep", "pad", "cls", "mask"}) {
      std::string content(name);
      std::transform(content.begin(), content.end(), content.begin(), [](char c) { return static_cast<char>(c - 32); });
      named_[std::string(name) + "_token"] = special_token("[" + content + "]");
    }
  }

  void read(const JsonObject& json) {
    for (const char* key : kOrder) {
      if (json.has(key)) named_[key] = read_special_token(json, key);
    }
    const char* const list =
        has_items(json, "extra_special_tokens") ? "extra_special_tokens" : "additional_special_tokens";
    if (!has_items(json, list)) return;
    for (const nlohmann::json& item : json.raw().at(list)) {
      if (!item.is_string()) json.fail(list, "must hold strings");
      extra_.push_back(special_token(item.get<std::string>()));
    }
  }

  const std::string& content(const char* key) const { return named_.at(key).content; }

  bool contains(const std::string& content) const {
    const auto is_it = [&](const AddedToken& token) { return token.content == content; };
    return std::any_of(extra_.begin(), extra_.end(), is_it) ||
           std::any_of(named_.begin(), named_.end(), [&](const auto& named) { return is_it(named.second); });
  }

  /// Appends those that `tokens` does not name yet, in the order in which transformers adds them.
  void append_to(std::vector<AddedToken>& tokens) const {
    const auto append = [&](const AddedToken& token) {
      const bool known = std::any_of(tokens.begin(), tokens.end(),
                                     [&](const AddedToken& other) { return other.content == token.content; });
      if (!known) tokens.push_back(token);
    };
    for (const char* key : kOrder) {
      if (const auto named = named_.find(key); named != named_.end()) append(named->second);
    }
    for (const AddedToken& token : extra_) append(token);
  }

 private:
  static constexpr std::array kOrder = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};
  static bool has_items(const JsonObject& json, const char* key) {
    return json.has(key) && json.raw().at(key).is_array() && !json.raw().at(key).empty();
  }

  std::map<std::string, AddedToken> named_;
  std::vector<AddedToken> extra_;
};

int64_t read_id(const JsonObject& json, const std::string& key) {
  int64_t id = 0;
  const char* const end = key.data() + key.size();
  if (const auto result = std::from_chars(key.data(), end, id);
      result.ec != std::errc() || result.ptr != end || id < 0) {
    json.fail(key, "must have an id as its name");
  }
  return id;
}

// By id; which ids they really get is decided by the vocabulary and the order.
using TokensById = std::map<int64_t, AddedToken>;

TokensById read_added_tokens_decoder(const JsonObject& json) {
  TokensById tokens;
  for (const std::string& key : json.keys()) tokens[read_id(json, key)] = read_added_token(json.object(key), false);
  return tokens;
}

// {"<token>": id}
TokensById read_added_tokens_json(const std::filesystem::path& file, const SpecialTokens& special) {
  TokensById tokens;
  if (!std::filesystem::exists(file)) return tokens;
  const JsonObject json = JsonObject::read_file(file);
  for (const std::string& key : json.keys()) {
    const int64_t id = json.integer(key, 0, std::numeric_limits<int32_t>::max());
    const bool is_special = special.contains(key);
    tokens[id] = {.content = key, .normalized = !is_special, .special = is_special};
  }
  return tokens;
}

}  // namespace

std::shared_ptr<Tokenizer::Impl> load_vocab_txt(const std::filesystem::path& folder, const LoadOptions& options,
                                                const TokenizerConfig& config) {
  check_class(config);
  const JsonObject json = config ? *config : JsonObject::parse("{}", "tokenizer_config.json");

  SpecialTokens special;
  special.read(json);
  TokensById by_id;
  if (json.has("added_tokens_decoder")) {
    by_id = read_added_tokens_decoder(json.object("added_tokens_decoder"));
  } else {  // older than transformers 4.34
    const auto map_file = folder / "special_tokens_map.json";
    if (std::filesystem::exists(map_file)) special.read(JsonObject::read_file(map_file));
    by_id = read_added_tokens_json(folder / "added_tokens.json", special);
  }
  std::vector<AddedToken> tokens;
  for (auto& [id, token] : by_id) tokens.push_back(std::move(token));
  special.append_to(tokens);

  const bool lowercase = json.boolean_if("do_lower_case").value_or(true);
  const BertNormalizerOptions bert{.clean_text = true,
                                   .handle_chinese_chars = json.boolean_if("tokenize_chinese_chars").value_or(true),
                                   .strip_accents = json.boolean_if("strip_accents").value_or(lowercase),
                                   .lowercase = lowercase};
  const auto file = folder / "vocab.txt";
  auto impl = std::make_shared<Tokenizer::Impl>();
  std::vector<std::unique_ptr<Normalizer>> normalizers;
  if (options.do_lower_case) normalizers.push_back(make_lowercase_normalizer());
  normalizers.push_back(make_bert_normalizer(bert));
  impl->normalizer =
      normalizers.size() == 1 ? std::move(normalizers[0]) : make_normalizer_sequence(std::move(normalizers));
  impl->pre_tokenizer = make_bert_pre_tokenizer();
  impl->model = make_word_piece(read_vocabulary(file),
                                {.unk_token = special.content("unk_token"), .source = quote(file.string())});
  impl->added = AddedVocabulary(tokens, *impl->model, impl->normalizer.get(), quote(file.string()));
  const auto id_of = [&](const char* key) {
    const auto id = impl->added.token_to_id(special.content(key));
    if (!id) json.fail(key, "must not be empty");
    return *id;
  };
  impl->post_processor = PostProcessor::bert(id_of("cls_token"), id_of("sep_token"));
  impl->source_file = "vocab.txt";
  return impl;
}

}  // namespace sbert::tokenizer
