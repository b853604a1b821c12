#include "jsonl.h"

#include <nlohmann/json.hpp>

#include "errors.h"
#include "message.h"

namespace sbert::cli {
namespace {

/// What nlohmann's parser reports of one line. It keeps only the strings that are asked for, so a deeply nested or
/// large value costs no memory.
struct LineHandler {
  explicit LineHandler(const JsonLinesReader::Options& line_options) : options(line_options) {}

  const JsonLinesReader::Options& options;
  enum class Kind { kOther, kString, kObject, kArray } kind = Kind::kOther;
  std::string other;                     // what a line of Kind::kOther holds
  std::optional<std::string> values[2];  // the text, or the pair
  size_t elements = 0;                   // of the array
  std::string problem;                   // why the value found at a wanted place is none

  // --- what the parser calls; false stops it
  bool null() { return value("null"); }
  bool boolean(bool) { return value("a boolean"); }
  bool number_integer(int64_t) { return value("a number"); }
  bool number_unsigned(uint64_t) { return value("a number"); }
  bool number_float(double, const std::string&) { return value("a number"); }
  bool binary(nlohmann::json::binary_t&) { return value("binary data"); }
  bool string(std::string& text) {
    if (depth_ == 0) {
      kind = Kind::kString;
      values[0] = std::move(text);
    } else if (depth_ == 1 && kind == Kind::kArray) {
      if (elements < 2) values[elements] = std::move(text);
      ++elements;
    } else if (depth_ == 1 && wanted_ >= 0) {
      values[wanted_] = std::move(text);
    }
    return true;
  }
  bool start_object(size_t) { return open(Kind::kObject, "an object"); }
  bool start_array(size_t) { return open(Kind::kArray, "an array"); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (depth_ != 1) return true;
    wanted_ = -1;
    if (options.fields) {
      if (name == options.fields->first) wanted_ = 0;
      if (name == options.fields->second) wanted_ = 1;
    } else if (name == options.field) {
      wanted_ = 0;
    }
    if (wanted_ >= 0 && values[wanted_]) problem = "the field " + quote(name) + " appears twice";
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) {
    problem = "not valid JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  bool value(const char* type) {
    if (depth_ == 0) {
      other = type;
    } else if (depth_ == 1 && kind == Kind::kArray) {
      if (problem.empty()) problem = std::string("an array must hold two strings, found ") + type;
      ++elements;
    } else if (depth_ == 1 && wanted_ >= 0 && problem.empty()) {
      const std::string& name = !options.fields ? options.field
                                : wanted_ == 0  ? options.fields->first
                                                : options.fields->second;
      problem = "the field " + quote(name) + " must be a string, found " + type;
    }
    return true;
  }
  bool open(Kind container, const char* type) {
    if (depth_ == 0) {
      kind = container;
    } else {
      value(type);
    }
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  size_t depth_ = 0;
  int wanted_ = -1;  // which of `values` the key names
};

}  // namespace

void JsonLinesReader::fail(size_t line, const std::string& what) const {
  throw RunError(name_ + " line " + std::to_string(line) + ": " + what);
}

void JsonLinesReader::read(std::string_view lines, TextList& texts) {
  if (line_ == 0 && lines.starts_with("\xEF\xBB\xBF")) lines.remove_prefix(3);
  while (!lines.empty()) {
    const size_t newline = lines.find('\n');
    std::string_view line = lines.substr(0, newline);
    lines.remove_prefix(newline == std::string_view::npos ? lines.size() : newline + 1);
    ++line_;
    if (blank_line_ != 0) fail(blank_line_, "a blank line, expected a JSON value");
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      blank_line_ = line_;
    } else {
      read_line(line, texts);
    }
  }
}

void JsonLinesReader::read_line(std::string_view line, TextList& texts) {
  // The parser takes a NUL for the end of its input, and would skip a second byte order mark.
  if (line.find('\0') != std::string_view::npos) fail(line_, "not valid JSON: it holds a NUL byte");
  if (line.starts_with("\xEF\xBB\xBF")) fail(line_, "not valid JSON: it begins with a byte order mark");
  LineHandler found(options_);
  nlohmann::json::sax_parse(line.begin(), line.end(), &found);
  if (!found.problem.empty()) fail(line_, found.problem);

  bool pair = false;
  switch (found.kind) {
    case LineHandler::Kind::kString:
      if (options_.fields) fail(line_, "a string, expected an object with the fields of --fields");
      break;
    case LineHandler::Kind::kArray:
      if (found.elements != 2) {
        fail(line_, "an array of " + std::to_string(found.elements) + " elements, expected two strings");
      }
      pair = true;
      break;
    case LineHandler::Kind::kObject:
      pair = options_.fields.has_value();
      if (!found.values[0]) {
        fail(line_, "the object has no field " + quote(pair ? options_.fields->first : options_.field) +
                        (pair ? "" : ": name the one to read with --field"));
      }
      if (pair && !found.values[1]) fail(line_, "the object has no field " + quote(options_.fields->second));
      break;
    case LineHandler::Kind::kOther:
      fail(line_, "expected a string, an object or an array of two strings, found " + found.other);
  }

  const Shape shape = pair ? Shape::kPairs : Shape::kTexts;
  if (options_.shape == Shape::kTexts && pair) fail(line_, "a pair, expected one text");
  if (options_.shape == Shape::kPairs && !pair) {
    fail(line_, "one text, expected a pair: an array of two strings, or an object with --fields");
  }
  if (seen_ != Shape::kAny && seen_ != shape) {
    fail(line_,
         pair ? "a pair, but the lines before it are single texts" : "one text, but the lines before it are pairs");
  }
  seen_ = shape;
  if (pair) {
    texts.add(*found.values[0], *found.values[1]);
  } else {
    texts.add(*found.values[0]);
  }
}

}  // namespace sbert::cli
