#include "common/json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "common/text.h"

namespace sbert::common {
namespace {

constexpr size_t kMaxConfigBytes = size_t{64} << 20;
constexpr int kMaxDepth = 64;

// A callback of nlohmann::json::parse that refuses deep nesting before anything recursive sees it, and duplicate keys.
class StrictParsing {
 public:
  explicit StrictParsing(const std::string& source) : source_(source) {}

  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth) {
      throw InvalidModelError(source_ + ": nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (event == Event::object_start) {
      keys_.emplace_back();
    } else if (event == Event::object_end) {
      keys_.pop_back();
    } else if (event == Event::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      throw InvalidModelError(source_ + ": key " + quote(parsed.get<std::string>()) + " appears twice in one object");
    }
    return true;
  }

 private:
  const std::string& source_;
  std::vector<std::set<std::string>> keys_;
};

std::string type_name(const nlohmann::json& value) {
  if (value.is_number_float()) return "a number";
  if (value.is_number()) return "an integer";
  const std::string name = value.type_name();
  return name == "null" ? name : (name == "array" || name == "object" ? "an " : "a ") + name;
}

}  // namespace

std::shared_ptr<const nlohmann::json> parse_json(std::string_view text, const std::string& source) {
  try {
    StrictParsing strict(source);
    return std::make_shared<const nlohmann::json>(
        nlohmann::json::parse(text, [&strict](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          return strict(depth, event, parsed);
        }));
  } catch (const nlohmann::json::exception& e) {
    throw InvalidModelError(source + ": not valid JSON (" + e.what() + ")");
  }
}

JsonObject::JsonObject(std::shared_ptr<const nlohmann::json> document, const nlohmann::json& value, std::string source)
    : document_(std::move(document)), value_(&value), source_(std::move(source)) {
  if (!value_->is_object()) {
    throw InvalidModelError(source_ + ": expected a JSON object, found " + type_name(*value_));
  }
}

JsonObject JsonObject::read_file(const std::filesystem::path& path) {
  return parse(read_small_file(path, kMaxConfigBytes), quote(path.string()));
}

JsonObject JsonObject::parse(std::string_view text, std::string source) {
  auto document = parse_json(text, source);
  const nlohmann::json& value = *document;
  return JsonObject(std::move(document), value, std::move(source));
}

void JsonObject::fail(std::string_view key, const std::string& problem) const {
  throw InvalidModelError(source_ + ": field " + quote(key) + " " + problem);
}

const nlohmann::json* JsonObject::find(std::string_view key) const {
  const auto found = value_->find(std::string(key));
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonObject::require(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) fail(key, "is missing");
  return *value;
}

bool JsonObject::has(std::string_view key) const {
  return find(key) != nullptr;
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> keys;
  for (const auto& item : value_->items()) keys.push_back(item.key());
  return keys;
}

std::string JsonObject::string(std::string_view key) const {
  const nlohmann::json& value = require(key);
  if (!value.is_string()) fail(key, "must be a string, found " + type_name(value));
  return value.get<std::string>();
}

std::optional<std::string> JsonObject::string_if(std::string_view key) const {
  return has(key) ? std::optional(string(key)) : std::nullopt;
}

int64_t JsonObject::integer(std::string_view key, int64_t min, int64_t max) const {
  const nlohmann::json& value = require(key);
  if (!value.is_number_integer()) fail(key, "must be an integer, found " + type_name(value) + " " + value.dump());
  const bool too_large =
      value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (too_large || value.get<int64_t>() < min || value.get<int64_t>() > max) {
    fail(key, "is " + value.dump() + ", expected " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value.get<int64_t>();
}

std::optional<int64_t> JsonObject::integer_if(std::string_view key, int64_t min, int64_t max) const {
  return has(key) ? std::optional(integer(key, min, max)) : std::nullopt;
}

double JsonObject::number(std::string_view key) const {
  const nlohmann::json& value = require(key);
  if (!value.is_number()) fail(key, "must be a number, found " + type_name(value));
  const auto number = value.get<double>();
  if (!std::isfinite(number)) fail(key, "must be finite");
  return number;
}

std::optional<double> JsonObject::number_if(std::string_view key) const {
  return has(key) ? std::optional(number(key)) : std::nullopt;
}

std::optional<bool> JsonObject::boolean_if(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) fail(key, "must be true or false, found " + type_name(*value));
  return value->get<bool>();
}

JsonObject JsonObject::object(std::string_view key) const {
  const nlohmann::json& value = require(key);
  return JsonObject(document_, value, source_ + " field " + quote(key));
}

std::optional<JsonObject> JsonObject::object_if(std::string_view key) const {
  return has(key) ? std::optional(object(key)) : std::nullopt;
}

std::vector<std::string> JsonObject::strings(std::string_view key) const {
  const nlohmann::json& value = require(key);
  if (!value.is_array()) fail(key, "must be an array, found " + type_name(value));
  std::vector<std::string> strings;
  for (const nlohmann::json& item : value) {
    if (!item.is_string()) fail(key, "must hold strings, found " + type_name(item));
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

}  // namespace sbert::common
