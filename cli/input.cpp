#include "input.h"

#include <algorithm>
#include <unistd.h>

#include "csv.h"
#include "errors.h"
#include "file.h"
#include "message.h"
#include "suffix.h"

namespace sbert::cli {
namespace {

std::pair<std::string, std::string> split_fields(const std::string& fields) {
  const size_t comma = fields.find(',');
  if (comma == 0 || comma == std::string::npos || comma + 1 == fields.size() ||
      fields.find(',', comma + 1) != std::string::npos) {
    throw UsageError("--fields is " + quote(fields) + ", expected two names with a comma between them: --fields a,b");
  }
  std::pair<std::string, std::string> names{fields.substr(0, comma), fields.substr(comma + 1)};
  if (names.first == names.second) throw UsageError("--fields names the same field twice");
  return names;
}

}  // namespace

void TextInput::add_options(ArgumentParser& parser) {
  parser.text("--input", path_, "FILE", "read the texts from a .txt, .jsonl, .csv or .tsv file; - is standard input");
  parser.text("--format", format_name_, "txt|jsonl", "how to read FILE, whatever its name (default of -: txt)");
  parser.text("--field", field_, "NAME", "field of JSON objects that holds the text (default: text)");
  parser.text("--fields", fields_, "A,B", "two fields of JSON objects, or columns of a table, that hold text pairs");
  parser.text("--column", column_, "COLUMN", "column of a table: its number from 1 (no header row) or its name");
}

void TextInput::check(std::vector<std::string> words, Shape shape) {
  words_ = std::move(words);
  shape_ = shape;
  if (path_ && !words_.empty()) throw UsageError("texts are given both as arguments and with --input: choose one");
  if (!path_) {
    if (words_.empty()) throw UsageError("no text: give TEXT arguments, or a file with --input FILE");
    if (format_name_ || field_ || fields_ || column_) {
      throw UsageError("--format, --field, --fields and --column describe a file: give it with --input FILE");
    }
    if (shape_ == Shape::kPairs && words_.size() % 2 != 0) {
      throw UsageError("pairs are two texts each, but the number of TEXT arguments is " +
                       std::to_string(words_.size()));
    }
    return;
  }

  if (format_name_) {
    if (*format_name_ != "txt" && *format_name_ != "jsonl") {
      throw UsageError("--format is " + quote(*format_name_) + ", expected one of: txt, jsonl");
    }
    format_ = *format_name_ == "txt" ? Format::kLines : Format::kJsonLines;
  } else if (*path_ == "-") {
    format_ = Format::kLines;
  } else {
    const std::string suffix = lower_suffix(*path_);
    if (suffix == ".txt") format_ = Format::kLines;
    if (suffix == ".jsonl") format_ = Format::kJsonLines;
    if (suffix == ".csv") format_ = Format::kCsv;
    if (suffix == ".tsv") format_ = Format::kTsv;
    if (format_ == Format::kWords) {
      throw UsageError("--input " + quote(*path_) +
                       " must end with .txt, .jsonl, .csv or .tsv, or have --format txt|jsonl beside it");
    }
  }

  const bool table = format_ == Format::kCsv || format_ == Format::kTsv;
  if (fields_ && (field_ || column_)) throw UsageError("--fields does not go with --field or --column");
  if (column_ && !table) throw UsageError("--column is for .csv and .tsv files");
  if (field_ && format_ != Format::kJsonLines) throw UsageError("--field is for JSON lines");
  if (fields_ && format_ == Format::kLines) throw UsageError("--fields is for JSON lines and tables");
  if (fields_ && shape_ == Shape::kTexts) throw UsageError("--fields gives pairs, expected single texts");
  if (fields_) field_pair_ = split_fields(*fields_);
  if (shape_ == Shape::kPairs && format_ == Format::kLines) {
    throw UsageError("a .txt file has no pairs: give JSON lines, or a table with --fields a,b");
  }
  if (!table) return;
  if (field_pair_) columns_ = {field_pair_->first, field_pair_->second};
  if (column_) columns_ = {*column_};
  if (columns_.empty()) {
    throw UsageError("which column of " + quote(*path_) +
                     " holds the text? Give --column with its number (from 1, no header row) or its name");
  }
  if (shape_ == Shape::kPairs && columns_.size() == 1) {
    throw UsageError("pairs need two columns: give --fields a,b in place of --column");
  }
  check_columns(columns_);
}

std::string TextInput::name() const {
  return path_ == "-" ? "standard input" : quote(*path_);
}

JsonLinesReader::Options TextInput::json_options() const {
  return {.field = field_.value_or("text"), .fields = field_pair_, .shape = shape_};
}

TextList TextInput::read() const {
  if (format_ == Format::kWords) {
    return shape_ == Shape::kPairs ? TextList::of_pairs(words_) : TextList::of_texts(words_);
  }
  std::string bytes = path_ == "-" ? read_descriptor(STDIN_FILENO, name()) : read_file(*path_);
  if (format_ == Format::kLines) return TextList::of_lines(std::move(bytes));
  if (format_ == Format::kCsv) return read_table(bytes, ',', name(), columns_);
  if (format_ == Format::kTsv) return read_table(bytes, '\t', name(), columns_);
  TextList texts;
  JsonLinesReader(name(), json_options()).read(bytes, texts);
  return texts;
}

TextStream::TextStream(const TextInput& input)
    : json_(input.format_ == TextInput::Format::kJsonLines),
      lines_(STDIN_FILENO, input.name()),
      reader_(input.name(), input.json_options()) {}

bool TextStream::next(TextList& texts) {
  before_ += size_;
  size_ = 0;
  std::string lines;
  if (!lines_.next(lines)) return false;
  if (json_) {
    texts = TextList();
    reader_.read(lines, texts);
  } else {
    texts = TextList::of_lines(std::move(lines));
  }
  size_ = texts.size();
  return true;
}

}  // namespace sbert::cli
