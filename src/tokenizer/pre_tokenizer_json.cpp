// The `pre_tokenizer` block of tokenizer.json.

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

// Far beyond any real file; it bounds what one text may cost.
constexpr size_t kMaxPreTokenizers = 64;

bool boolean_or(const JsonValue& json, std::string_view key, bool otherwise) {
  const auto value = json.find(key);
  return value ? value->boolean() : otherwise;
}

char32_t read_character(const JsonValue& json) {
  const std::string_view text = json.string();
  size_t i = 0;
  const char32_t c = text.empty() ? 0 : common::next_code_point(text, i);
  if (i == 0 || i != text.size()) json.fail("must be one character, found " + quote(common::printable_line(text)));
  return c;
}

SplitBehavior read_behavior(const JsonValue& json) {
  using Named = std::pair<std::string_view, SplitBehavior>;
  constexpr std::array kNames = {Named("Removed", SplitBehavior::kRemoved), Named("Isolated", SplitBehavior::kIsolated),
                                 Named("MergedWithPrevious", SplitBehavior::kMergedWithPrevious),
                                 Named("MergedWithNext", SplitBehavior::kMergedWithNext),
                                 Named("Contiguous", SplitBehavior::kContiguous)};
  const std::string_view name = json.string();
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const Named& named) { return named.first == name; });
  if (found == kNames.end()) {
    json.fail("is " + quote(name) + ", expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
  }
  return found->second;
}

PrependScheme read_prepend_scheme(const JsonValue& json) {
  const std::string_view name = json.string();
  if (name == "always") return PrependScheme::kAlways;
  if (name == "first") return PrependScheme::kFirst;
  if (name == "never") return PrependScheme::kNever;
  json.fail("is " + quote(name) + ", expected always, first or never");
}

// Old files say add_prefix_space where new ones have a prepend_scheme; both must agree.
std::unique_ptr<PreTokenizer> read_metaspace(const JsonValue& json) {
  MetaspaceOptions options;
  options.replacement = read_character(json.at("replacement"));
  if (const auto scheme = json.find("prepend_scheme")) options.prepend_scheme = read_prepend_scheme(*scheme);
  const auto prefix = json.find("add_prefix_space");
  if (prefix && !prefix->boolean() && options.prepend_scheme != PrependScheme::kNever) {
    prefix->fail("is false, which does not go with the prepend_scheme (which is 'always' unless it is given)");
  }
  options.split = boolean_or(json, "split", true);
  return make_metaspace(options);
}

std::unique_ptr<PreTokenizer> read_one(const JsonValue& json, std::string_view type) {
  if (type == "BertPreTokenizer") return make_bert_pre_tokenizer();
  if (type == "Whitespace") return make_whitespace_pre_tokenizer();
  if (type == "WhitespaceSplit") return make_whitespace_split();
  if (type == "UnicodeScripts") return make_unicode_scripts();
  if (type == "Metaspace") return read_metaspace(json);
  if (type == "Digits") return make_digits(json.at("individual_digits").boolean());
  if (type == "CharDelimiterSplit") return make_char_delimiter_split(read_character(json.at("delimiter")));
  if (type == "Punctuation") {
    const auto behavior = json.find("behavior");
    return make_punctuation(behavior ? read_behavior(*behavior) : SplitBehavior::kIsolated);
  }
  if (type == "ByteLevel") {
    json.at("trim_offsets").boolean();  // must be there; offsets do not matter here
    return make_byte_level(
        {.add_prefix_space = json.at("add_prefix_space").boolean(), .use_regex = boolean_or(json, "use_regex", true)});
  }
  if (type == "Split") {
    return make_split(read_text_pattern(json.at("pattern")), read_behavior(json.at("behavior")),
                      json.at("invert").boolean());
  }
  if (type == "FixedLength") {
    const auto length = json.find("length");
    if (length && length->natural(kMaxSize) == 0) length->fail("must be at least 1");
    return make_fixed_length(length ? static_cast<size_t>(length->natural(kMaxSize)) : 5);
  }
  throw_unsupported(json, type);
}

// Nested sequences become one flat list: the result is the same.
void append_pre_tokenizers(const JsonValue& json, std::vector<std::unique_ptr<PreTokenizer>>& list) {
  const std::string_view type = type_of(json);
  if (type == "Sequence") {
    for (const JsonValue& item : json.at("pretokenizers").items()) append_pre_tokenizers(item, list);
    return;
  }
  if (list.size() >= kMaxPreTokenizers) {
    throw UnsupportedError(json.source() + ": more than " + std::to_string(kMaxPreTokenizers) +
                           " pre-tokenizers are not supported");
  }
  list.push_back(read_one(json, type));
}

}  // namespace

std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const JsonValue& root) {
  const auto json = root.find("pre_tokenizer");
  if (!json) return nullptr;
  std::vector<std::unique_ptr<PreTokenizer>> list;
  append_pre_tokenizers(*json, list);
  if (list.empty()) return nullptr;
  return list.size() == 1 ? std::move(list[0]) : make_pre_tokenizer_sequence(std::move(list));
}

}  // namespace sbert::tokenizer
