#include "tokenizer/json_value.h"

#include <algorithm>
#include <utility>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "common/text.h"

namespace sbert::tokenizer {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kMaxDepth = 64;

const char* type_name(dom::element element) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return "an array";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return "an integer";
    case dom::element_type::DOUBLE:
      return "a number with a fraction";
    case dom::element_type::STRING:
      return "a string";
    case dom::element_type::BOOL:
      return "a boolean";
    case dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

// At most kMaxDepth calls deep, since the parser lets nothing deeper pass.
void check_keys(dom::element element, const std::string& path, std::string_view unchecked, const std::string& source) {
  if (element.is_array()) {
    for (const dom::element item : dom::array(element)) check_keys(item, path, unchecked, source);
  } else if (element.is_object() && path != unchecked) {
    std::vector<std::string_view> keys;
    for (const auto field : dom::object(element)) {
      keys.push_back(field.key);
      check_keys(field.value, path.empty() ? std::string(field.key) : path + "." + std::string(field.key), unchecked,
                 source);
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      throw InvalidModelError(source + ": key " + common::quote(*twice) + " appears twice in one object" +
                              (path.empty() ? "" : " (" + common::quote(path) + ")"));
    }
  }
}

}  // namespace

std::string JsonValue::child_path(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void JsonValue::fail(const std::string& problem) const {
  throw InvalidModelError(*source_ + ": " + (path_.empty() ? "the document" : "field " + common::quote(path_)) + " " +
                          problem);
}

void JsonValue::fail_type(const char* expected) const {
  fail(std::string("must be ") + expected + ", found " + type_name(element_));
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  dom::element value;
  if (object().at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return JsonValue(value, child_path(key), *source_);
}

JsonValue JsonValue::at(std::string_view key) const {
  dom::element value;
  if (object().at_key(key).get(value) != simdjson::SUCCESS) {
    throw InvalidModelError(*source_ + ": field " + common::quote(child_path(key)) + " is missing");
  }
  return {value, child_path(key), *source_};
}

std::string_view JsonValue::string() const {
  if (!element_.is_string()) fail_type("a string");
  return element_.get_string().value_unsafe();
}

bool JsonValue::boolean() const {
  if (!element_.is_bool()) fail_type("true or false");
  return element_.get_bool().value_unsafe();
}

int64_t JsonValue::natural(int64_t max) const {
  const std::string expected = "an integer from 0 to " + std::to_string(max);
  if (element_.is_uint64() && !element_.is_int64()) {
    fail("is " + std::to_string(element_.get_uint64().value_unsafe()) + ", expected " + expected);
  }
  if (!element_.is_int64()) fail_type(expected.c_str());
  const int64_t value = element_.get_int64().value_unsafe();
  if (value < 0 || value > max) fail("is " + std::to_string(value) + ", expected " + expected);
  return value;
}

double JsonValue::number() const {
  if (!element_.is_number()) fail_type("a number");
  return element_.get_double().value_unsafe();
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> items;
  for (const dom::element item : array()) {
    items.emplace_back(item, path_ + "[" + std::to_string(items.size()) + "]", *source_);
  }
  return items;
}

dom::object JsonValue::object() const {
  if (!element_.is_object()) fail_type("an object");
  return element_.get_object().value_unsafe();
}

dom::array JsonValue::array() const {
  if (!element_.is_array()) fail_type("an array");
  return element_.get_array().value_unsafe();
}

JsonFile::JsonFile(const std::filesystem::path& file) : source_(common::quote(file.string())) {
  const auto content = common::MappedFile::open(file);
  const auto bytes = content.bytes();
  parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

JsonFile::JsonFile(std::string_view text, std::string source) : source_(std::move(source)) {
  parse(text);
}

void JsonFile::parse(std::string_view text) {
  auto error = parser_.allocate(text.size(), kMaxDepth);
  if (error == simdjson::SUCCESS) {
    // The parser reads a little beyond the end: it copies the text to memory that allows it.
    error = parser_.parse(reinterpret_cast<const uint8_t*>(text.data()), text.size(), true).get(root_);
  }
  if (error == simdjson::DEPTH_ERROR) {
    throw InvalidModelError(source_ + ": nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  if (error != simdjson::SUCCESS) {
    throw InvalidModelError(source_ + ": not valid JSON (" + simdjson::error_message(error) + ")");
  }
}

void JsonFile::check_duplicate_keys(std::string_view unchecked) const {
  check_keys(root_, "", unchecked, source_);
}

}  // namespace sbert::tokenizer
