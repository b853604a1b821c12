#include "modules/word_tokenizer.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include <sbert/error.h>

#include "common/json.h"
#include "common/text.h"
#include "modules/module.h"
#include "modules/nltk_words.h"
#include "modules/python_text.h"

namespace sbert::modules {
namespace {

// Joining is one walk over the text for each length; the reference's default is 5.
constexpr int64_t kMaxPhraseLength = 64;

// The parts of `word` between separators; 0 where two separators stand side by side, which makes no phrase.
size_t count_parts(std::string_view word, std::string_view separator) {
  if (word.find(std::string(separator) + std::string(separator)) != std::string_view::npos) return 0;
  size_t parts = 1;
  for (size_t i = word.find(separator); i != std::string_view::npos; i = word.find(separator, i + separator.size())) {
    ++parts;
  }
  return parts;
}

// Each word with its number; a word that stands there twice has its last one.
tokenizer::Vocabulary to_vocabulary(const std::vector<std::string>& words) {
  size_t bytes = 0;
  for (const std::string& word : words) bytes += word.size();
  tokenizer::Vocabulary vocabulary;
  vocabulary.reserve(words.size(), bytes);
  for (size_t i = 0; i < words.size(); ++i) vocabulary.add_or_replace(words[i], static_cast<int32_t>(i));
  vocabulary.finish();
  return vocabulary;
}

bool contains(const tokenizer::Vocabulary& words, std::string_view word) {
  return words.find(word) != tokenizer::Vocabulary::kNone;
}

}  // namespace

WordTokenizer::WordTokenizer(const std::vector<std::string>& vocab) : vocabulary_(to_vocabulary(vocab)) {}

WordTokenizer WordTokenizer::load(const std::filesystem::path& folder, const std::string& type,
                                  const std::string& named_by) {
  const std::string name = class_name(type);
  const bool known = name == "WhitespaceTokenizer" || name == "PhraseTokenizer";
  if (!type.starts_with("sentence_transformers.") || !known) {
    throw UnsupportedError(named_by + ": tokenizer_class " + common::quote(type) +
                           " is not supported by this version; supported: WhitespaceTokenizer, PhraseTokenizer");
  }
  const bool phrases = name == "PhraseTokenizer";
  const std::string file = phrases ? "phrasetokenizer_config.json" : "whitespacetokenizer_config.json";
  const auto config = common::JsonObject::read_file(folder / file);
  const std::vector<std::string> vocab = config.strings("vocab");
  WordTokenizer tokenizer(vocab);
  tokenizer.kind_ = phrases ? Kind::kPhrase : Kind::kWhitespace;
  tokenizer.description_ = file + " (" + name + ")";
  tokenizer.stop_words_ = to_vocabulary(config.strings("stop_words"));
  tokenizer.do_lower_case_ = config.boolean_if("do_lower_case").value_or(false);
  if (phrases) {
    const auto max_length = config.integer_if("max_ngram_length", 0, kMaxPhraseLength).value_or(5);
    // A null separator means that there are no phrases; without the field it is "_".
    const bool is_null = config.raw().contains("ngram_separator") && !config.has("ngram_separator");
    const std::string separator = config.string_if("ngram_separator").value_or(is_null ? "" : "_");
    tokenizer.find_phrases(vocab, separator, static_cast<size_t>(max_length));
  }
  return tokenizer;
}

void WordTokenizer::find_phrases(const std::vector<std::string>& vocab, const std::string& separator,
                                 size_t max_length) {
  separator_ = separator;
  if (separator.empty()) return;
  std::vector<std::string> phrases;
  std::set<size_t, std::greater<>> lengths;
  for (const std::string& word : vocab) {
    const size_t parts = count_parts(word, separator);
    if (parts < 2 || parts > max_length) continue;
    phrases.push_back(word);
    lengths.insert(parts);
  }
  phrases_ = to_vocabulary(phrases);
  phrase_lengths_.assign(lengths.begin(), lengths.end());
}

// Words that make a phrase of the vocabulary become one word, the longest phrases first.
void WordTokenizer::join_phrases(std::vector<std::string>& words) const {
  for (const size_t length : phrase_lengths_) {
    std::vector<std::string> joined;
    for (size_t i = 0; i < words.size();) {
      std::string phrase;
      if (i + length <= words.size()) {
        phrase = words[i];
        for (size_t j = 1; j < length; ++j) phrase += separator_ + words[i + j];
        if (!contains(phrases_, phrase)) phrase = python::lower(phrase);
        if (!contains(phrases_, phrase)) phrase.clear();
      }
      if (phrase.empty()) {
        joined.push_back(std::move(words[i++]));
      } else {
        joined.push_back(std::move(phrase));
        i += length;
      }
    }
    words = std::move(joined);
  }
}

bool WordTokenizer::settle(std::string_view word, std::vector<int32_t>& ids) const {
  if (contains(stop_words_, word)) return true;
  const int32_t id = vocabulary_.find(word);
  if (id == tokenizer::Vocabulary::kNone) return false;
  ids.push_back(id);
  return true;
}

// Each word as it is, then in its other forms: the first one that is a stop word or in the vocabulary counts.
void WordTokenizer::tokenize(std::string_view text, std::vector<int32_t>& ids) const {
  ids.clear();
  std::string storage;
  text = common::valid_utf8(text, storage);
  if (kind_ == Kind::kPhrase) {
    std::vector<std::string> words = nltk_word_tokenize(text);
    join_phrases(words);
    for (const std::string& word : words) {
      if (settle(word, ids)) continue;
      const std::string lower = python::lower(word);
      if (settle(lower, ids)) continue;
      const std::string_view stripped = python::strip_punctuation(lower);
      if (!stripped.empty()) settle(stripped, ids);
    }
    return;
  }
  std::string lowered;
  if (do_lower_case_) text = lowered = python::lower(text);
  for (const std::string_view word : python::split(text)) {
    if (settle(word, ids)) continue;
    const std::string_view stripped = python::strip_punctuation(word);
    if (!stripped.empty() && settle(stripped, ids)) continue;
    settle(python::lower(stripped), ids);  // "" too: a vocabulary may have it
  }
}

}  // namespace sbert::modules
