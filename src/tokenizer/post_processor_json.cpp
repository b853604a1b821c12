// The `post_processor` block of tokenizer.json.

#include <string>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

// Far beyond any real file; they bound what one text may cost.
constexpr size_t kMaxTextPieces = 16, kMaxSpecialTokens = 4096;

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

enum class Place : uint8_t { kAlone, kInSequence };

PostProcessor read_template_processing(const JsonValue& json, Place place) {
  const JsonValue special_tokens = json.at("special_tokens");
  auto single = read_template(json.at("single"), special_tokens);
  for (const TemplatePiece& piece : single) {
    if (place == Place::kAlone && piece.kind == TemplatePiece::Kind::kSecondText)
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

// `tokenizers` does not look at the type of these two, but takes the first whose fields are all there.
PostProcessor read_bert_or_roberta(const JsonValue& json) {
  const int32_t cls = read_token_and_id(json.at("cls")), sep = read_token_and_id(json.at("sep"));
  const auto trim_offsets = json.find("trim_offsets"), add_prefix_space = json.find("add_prefix_space");
  if (!trim_offsets || !add_prefix_space) return PostProcessor::bert(cls, sep);
  trim_offsets->boolean(), add_prefix_space->boolean();  // they change no ids
  return PostProcessor::roberta(cls, sep);
}

PostProcessor read_processor(const JsonValue& json, Place place) {
  if (!json.has("type") && json.has("sep")) return read_bert_or_roberta(json);
  const std::string_view type = type_of(json);
  if (type == "BertProcessing" || type == "RobertaProcessing") return read_bert_or_roberta(json);
  if (type == "TemplateProcessing") return read_template_processing(json, place);
  if (type == "ByteLevel") {  // moves offsets only
    json.at("add_prefix_space").boolean(), json.at("trim_offsets").boolean();
    return PostProcessor();
  }
  if (type == "Sequence") {
    std::vector<PostProcessor> processors;
    for (const JsonValue& item : json.at("processors").items()) {
      processors.push_back(read_processor(item, Place::kInSequence));
    }
    return PostProcessor::sequence(processors, json.source());
  }
  throw_unsupported(json, type);
}

}  // namespace

PostProcessor read_post_processor(const JsonValue& root) {
  const auto json = root.find("post_processor");
  return json ? read_processor(*json, Place::kAlone) : PostProcessor();
}

}  // namespace sbert::tokenizer
