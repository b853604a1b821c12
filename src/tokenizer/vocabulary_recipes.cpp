// Classes that read vocab.txt (WordPiece), or vocab.json and merges.txt (byte-level BPE).

#include <utility>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "common/text.h"
#include "tokenizer/class_recipes.h"
#include "tokenizer/vocabulary_files.h"
#include "tokenizer/wordpiece.h"

namespace sbert::tokenizer::recipes {
namespace {

using common::quote;

Json bert_normalizer(const Folder& folder) {
  const auto strip_accents = folder.config.boolean_if("strip_accents");
  return {{"type", "BertNormalizer"},
          {"clean_text", true},
          {"handle_chinese_chars", folder.flag("tokenize_chinese_chars", true)},
          {"strip_accents", strip_accents ? Json(*strip_accents) : Json()},
          {"lowercase", folder.flag("do_lower_case", true)}};
}

Json byte_level(bool add_prefix_space, bool use_regex) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", use_regex}};
}

std::unique_ptr<const Model> read_bpe_files(const Folder& folder, BpeOptions options) {
  const auto merges_file = folder.path / "merges.txt";
  if (!std::filesystem::exists(merges_file)) {
    throw InvalidModelError("folder " + quote(folder.path.string()) + " has vocab.json but no merges.txt beside it");
  }
  const auto merges = common::MappedFile::open(merges_file);
  options.source = quote(merges_file.string());
  return make_bpe(read_vocab_json(folder.vocab_file), read_merges_txt(merges), std::move(options));
}

}  // namespace

Parts build_bert(Folder& folder) {
  Parts parts;
  parts.normalizer = bert_normalizer(folder);
  parts.pre_tokenizer = {{"type", "BertPreTokenizer"}};
  parts.model = make_word_piece(read_vocab_txt(folder.vocab_file), {.unk_token = folder.special["unk_token"],
                                                                    .source = quote(folder.vocab_file.string())});
  return parts;
}

Parts build_mpnet(Folder& folder) {
  folder.special.strip_left("mask_token");
  return build_bert(folder);
}

Parts build_gpt2(Folder& folder) {
  Parts parts;
  parts.model = read_bpe_files(folder, BpeOptions());
  parts.pre_tokenizer = byte_level(folder.flag("add_prefix_space", false), true);
  return parts;
}

Parts build_qwen2(Folder& folder) {
  static constexpr const char* kPattern =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  Parts parts;
  parts.model = read_bpe_files(folder, BpeOptions());
  parts.normalizer = {{"type", "NFC"}};
  parts.pre_tokenizer =
      sequence_of("pretokenizers", Json::array({split({{"Regex", kPattern}}, "Isolated", false),
                                                byte_level(folder.flag("add_prefix_space", false), false)}));
  return parts;
}

Parts build_clip(Folder& folder) {
  static constexpr const char* kPattern =
      R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
  Parts parts;
  BpeOptions bpe;
  bpe.unk_token = folder.special["unk_token"];
  bpe.end_of_word_suffix = "</w>";
  parts.model = read_bpe_files(folder, std::move(bpe));
  parts.normalizer = sequence_of(
      "normalizers", Json::array({Json{{"type", "NFC"}}, replace_regex(R"(\s+)", " "), Json{{"type", "Lowercase"}}}));
  parts.pre_tokenizer = sequence_of(
      "pretokenizers", Json::array({split({{"Regex", kPattern}}, "Removed", true), byte_level(false, true)}));
  return parts;
}

}  // namespace sbert::tokenizer::recipes
