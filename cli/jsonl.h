#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "text_list.h"

namespace sbert::cli {

/// Whether a command wants single texts, text pairs, or takes what comes.
enum class Shape { kAny, kTexts, kPairs };

/// Reads JSON lines: a string is a text; an object gives the text in its field `field`, or the pair in `fields`; an
/// array of two strings is a pair. All lines of an input are of one kind.
class JsonLinesReader {
 public:
  struct Options {
    std::string field = "text";
    std::optional<std::pair<std::string, std::string>> fields;  ///< wins over `field`
    Shape shape = Shape::kAny;
  };

  /// `name` stands in messages, with the number of the line.
  JsonLinesReader(std::string name, Options options) : name_(std::move(name)), options_(std::move(options)) {}

  /// Appends the texts of `lines` (whole lines) to `texts`; call it again with the lines that follow. One blank line is
  /// allowed at the very end. Throws RunError naming the line.
  void read(std::string_view lines, TextList& texts);

 private:
  void read_line(std::string_view line, TextList& texts);
  [[noreturn]] void fail(size_t line, const std::string& what) const;

  const std::string name_;
  const Options options_;
  size_t line_ = 0;        // the number of the current line, from 1
  size_t blank_line_ = 0;  // the number of the blank line that may be the last one
  Shape seen_ = Shape::kAny;
};

}  // namespace sbert::cli
