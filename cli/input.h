#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "jsonl.h"
#include "line_stream.h"
#include "text_list.h"

namespace sbert::cli {

/// Where the texts of a command come from: the words of the command line, a file, or standard input.
class TextInput {
 public:
  void add_options(ArgumentParser& parser);

  /// Call it with the words behind MODEL. Throws UsageError for options that do not fit together; reads nothing.
  void check(std::vector<std::string> words, Shape shape);

  /// All texts. Throws RunError naming file and line.
  TextList read() const;

  /// True when the lines of standard input can be answered as they come.
  bool is_stream() const { return format_ == Format::kLines || format_ == Format::kJsonLines ? path_ == "-" : false; }

 private:
  friend class TextStream;
  enum class Format { kWords, kLines, kJsonLines, kCsv, kTsv };

  std::string name() const;
  JsonLinesReader::Options json_options() const;

  std::optional<std::string> path_, format_name_, field_, fields_, column_;
  std::vector<std::string> words_;
  std::vector<std::string> columns_;                               // of a table: one, or two for pairs
  std::optional<std::pair<std::string, std::string>> field_pair_;  // --fields
  Format format_ = Format::kWords;
  Shape shape_ = Shape::kAny;
};

/// Standard input as batches of texts.
class TextStream {
 public:
  explicit TextStream(const TextInput& input);

  /// The texts that wait; false at the end.
  bool next(TextList& texts);
  /// The number of texts that came before the batch that next() gave last.
  size_t texts_before() const noexcept { return before_; }

 private:
  const bool json_;
  LineStream lines_;
  JsonLinesReader reader_;
  size_t before_ = 0;
  size_t size_ = 0;
};

}  // namespace sbert::cli
