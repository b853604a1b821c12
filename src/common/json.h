#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::common {

/// A JSON object read from a small configuration file. Every getter throws InvalidModelError naming the file and the
/// field when the value is missing or of another type; a field that is null counts as absent. Integers beyond 64 bits
/// become doubles, nesting beyond 64 levels and duplicate keys are errors. Copies share the document.
class JsonObject {
 public:
  /// Reads a file of at most 64 MiB.
  static JsonObject read_file(const std::filesystem::path& path);
  /// `source` stands for the file's name in errors.
  static JsonObject parse(std::string_view text, std::string source);

  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;

  std::string string(std::string_view key) const;
  std::optional<std::string> string_if(std::string_view key) const;
  /// Between `min` and `max`, both included.
  int64_t integer(std::string_view key, int64_t min, int64_t max) const;
  std::optional<int64_t> integer_if(std::string_view key, int64_t min, int64_t max) const;
  /// Finite; integers are taken too.
  double number(std::string_view key) const;
  std::optional<double> number_if(std::string_view key) const;
  std::optional<bool> boolean_if(std::string_view key) const;
  JsonObject object(std::string_view key) const;
  std::optional<JsonObject> object_if(std::string_view key) const;
  std::vector<std::string> strings(std::string_view key) const;

  /// The name used in errors: the file, with the path of a nested object ("'config.json' field 'rope_scaling'").
  const std::string& source() const noexcept { return source_; }
  /// The object itself, for what the getters do not cover (include <nlohmann/json.hpp> in the .cpp file).
  const nlohmann::json& raw() const noexcept { return *value_; }
  /// Throws InvalidModelError: "<source>: field 'key' <problem>".
  [[noreturn]] void fail(std::string_view key, const std::string& problem) const;

 private:
  JsonObject(std::shared_ptr<const nlohmann::json> document, const nlohmann::json& value, std::string source);
  const nlohmann::json* find(std::string_view key) const;
  const nlohmann::json& require(std::string_view key) const;

  std::shared_ptr<const nlohmann::json> document_;  // keeps value_ alive
  const nlohmann::json* value_;
  std::string source_;
};

/// The JSON document `text`, of any type, under the same limits. Throws InvalidModelError naming `source`.
std::shared_ptr<const nlohmann::json> parse_json(std::string_view text, const std::string& source);

}  // namespace sbert::common
