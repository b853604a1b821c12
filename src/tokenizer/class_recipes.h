#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/json.h"
#include "tokenizer/model.h"
#include "tokenizer/special_tokens.h"

// How each class of transformers 5.23 builds its tokenizer from a folder without tokenizer.json. Normalizers,
// pre-tokenizers and post-processors are written as the blocks of the tokenizer.json that the class would save; they
// are read as such. For .cpp files only: nlohmann-json is in every signature.
namespace sbert::tokenizer::recipes {

using Json = nlohmann::json;

inline constexpr const char* kSpaceMark = "\xE2\x96\x81";  // U+2581, sentencepiece's space

/// A folder while its tokenizer is built.
struct Folder {
  std::filesystem::path path;
  common::JsonObject config;  ///< tokenizer_config.json; empty where there is none
  SpecialTokens special;
  std::filesystem::path vocab_file;

  bool flag(const char* name, bool otherwise) const { return config.boolean_if(name).value_or(otherwise); }
};

/// What the class makes of it.
struct Parts {
  std::unique_ptr<const Model> model;
  Json normalizer, pre_tokenizer;  ///< null: none
};

/// The id of a token; throws where there is none.
using IdOf = std::function<int32_t(const std::string&)>;

// vocabulary_recipes.cpp: vocab.txt, or vocab.json and merges.txt
Parts build_bert(Folder& folder);
Parts build_mpnet(Folder& folder);
Parts build_gpt2(Folder& folder);  ///< RoBERTa and DeBERTa too: they differ in their special tokens
Parts build_qwen2(Folder& folder);
Parts build_clip(Folder& folder);

// sentencepiece_recipes.cpp
Parts build_t5(Folder& folder);
Parts build_xlm_roberta(Folder& folder);
Parts build_camembert(Folder& folder);
Parts build_deberta_v2(Folder& folder);
Parts build_albert(Folder& folder);
Parts build_llama(Folder& folder);
Parts build_gemma(Folder& folder);
Parts build_backend(Folder& folder);

// recipe_templates.cpp: post-processors
Json bert_template(const Folder& folder, const IdOf& id_of);     ///< [CLS] A [SEP] B [SEP]
Json cls_sep_template(const Folder& folder, const IdOf& id_of);  ///< <s> A </s></s> B </s> of cls and sep
Json bos_eos_template(const Folder& folder, const IdOf& id_of);  ///< the same of bos and eos
Json t5_template(const Folder& folder, const IdOf& id_of);       ///< A </s> B </s>
Json optional_bos_eos(const Folder& folder, const IdOf& id_of);  ///< where add_bos_token and add_eos_token ask for them
Json albert_template(const Folder& folder, const IdOf& id_of);

// The blocks that several classes use.
inline Json sequence_of(const char* list_name, Json items) {
  return {{"type", "Sequence"}, {list_name, std::move(items)}};
}
inline Json replace_string(const char* pattern, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"String", pattern}}}, {"content", content}};
}
inline Json replace_regex(const char* pattern, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", content}};
}
inline Json split(Json pattern, const char* behavior, bool invert) {
  return {{"type", "Split"}, {"pattern", std::move(pattern)}, {"behavior", behavior}, {"invert", invert}};
}

}  // namespace sbert::tokenizer::recipes
