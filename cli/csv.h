#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text_list.h"

namespace sbert::cli {

/// Splits a table into rows as RFC 4180 says: fields may stand in quotes, and then hold separators, line ends and
/// doubled quotes; rows end with LF or CRLF. A quote inside a field that does not begin with one is a character.
class CsvReader {
 public:
  CsvReader(std::string_view bytes, char separator, std::string name);

  /// Reads the next row; false at the end. Throws RunError naming the row.
  bool next(std::vector<std::string>& fields);
  /// The number of the row that was read last, from 1, and a message about it.
  size_t row() const noexcept { return row_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void read_quoted(std::string& field);

  std::string_view bytes_;
  const char separator_;
  const std::string name_;
  size_t at_ = 0;
  size_t row_ = 0;
};

/// Reads one column as texts, or two as pairs. A column is a number from 1, and then every row is data; or a name, and
/// then the first row is the header. Throws RunError naming the row when a column is missing, UsageError when a name
/// and a number are mixed or the number is 0.
TextList read_table(std::string_view bytes, char separator, const std::string& name,
                    const std::vector<std::string>& columns);

/// Throws UsageError for columns that read_table would refuse before reading.
void check_columns(const std::vector<std::string>& columns);

}  // namespace sbert::cli
