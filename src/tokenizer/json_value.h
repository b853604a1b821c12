#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// A value of a large JSON file, with its place for messages ("'.../tokenizer.json': field 'model.unk_token' ...").
/// Getters throw InvalidModelError when a field is missing or of another type. Valid as long as its JsonFile.
class JsonValue {
 public:
  JsonValue(simdjson::dom::element element, std::string path, const std::string& source)
      : element_(element), path_(std::move(path)), source_(&source) {}

  /// The field, or nothing where it is absent or null.
  std::optional<JsonValue> find(std::string_view key) const;
  JsonValue at(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }
  bool is_object() const { return element_.is_object(); }
  bool is_array() const { return element_.is_array(); }

  std::string_view string() const;
  bool boolean() const;
  /// From 0 to `max`.
  int64_t natural(int64_t max) const;
  double number() const;
  std::vector<JsonValue> items() const;
  simdjson::dom::object object() const;
  /// As items(), for lists so long that a JsonValue for each would take its time.
  simdjson::dom::array array() const;

  const std::string& path() const noexcept { return path_; }
  const std::string& source() const noexcept { return *source_; }
  /// InvalidModelError: "<source>: field '<path>' <problem>".
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  std::string child_path(std::string_view key) const;
  [[noreturn]] void fail_type(const char* expected) const;

  simdjson::dom::element element_;
  std::string path_;
  const std::string* source_;
};

/// A parsed JSON file. Throws InvalidModelError where it is not valid JSON or nested deeper than 64 levels.
class JsonFile {
 public:
  explicit JsonFile(const std::filesystem::path& file);
  /// A document that no file holds; `source` stands for the name in messages.
  JsonFile(std::string_view text, std::string source);
  JsonValue root() const { return {root_, "", source_}; }
  /// The quoted name, for messages.
  const std::string& source() const noexcept { return source_; }
  /// Throws InvalidModelError when an object has a key twice; the object at `unchecked` (as path: "model.vocab") is
  /// left out.
  void check_duplicate_keys(std::string_view unchecked) const;

 private:
  void parse(std::string_view text);

  simdjson::dom::parser parser_;
  std::string source_;
  simdjson::dom::element root_;
};

}  // namespace sbert::tokenizer
