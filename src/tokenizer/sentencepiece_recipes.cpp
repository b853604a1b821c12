// Classes that read a sentencepiece model: first those of Unigram, then those of BPE.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/class_recipes.h"
#include "tokenizer/sentencepiece_model.h"
#include "tokenizer/unigram.h"
#include "tokenizer/vocabulary_files.h"

namespace sbert::tokenizer::recipes {
namespace {

using common::quote;

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < group.size() ? static_cast<uint8_t>(group[k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

// Null where the file has no table.
Json precompiled(const SentencePieceModel& file) {
  if (file.precompiled_charsmap.empty()) return {};
  return {{"type", "Precompiled"}, {"precompiled_charsmap", base64(file.precompiled_charsmap)}};
}

Json metaspace(const char* prepend_scheme, bool split) {
  return {{"type", "Metaspace"}, {"replacement", kSpaceMark}, {"prepend_scheme", prepend_scheme}, {"split", split}};
}

// Words at white space, each with the space mark in front.
Json metaspace_words(bool add_prefix_space) {
  return sequence_of("pretokenizers", Json::array({Json{{"type", "WhitespaceSplit"}},
                                                   metaspace(add_prefix_space ? "always" : "never", true)}));
}

std::vector<UnigramPiece> pieces_from(const SentencePieceModel& file, size_t first) {
  std::vector<UnigramPiece> pieces;
  pieces.reserve(file.pieces.size() + 8);
  for (size_t i = first; i < file.pieces.size(); ++i) pieces.push_back({file.pieces[i].text, file.pieces[i].score});
  return pieces;
}

std::unique_ptr<const Model> unigram(const SentencePieceModel& file, const std::vector<UnigramPiece>& pieces,
                                     int32_t unk_id) {
  return make_unigram(pieces, {.unk_id = unk_id, .byte_fallback = false, .source = file.source});
}

// Control and user-defined pieces become added tokens.
std::vector<AddedToken> piece_tokens(const SentencePieceModel& file) {
  using Type = SentencePieceModel::Type;
  std::vector<AddedToken> tokens;
  for (const SentencePieceModel::Piece& piece : file.pieces) {
    if (piece.type != Type::kControl && piece.type != Type::kUserDefined) continue;
    tokens.push_back(
        {.content = std::string(piece.text), .normalized = false, .special = piece.type == Type::kControl});
  }
  return tokens;
}

SentencePieceModel read_sentencepiece(Folder& folder) {
  SentencePieceModel file(folder.vocab_file);
  folder.special.set_default_extra(piece_tokens(file));
  return file;
}

std::unique_ptr<const Model> piece_bpe(const SentencePieceModel& file, Vocabulary vocabulary, BpeOptions options) {
  const BpeMerges merges = piece_merges(file, vocabulary);
  options.fuse_unk = true;
  options.source = file.source;
  return make_bpe(std::move(vocabulary), merges, std::move(options));
}

// A piece whose id `added_tokens_decoder` gives to another string becomes that string.
Vocabulary renamed_pieces(const SentencePieceModel& file, const SpecialTokens& special) {
  const Vocabulary original = piece_vocabulary(file);
  Vocabulary vocabulary;
  original.for_each([&](std::string_view piece, int32_t id) {
    const auto renamed = special.numbered().find(id);
    const bool is_new = renamed != special.numbered().end() && !renamed->second.content.empty() &&
                        original.find(renamed->second.content) == Vocabulary::kNone;
    vocabulary.add(is_new ? std::string_view(renamed->second.content) : piece, id);
  });
  return vocabulary;
}

}  // namespace

// The sentinels <extra_id_N> stand behind the pieces, the last one first.
Parts build_t5(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  const int64_t extra_ids = folder.config.integer_if("extra_ids", 0, 100'000).value_or(100);
  std::vector<std::string> sentinels;
  for (int64_t i = 0; i < extra_ids; ++i) sentinels.push_back("<extra_id_" + std::to_string(i) + ">");

  auto tokens = piece_tokens(file);
  const auto is_sentinel = [](const AddedToken& token) {
    return token.content.find("<extra_id_") != std::string::npos;
  };
  const int64_t known = std::count_if(tokens.begin(), tokens.end(), is_sentinel);
  if (known == 0) {
    for (const std::string& sentinel : sentinels) tokens.push_back(SpecialTokens::special_token(sentinel));
  } else if (extra_ids > 0 && known != extra_ids) {
    throw InvalidModelError(file.source + ": has " + std::to_string(known) + " <extra_id_*> pieces, but extra_ids is " +
                            std::to_string(extra_ids));
  }
  folder.special.set_default_extra(std::move(tokens));

  auto pieces = pieces_from(file, 0);
  for (auto sentinel = sentinels.rbegin(); sentinel != sentinels.rend(); ++sentinel) pieces.push_back({*sentinel, 0});
  Parts parts;
  parts.model = unigram(file, pieces, 2);
  parts.normalizer = precompiled(file);
  parts.pre_tokenizer = metaspace_words(true);
  return parts;
}

// fairseq's order of special tokens before the pieces, and the mask behind them
Parts build_xlm_roberta(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  std::vector<UnigramPiece> pieces;
  for (const char* name : {"bos_token", "pad_token", "eos_token", "unk_token"}) {
    pieces.push_back({folder.special[name], 0});
  }
  const auto rest = pieces_from(file, 3);
  pieces.insert(pieces.end(), rest.begin(), rest.end());
  pieces.push_back({folder.special["mask_token"], 0});
  Parts parts;
  parts.model = unigram(file, pieces, 3);
  parts.normalizer = precompiled(file);
  parts.pre_tokenizer = metaspace_words(folder.flag("add_prefix_space", true));
  return parts;
}

Parts build_camembert(Folder& folder) {
  folder.special.strip_left("mask_token");
  const SentencePieceModel file = read_sentencepiece(folder);
  if (!file.is_unigram) throw InvalidModelError(file.source + ": CamembertTokenizer needs a unigram model");
  const std::string& unk = folder.special["unk_token"];
  std::vector<UnigramPiece> pieces = {
      {"<s>NOTUSED", 0}, {folder.special["pad_token"], 0}, {"</s>NOTUSED", 0}, {unk, 0}, {"<unk>NOTUSED", -100}};
  const auto rest = pieces_from(file, 1);
  pieces.insert(pieces.end(), rest.begin(), rest.end());
  pieces.push_back({folder.special["mask_token"], 0});
  const auto is_unk = [&](const UnigramPiece& piece) { return piece.piece == unk; };
  const auto unk_place = std::find_if(pieces.begin(), pieces.end(), is_unk);
  Parts parts;
  parts.model = unigram(file, pieces, static_cast<int32_t>(unk_place - pieces.begin()));
  parts.normalizer = precompiled(file);
  parts.pre_tokenizer = metaspace_words(folder.flag("add_prefix_space", true));
  return parts;
}

// The table of the file is not used.
Parts build_deberta_v2(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  const auto pieces = pieces_from(file, 0);
  const std::string& unk = folder.special["unk_token"];
  const auto is_unk = [&](const UnigramPiece& piece) { return piece.piece == unk && piece.score == 0; };
  const auto found = std::find_if(pieces.begin(), pieces.end(), is_unk);
  Parts parts;
  parts.model =
      unigram(file, pieces, found == pieces.end() ? file.unk_id : static_cast<int32_t>(found - pieces.begin()));
  Json normalizers = Json::array();
  if (folder.flag("do_lower_case", false)) normalizers.push_back({{"type", "Lowercase"}});
  normalizers.push_back(replace_regex(R"(\s{2,}|[\n\r\t])", " "));
  normalizers.push_back({{"type", "NFC"}});
  normalizers.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
  parts.normalizer = sequence_of("normalizers", std::move(normalizers));
  Json pre_tokenizers = Json::array();
  if (folder.flag("split_by_punct", false)) {
    pre_tokenizers.push_back({{"type", "Punctuation"}, {"behavior", "Isolated"}});
  }
  pre_tokenizers.push_back(metaspace(folder.flag("add_prefix_space", true) ? "always" : "first", true));
  parts.pre_tokenizer = sequence_of("pretokenizers", std::move(pre_tokenizers));
  return parts;
}

Parts build_albert(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  Parts parts;
  parts.model = unigram(file, pieces_from(file, 0), 1);
  for (const char* name : {"cls_token", "sep_token"}) {
    if (!parts.model->token_to_id(folder.special[name])) {
      throw InvalidModelError(file.source + ": has no piece " + quote(folder.special[name]) + ", the " + name +
                              " of this folder");
    }
  }
  Json normalizers = Json::array({replace_string("``", "\""), replace_string("''", "\"")});
  if (!folder.flag("keep_accents", false)) {
    normalizers.push_back({{"type", "NFKD"}});
    normalizers.push_back({{"type", "StripAccents"}});
  }
  if (folder.flag("do_lower_case", true)) normalizers.push_back({{"type", "Lowercase"}});
  if (Json table = precompiled(file); !table.is_null()) normalizers.push_back(std::move(table));
  parts.normalizer = sequence_of("normalizers", std::move(normalizers));
  parts.pre_tokenizer = metaspace_words(folder.flag("add_prefix_space", true));
  return parts;
}

Parts build_llama(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  const char* const with_prefix = folder.flag("legacy", false) ? "always" : "first";
  Parts parts;
  BpeOptions bpe;
  bpe.byte_fallback = true;
  parts.model = piece_bpe(file, piece_vocabulary(file), std::move(bpe));
  parts.pre_tokenizer = metaspace(folder.flag("add_prefix_space", true) ? with_prefix : "never", false);
  return parts;
}

Parts build_gemma(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  Parts parts;
  BpeOptions bpe;
  bpe.unk_token = folder.special["unk_token"];
  bpe.byte_fallback = true;
  parts.model = piece_bpe(file, piece_vocabulary(file), std::move(bpe));
  parts.normalizer = replace_string(" ", kSpaceMark);
  parts.pre_tokenizer = split({{"String", " "}}, "MergedWithPrevious", false);
  return parts;
}

// The general class TokenizersBackend: nothing but what the file says.
Parts build_backend(Folder& folder) {
  const SentencePieceModel file = read_sentencepiece(folder);
  if (file.bos_id >= 0) folder.special.set_default("bos_token", file.bos_piece.empty() ? "<s>" : file.bos_piece);
  if (file.eos_id >= 0) folder.special.set_default("eos_token", file.eos_piece.empty() ? "</s>" : file.eos_piece);
  if (file.unk_id >= 0) folder.special.set_default("unk_token", file.unk_piece.empty() ? "<unk>" : file.unk_piece);
  Parts parts;
  if (file.is_unigram) {
    parts.model = make_unigram(pieces_from(file, 0),
                               {.unk_id = file.unk_id, .byte_fallback = file.byte_fallback, .source = file.source});
  } else {
    BpeOptions bpe;
    bpe.unk_token = file.unk_piece;
    bpe.byte_fallback = file.byte_fallback;
    parts.model = piece_bpe(file, renamed_pieces(file, folder.special), std::move(bpe));
  }
  Json normalizers = Json::array();
  if (Json table = precompiled(file); !table.is_null()) normalizers.push_back(std::move(table));
  normalizers.push_back(replace_string(" ", kSpaceMark));
  parts.normalizer = sequence_of("normalizers", std::move(normalizers));
  return parts;
}

}  // namespace sbert::tokenizer::recipes
