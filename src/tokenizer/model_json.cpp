// The `model` block of tokenizer.json.

#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/bpe.h"
#include "tokenizer/json_components.h"
#include "tokenizer/serde_number.h"
#include "tokenizer/unigram.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/word_level.h"
#include "tokenizer/wordpiece.h"

namespace sbert::tokenizer {
namespace {

using common::quote;
namespace dom = simdjson::dom;

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

std::optional<std::string> read_optional_string(const JsonValue& json, std::string_view key) {
  const auto value = json.find(key);
  return value ? std::optional(std::string(value->string())) : std::nullopt;
}

bool read_flag(const JsonValue& json, std::string_view key) {
  const auto value = json.find(key);
  return value && value->boolean();
}

// ---------------------------------------------------------------------------------------- WordPiece and WordLevel

std::unique_ptr<const Model> read_word_piece(const JsonValue& json) {
  WordPieceOptions options;
  options.unk_token = json.at("unk_token").string();
  options.continuing_subword_prefix = json.at("continuing_subword_prefix").string();
  options.max_input_chars_per_word = static_cast<size_t>(json.at("max_input_chars_per_word").natural(kMaxSize));
  options.source = json.source();
  return make_word_piece(read_vocabulary(json.at("vocab")), std::move(options));
}

std::unique_ptr<const Model> read_word_level(const JsonValue& json) {
  return make_word_level(read_vocabulary(json.at("vocab")),
                         {.unk_token = std::string(json.at("unk_token").string()), .source = json.source()});
}

// ------------------------------------------------------------------------------------------------------------ BPE

[[noreturn]] void fail_merge(const JsonValue& merges, size_t index, const char* problem) {
  throw InvalidModelError(merges.source() + ": " + merges.path() + "[" + std::to_string(index) + "] " + problem);
}

// Old files: "left right". Lines of a merges.txt that say its version do not count.
BpeMerges read_merge_lines(const JsonValue& json) {
  BpeMerges merges;
  size_t index = 0;
  for (const dom::element item : json.array()) {
    std::string_view line;
    if (item.get_string().get(line) != simdjson::SUCCESS) fail_merge(json, index, "must be a string, as the first is");
    ++index;
    if (line.starts_with("#version")) continue;
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
      fail_merge(json, index - 1, "must be two tokens with one space between them");
    }
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

// New ones: ["left", "right"].
BpeMerges read_merge_pairs(const JsonValue& json) {
  BpeMerges merges;
  for (const dom::element item : json.array()) {
    dom::array pair;
    std::string_view left, right;
    if (item.get_array().get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
        pair.at(0).get_string().get(left) != simdjson::SUCCESS ||
        pair.at(1).get_string().get(right) != simdjson::SUCCESS) {
      fail_merge(json, merges.size(), "must be a pair of two strings");
    }
    merges.emplace_back(left, right);
  }
  return merges;
}

BpeMerges read_merges(const JsonValue& json) {
  const dom::array items = json.array();
  return items.begin() != items.end() && (*items.begin()).is_string() ? read_merge_lines(json) : read_merge_pairs(json);
}

std::unique_ptr<const Model> read_bpe(const JsonValue& json) {
  if (const auto dropout = json.find("dropout")) {
    const double probability = dropout->number();
    if (!(probability >= 0 && probability <= 1)) dropout->fail("must be from 0 to 1");
  }
  BpeOptions options;
  options.unk_token = read_optional_string(json, "unk_token");
  options.continuing_subword_prefix = read_optional_string(json, "continuing_subword_prefix");
  options.end_of_word_suffix = read_optional_string(json, "end_of_word_suffix");
  options.fuse_unk = read_flag(json, "fuse_unk");
  options.byte_fallback = read_flag(json, "byte_fallback");
  options.ignore_merges = read_flag(json, "ignore_merges");
  options.source = json.source();
  return make_bpe(read_vocabulary(json.at("vocab")), read_merges(json.at("merges")), std::move(options));
}

// -------------------------------------------------------------------------------------------------------- Unigram

std::unique_ptr<const Model> read_unigram(const JsonValue& json) {
  const JsonValue vocab = json.at("vocab");
  std::vector<UnigramPiece> pieces;
  for (const dom::element item : vocab.array()) {
    dom::array pair;
    UnigramPiece piece;
    if (item.get_array().get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
        pair.at(0).get_string().get(piece.piece) != simdjson::SUCCESS ||
        pair.at(1).get_double().get(piece.score) != simdjson::SUCCESS) {
      throw InvalidModelError(vocab.source() + ": " + vocab.path() + "[" + std::to_string(pieces.size()) +
                              "] must be a pair of a string and a number");
    }
    piece.score = as_serde_reads(piece.score);
    pieces.push_back(piece);
  }
  UnigramOptions options;
  if (const auto unk_id = json.find("unk_id")) options.unk_id = static_cast<int32_t>(unk_id->natural(kMaxId));
  options.byte_fallback = read_flag(json, "byte_fallback");
  options.source = json.source();
  return make_unigram(pieces, std::move(options));
}

// Old files (DistilBERT's) do not name the type: `tokenizers` then takes the first whose fields are there.
std::string_view model_type(const JsonValue& json) {
  if (json.has("type")) return type_of(json);
  if (json.has("merges")) return "BPE";
  if (json.has("continuing_subword_prefix")) return "WordPiece";
  return json.at("vocab").is_array() ? "Unigram" : "WordLevel";
}

}  // namespace

std::unique_ptr<const Model> read_model(const JsonValue& root) {
  const JsonValue json = root.at("model");
  const std::string_view type = model_type(json);
  if (type == "WordPiece") return read_word_piece(json);
  if (type == "BPE") return read_bpe(json);
  if (type == "Unigram") return read_unigram(json);
  if (type == "WordLevel") return read_word_level(json);
  throw_unsupported(json, type);
}

}  // namespace sbert::tokenizer
