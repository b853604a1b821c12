// The `normalizer` block of tokenizer.json.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"

namespace sbert::tokenizer {
namespace {

// Far beyond any real file; it bounds what one text may cost.
constexpr size_t kMaxNormalizers = 64;

std::unique_ptr<Normalizer> read_one(const JsonValue& json, std::string_view type) {
  if (type == "BertNormalizer") return make_bert_normalizer(bert_normalizer_options(json));
  if (type == "Lowercase") return make_lowercase_normalizer();
  if (type == "NFC") return make_normal_form(NormalForm::kC);
  if (type == "NFD") return make_normal_form(NormalForm::kD);
  if (type == "NFKC") return make_normal_form(NormalForm::kKC);
  if (type == "NFKD") return make_normal_form(NormalForm::kKD);
  if (type == "StripAccents") return make_strip_accents();
  if (type == "Nmt") return make_nmt_normalizer();
  if (type == "ByteLevel") return make_byte_level_normalizer();
  if (type == "Prepend") return make_prepend(std::string(json.at("prepend").string()));
  if (type == "Strip") {
    return make_strip({.left = json.at("strip_left").boolean(), .right = json.at("strip_right").boolean()});
  }
  if (type == "Replace") {
    return make_replace(read_text_pattern(json.at("pattern")), std::string(json.at("content").string()));
  }
  if (type == "Precompiled") {
    const JsonValue charsmap = json.at("precompiled_charsmap");
    return make_precompiled_normalizer(charsmap.string(),
                                       charsmap.source() + ": field " + common::quote(charsmap.path()));
  }
  throw_unsupported(json, type);
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
  list.push_back(read_one(json, type));
}

// A Lowercase normalizer itself or right inside the outermost Sequence: then `do_lower_case` adds none.
bool has_lowercase(const JsonValue& json) {
  if (type_of(json) == "Lowercase") return true;
  if (type_of(json) != "Sequence") return false;
  const auto items = json.at("normalizers").items();
  return std::any_of(items.begin(), items.end(), [](const JsonValue& item) { return type_of(item) == "Lowercase"; });
}

}  // namespace

BertNormalizerOptions bert_normalizer_options(const JsonValue& json) {
  BertNormalizerOptions options;
  options.clean_text = json.at("clean_text").boolean();
  options.handle_chinese_chars = json.at("handle_chinese_chars").boolean();
  options.lowercase = json.at("lowercase").boolean();
  const auto strip_accents = json.find("strip_accents");
  options.strip_accents = strip_accents ? strip_accents->boolean() : options.lowercase;  // null: as lowercase
  return options;
}

std::unique_ptr<const TextPattern> read_text_pattern(const JsonValue& json) {
  const auto literal = json.find("String");
  const auto regex = json.find("Regex");
  if (literal.has_value() == regex.has_value()) json.fail("must have either 'String' or 'Regex'");
  if (literal) return make_literal_pattern(std::string(literal->string()));
  return make_regex_pattern(regex->string(), regex->source() + ": field " + common::quote(regex->path()));
}

std::unique_ptr<const Normalizer> read_normalizer(const JsonValue& root, bool do_lower_case) {
  const auto json = root.find("normalizer");
  std::vector<std::unique_ptr<Normalizer>> list;
  if (do_lower_case && !(json && has_lowercase(*json))) list.push_back(make_lowercase_normalizer());
  if (json) append_normalizers(*json, list);
  if (list.empty()) return nullptr;
  return list.size() == 1 ? std::move(list[0]) : make_normalizer_sequence(std::move(list));
}

}  // namespace sbert::tokenizer
