#include "csv.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "errors.h"
#include "message.h"

namespace sbert::cli {
namespace {

/// The number that `column` is, or nothing when it is a name.
std::optional<size_t> column_number(const std::string& column) {
  if (column.empty() || column.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  size_t number = 0;
  const auto result = std::from_chars(column.data(), column.data() + column.size(), number);
  if (result.ec != std::errc() || number == 0) {
    throw UsageError("the column " + quote(column) + " is out of range: columns are counted from 1");
  }
  return number;
}

/// The place of the column `name` in the header row, from 0.
size_t find_column(const CsvReader& reader, const std::vector<std::string>& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    std::string names;
    for (const std::string& field : header) names += (names.empty() ? "" : ", ") + quote(field);
    reader.fail("the header has no column " + quote(name) + ", it has " + names);
  }
  if (std::find(found + 1, header.end(), name) != header.end()) {
    reader.fail("the header has the column " + quote(name) + " twice: give its number");
  }
  return static_cast<size_t>(found - header.begin());
}

}  // namespace

CsvReader::CsvReader(std::string_view bytes, char separator, std::string name)
    : bytes_(bytes), separator_(separator), name_(std::move(name)) {
  if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

void CsvReader::fail(const std::string& what) const {
  throw RunError(name_ + " row " + std::to_string(row_) + ": " + what);
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  if (at_ == bytes_.size()) return false;
  ++row_;
  for (;;) {
    std::string& field = fields.emplace_back();
    if (at_ < bytes_.size() && bytes_[at_] == '"') {
      read_quoted(field);
    } else {
      const char ends[] = {separator_, '\n'};
      const size_t end = std::min(bytes_.find_first_of(std::string_view(ends, 2), at_), bytes_.size());
      field = bytes_.substr(at_, end - at_);
      at_ = end;
      // A CR belongs to the line end only where the row ends.
      if ((at_ == bytes_.size() || bytes_[at_] == '\n') && field.ends_with('\r')) field.pop_back();
    }
    if (at_ == bytes_.size()) return true;
    if (bytes_[at_++] == '\n') return true;
  }
}

void CsvReader::read_quoted(std::string& field) {
  ++at_;
  for (;;) {
    const size_t quote_at = bytes_.find('"', at_);
    if (quote_at == std::string_view::npos) fail("a field in quotes does not end");
    field += bytes_.substr(at_, quote_at - at_);
    at_ = quote_at + 1;
    if (at_ == bytes_.size() || bytes_[at_] != '"') break;
    field += '"';
    ++at_;
  }
  if (at_ < bytes_.size() && bytes_[at_] == '\r' && (at_ + 1 == bytes_.size() || bytes_[at_ + 1] == '\n')) ++at_;
  if (at_ < bytes_.size() && bytes_[at_] != separator_ && bytes_[at_] != '\n') {
    fail("text after a closing quote (a quote inside a field in quotes is written twice)");
  }
}

void check_columns(const std::vector<std::string>& columns) {
  size_t numbers = 0;
  for (const std::string& column : columns) {
    if (column.empty()) throw UsageError("the name of a column is empty");
    numbers += column_number(column).has_value() ? 1 : 0;
  }
  if (numbers != 0 && numbers != columns.size()) {
    throw UsageError("columns are either all given by number (a table without header) or all by name");
  }
}

TextList read_table(std::string_view bytes, char separator, const std::string& name,
                    const std::vector<std::string>& columns) {
  check_columns(columns);
  CsvReader reader(bytes, separator, name);
  std::vector<std::string> fields;
  std::vector<size_t> places;
  for (const std::string& column : columns) {
    if (const auto number = column_number(column)) places.push_back(*number - 1);
  }
  TextList texts;
  if (places.empty()) {
    if (!reader.next(fields)) return texts;
    for (const std::string& column : columns) places.push_back(find_column(reader, fields, column));
  }
  const size_t last = *std::max_element(places.begin(), places.end());
  while (reader.next(fields)) {
    if (last >= fields.size()) {
      reader.fail("it has " + std::to_string(fields.size()) + (fields.size() == 1 ? " column" : " columns") +
                  ", but column " + std::to_string(last + 1) + " is to be read");
    }
    if (places.size() == 2) {
      texts.add(fields[places[0]], fields[places[1]]);
    } else {
      texts.add(fields[places[0]]);
    }
  }
  return texts;
}

}  // namespace sbert::cli
