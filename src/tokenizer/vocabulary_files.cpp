#include "tokenizer/vocabulary_files.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/json_components.h"
#include "tokenizer/json_value.h"
#include "tokenizer/unicode.h"

namespace sbert::tokenizer {
namespace {

using common::quote;

// piece_merges looks up every part of every piece: quadratic in the length of a piece. sentencepiece's own limit is 16
// characters by default; Gemma has 31 spaces of three bytes.
constexpr size_t kMaxPieceBytes = 512;

std::string_view checked_text(const common::MappedFile& content) {
  const std::string_view text(reinterpret_cast<const char*>(content.bytes().data()), content.bytes().size());
  const std::string name = quote(content.path().string());
  if (!common::is_valid_utf8(text)) throw InvalidModelError(name + ": not valid UTF-8");
  if (text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw InvalidModelError(name + ": larger than 2 GiB");
  }
  return text;
}

// Takes the first line off `text`, without its "\n".
std::string_view take_line(std::string_view& text) {
  const size_t length = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return line;
}

// Without the white space at its end, as `tokenizers` reads a line of vocab.txt.
std::string_view trim_end(std::string_view line) {
  while (!line.empty()) {
    size_t start = line.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(line[start]) & 0xC0) == 0x80) --start;
    size_t i = start;
    if (!unicode::is_whitespace(common::next_code_point(line, i))) break;
    line = line.substr(0, start);
  }
  return line;
}

bool is_character_start(char byte) noexcept {
  return (static_cast<uint8_t>(byte) & 0xC0) != 0x80;
}

}  // namespace

Vocabulary read_vocab_txt(const std::filesystem::path& file) {
  const auto content = common::MappedFile::open(file);
  std::string_view text = checked_text(content);
  Vocabulary vocabulary;
  vocabulary.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1, text.size());
  for (int32_t id = 0; !text.empty(); ++id) vocabulary.add_or_replace(trim_end(take_line(text)), id);
  return vocabulary;
}

Vocabulary read_vocab_json(const std::filesystem::path& file) {
  const JsonFile json(file);
  const auto entries = json.root().object();
  Vocabulary vocabulary;
  for (const auto entry : entries) {
    int64_t id = 0;
    if (entry.value.get_int64().get(id) != simdjson::SUCCESS || id < 0 || id > kMaxId) {
      throw InvalidModelError(json.source() + ": the id of " + quote(entry.key) + " must be an integer from 0 to " +
                              std::to_string(kMaxId));
    }
    if (!vocabulary.add(entry.key, static_cast<int32_t>(id))) {
      throw InvalidModelError(json.source() + ": key " + quote(entry.key) + " appears twice");
    }
  }
  return vocabulary;
}

BpeMerges read_merges_txt(const common::MappedFile& content) {
  std::string_view text = checked_text(content);
  BpeMerges merges;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("#version")) continue;
    const size_t space = line.find(' ');
    if (space == line.npos || line.find(' ', space + 1) != line.npos) {
      throw InvalidModelError(quote(content.path().string()) + ": line " + std::to_string(number) +
                              " must be two tokens with one space between them, found " +
                              quote(common::printable_line(line)));
    }
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

Vocabulary piece_vocabulary(const SentencePieceModel& model) {
  Vocabulary vocabulary;
  for (size_t id = 0; id < model.pieces.size(); ++id) {
    vocabulary.add_or_replace(model.pieces[id].text, static_cast<int32_t>(id));
  }
  return vocabulary;
}

BpeMerges piece_merges(const SentencePieceModel& model, const Vocabulary& vocabulary) {
  BpeMerges merges;
  for (size_t id = 0; id < model.pieces.size(); ++id) {
    const std::string_view piece = model.pieces[id].text;
    if (vocabulary.find(piece) != static_cast<int32_t>(id)) continue;  // a later piece is the same
    if (piece.size() > kMaxPieceBytes) {
      throw UnsupportedError(model.source + ": piece " + std::to_string(id) + " has " + std::to_string(piece.size()) +
                             " bytes; more than " + std::to_string(kMaxPieceBytes) + " are not supported for BPE");
    }
    for (size_t cut = 1; cut < piece.size(); ++cut) {
      if (!is_character_start(piece[cut])) continue;
      const std::string_view left = piece.substr(0, cut), right = piece.substr(cut);
      if (vocabulary.find(left) != Vocabulary::kNone && vocabulary.find(right) != Vocabulary::kNone) {
        merges.emplace_back(left, right);
      }
    }
  }
  return merges;
}

}  // namespace sbert::tokenizer
