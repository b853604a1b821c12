#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_folder.h"
#include "tokenizer/tokenizer.h"

// A whole tokenizer small enough to check by hand, and changes of it.
namespace sbert::tokenizer {

/// The entries in order of their ids.
inline const std::vector<std::string> kSmallVocab = {
    "[PAD]", "[UNK]",       "[CLS]", "[SEP]", "[MASK]", "un",     "##aff", "##able", "the", "a",
    "b",     "##b",         "e",     "##e",   "run",    "##ning", ",",     ".",      "!",   "\xE4\xB8\xAD",
    "cafe",  "caf\xC3\xA9", "The",   "i",     "ss"};

inline nlohmann::json added_token(int id, const std::string& content, nlohmann::json flags = {}) {
  nlohmann::json token = {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
                          {"rstrip", false}, {"normalized", false}, {"special", true}};
  if (!flags.is_null()) token.update(flags);
  return token;
}

/// tokenizer.json of a lower-casing BERT.
inline nlohmann::json small_tokenizer_json() {
  nlohmann::json vocab = nlohmann::json::object();
  for (size_t i = 0; i < kSmallVocab.size(); ++i) vocab[kSmallVocab[i]] = i;
  nlohmann::json added = nlohmann::json::array();
  for (int i = 0; i < 5; ++i) added.push_back(added_token(i, kSmallVocab[static_cast<size_t>(i)]));
  return {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", true},
        {"strip_accents", nullptr},
        {"lowercase", true}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor",
       {{"type", "BertProcessing"},
        {"sep", nlohmann::json::array({"[SEP]", 3})},
        {"cls", nlohmann::json::array({"[CLS]", 2})}}},
      {"decoder", nullptr},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", "[UNK]"},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab", vocab}}},
  };
}

/// Writes the text as tokenizer.json into a folder of its own and loads it.
inline Tokenizer load_text(const std::string& tokenizer_json, const LoadOptions& options = {}) {
  const test::TemporaryFolder folder;
  folder.write("tokenizer.json", tokenizer_json);
  return Tokenizer::load(folder.path(), options);
}

inline Tokenizer load_json(const nlohmann::json& document, const LoadOptions& options = {}) {
  return load_text(document.dump(), options);
}

/// The vocabulary's strings of a text's tokens, special ones included.
inline std::vector<std::string> tokens(const Tokenizer& tokenizer, std::string_view text,
                                       const EncodeOptions& options = {}) {
  Encoding encoding;
  tokenizer.encode(text, options, encoding);
  std::vector<std::string> strings;
  for (const int32_t id : encoding.input_ids) strings.emplace_back(tokenizer.id_to_token(id));
  return strings;
}

/// The same without special tokens.
inline std::vector<std::string> words(const Tokenizer& tokenizer, std::string_view text) {
  return tokens(tokenizer, text, {.add_special_tokens = false});
}

}  // namespace sbert::tokenizer
