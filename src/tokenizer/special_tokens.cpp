#include "tokenizer/special_tokens.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

namespace sbert::tokenizer {
namespace {

using common::JsonObject;

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

AddedToken read_special_token(const JsonObject& json, const std::string& key) {
  return json.raw().at(key).is_object() ? read_added_token(json.object(key), true)
                                        : SpecialTokens::special_token(json.string(key));
}

std::vector<AddedToken> read_list(const JsonObject& json, const char* key) {
  std::vector<AddedToken> tokens;
  if (!json.raw().at(key).is_array()) json.fail(key, "must be a list");
  for (const nlohmann::json& item : json.raw().at(key)) {
    if (item.is_string()) {
      tokens.push_back(SpecialTokens::special_token(item.get<std::string>()));
    } else if (item.is_object()) {
      tokens.push_back(read_added_token(JsonObject::parse(item.dump(), json.source()), false));
    } else {
      json.fail(key, "must hold strings or token objects");
    }
  }
  return tokens;
}

bool has_items(const JsonObject& json, const char* key) {
  return json.has(key) && !json.raw().at(key).empty();
}

int64_t read_id(const JsonObject& json, const std::string& key) {
  int64_t id = 0;
  const char* const end = key.data() + key.size();
  if (const auto result = std::from_chars(key.data(), end, id);
      result.ec != std::errc() || result.ptr != end || id < 0) {
    json.fail(key, "must have an id as its name");
  }
  return id;
}

/// Tokens met so far. Two are the same when content and all flags are.
class SeenTokens {
 public:
  /// False when it was there already.
  bool add(const AddedToken& token) {
    std::string key = token.content;
    for (const bool flag : {token.single_word, token.lstrip, token.rstrip, token.normalized, token.special}) {
      key += flag ? '1' : '0';
    }
    return keys_.insert(std::move(key)).second;
  }

 private:
  std::set<std::string> keys_;
};

}  // namespace

SpecialTokens::SpecialTokens(const Defaults& defaults, const std::filesystem::path& folder, const JsonObject& config)
    : source_(config.source()) {
  for (const auto& [name, content] : defaults) named_[name] = special_token(content);
  read_named(config);
  // `additional_special_tokens` is the older name.
  if (has_items(config, "extra_special_tokens") && config.raw().at("extra_special_tokens").is_object()) {
    // {"image_token": "<image>"}: named tokens of the model
    const JsonObject tokens = config.object("extra_special_tokens");
    for (const std::string& key : tokens.keys()) named_[key] = read_special_token(tokens, key);
  } else if (!has_items(config, "extra_special_tokens") && config.has("additional_special_tokens")) {
    extra_ = read_list(config, "additional_special_tokens");
  } else if (config.has("extra_special_tokens")) {
    extra_ = has_items(config, "extra_special_tokens") ? read_list(config, "extra_special_tokens")
                                                       : std::vector<AddedToken>();
  }
  if (config.has("added_tokens_decoder")) {
    const JsonObject tokens = config.object("added_tokens_decoder");
    for (const std::string& key : tokens.keys())
      numbered_[read_id(tokens, key)] = read_added_token(tokens.object(key), false);
    return;
  }
  const auto map_file = folder / "special_tokens_map.json";
  if (std::filesystem::exists(map_file)) read_special_tokens_map(JsonObject::read_file(map_file));
  const auto added_file = folder / "added_tokens.json";
  if (std::filesystem::exists(added_file)) read_added_tokens(JsonObject::read_file(added_file));
}

void SpecialTokens::read_named(const JsonObject& json) {
  for (const auto& [key, value] : json.raw().items()) {
    const bool standard = std::find(kOrder.begin(), kOrder.end(), key) != kOrder.end();
    if (value.is_null()) {
      if (standard) named_.erase(key);
    } else if (standard || (key.ends_with("_token") && (value.is_string() || value.is_object()))) {
      named_[key] = read_special_token(json, key);
      if (value.is_object()) described_.insert(key);
    } else {
      continue;
    }
    given_.insert(key);
  }
}

void SpecialTokens::read_special_tokens_map(const JsonObject& json) {
  read_named(json);
  if (json.has("additional_special_tokens")) default_extra_ = read_list(json, "additional_special_tokens");
  if (json.has("extra_special_tokens")) {
    if (!extra_) extra_.emplace();
    SeenTokens seen;
    for (const AddedToken& token : *extra_) seen.add(token);
    for (AddedToken& token : read_list(json, "extra_special_tokens")) {
      if (seen.add(token)) extra_->push_back(std::move(token));
    }
  }
}

// {"<token>": id}
void SpecialTokens::read_added_tokens(const JsonObject& json) {
  std::set<std::string> special;  // those of the class do not count
  for (const std::string& name : given_) {
    if (has(name.c_str())) special.insert(named_.at(name).content);
  }
  if (extra_) {
    for (const AddedToken& token : *extra_) special.insert(token.content);
  }
  for (const std::string& key : json.keys()) {
    const int64_t id = json.integer(key, 0, std::numeric_limits<int32_t>::max());
    const bool is_special = special.count(key) != 0;
    numbered_[id] = {.content = key, .normalized = !is_special, .special = is_special};
  }
}

void SpecialTokens::set_default(const char* name, std::string_view content) {
  if (given_.count(name) == 0) named_[name] = special_token(std::string(content));
}

void SpecialTokens::strip_left(const char* name) {
  if (has(name) && described_.count(name) == 0) named_[name].lstrip = true;
}

const std::string& SpecialTokens::operator[](const char* name) const {
  const auto found = named_.find(name);
  if (found == named_.end() || found->second.content.empty()) {
    throw InvalidModelError(source_ + ": field '" + name + "' must not be null or empty for this tokenizer_class");
  }
  return found->second.content;
}

std::vector<std::string> SpecialTokens::names_in_order() const {
  std::vector<std::string> names;
  for (const char* name : kOrder) {
    if (has(name)) names.emplace_back(name);
  }
  for (const auto& [name, token] : named_) {
    if (std::find(kOrder.begin(), kOrder.end(), name) == kOrder.end()) names.push_back(name);
  }
  return names;
}

std::vector<AddedToken> SpecialTokens::extra() const {
  return extra_ ? *extra_ : default_extra_;
}

std::vector<AddedToken> SpecialTokens::added_tokens() const {
  std::set<std::string> named, numbered;
  for (const auto& [name, token] : named_) named.insert(token.content);
  std::vector<AddedToken> tokens;
  for (const auto& [id, token] : numbered_) {
    tokens.push_back(token);
    tokens.back().special |= named.count(token.content) != 0;
    numbered.insert(token.content);
  }
  SeenTokens seen;
  const auto append = [&](const AddedToken& token) {
    if (numbered.count(token.content) == 0 && seen.add(token)) tokens.push_back(token);
  };
  for (const std::string& name : names_in_order()) append(named_.at(name));
  for (const AddedToken& token : extra()) append(token);
  return tokens;
}

std::vector<std::string> SpecialTokens::special_contents() const {
  std::vector<std::string> contents;
  for (const std::string& name : names_in_order()) contents.push_back(named_.at(name).content);
  for (const AddedToken& token : extra()) contents.push_back(token.content);
  return contents;
}

}  // namespace sbert::tokenizer
