#include "formats/safetensors.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <simdjson.h>
#include <string_view>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::formats {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kLengthBytes = 8;               // the header's length, u64 little-endian
constexpr uint64_t kMaxHeaderBytes = 100000000;  // of the reference
constexpr int kMaxDepth = 127;                   // containers inside each other that the reference accepts
constexpr size_t kMaxShownDimensions = 8;

// One tensor of the header; the views point into the JSON document.
struct Entry {
  std::string_view name;
  DType dtype = DType::kF32;
  dom::array shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Reads the header of one file; every message names the file, and the tensor where there is one.
class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> file, const std::string& name) : file_(file), name_(name) {}

  SafetensorsContent read() {
    parse(header());
    const dom::object root = object_of(document_);
    check_unique_keys(root, 1, "the header");
    entries_.reserve(root.size());
    for (const dom::key_value_pair field : root) {
      if (field.key == "__metadata__") {
        read_metadata(field.value);
      } else {
        read_entry(field.key, field.value);
      }
    }
    check_layout();
    content_.tensors.reserve(entries_.size());
    for (const Entry& entry : entries_) content_.tensors.push_back(view(entry));
    return std::move(content_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw InvalidModelError(common::quote(name_) + ": " + problem);
  }
  [[noreturn]] void fail(const Entry& entry, const std::string& problem) const {
    fail("tensor " + common::quote(entry.name) + " " + problem);
  }

  // Every size is checked before anything is allocated for it.
  std::string_view header() {
    if (file_.size() < kLengthBytes) {
      fail("a safetensors file has at least 8 bytes, this one has " + std::to_string(file_.size()));
    }
    uint64_t length = 0;
    std::memcpy(&length, file_.data(), kLengthBytes);
    if (length > kMaxHeaderBytes) {
      fail("the header's length is " + std::to_string(length) + " bytes; at most " + std::to_string(kMaxHeaderBytes) +
           " are allowed. Is it a safetensors file?");
    }
    if (length > file_.size() - kLengthBytes) {
      fail("the header's length is " + std::to_string(length) + " bytes, but the file ends " +
           std::to_string(file_.size() - kLengthBytes) +
           " bytes after the length field: it is cut off or not safetensors");
    }
    data_ = file_.subspan(kLengthBytes + length);
    return {reinterpret_cast<const char*>(file_.data()) + kLengthBytes, length};
  }

  // simdjson gets a copy: it wants padding behind the text, and what was checked must be what is used, also when
  // somebody writes to the mapped file meanwhile.
  void parse(std::string_view text) {
    const simdjson::padded_string copy(text);
    simdjson::error_code error = parser_.allocate(text.size(), kMaxDepth + 1);
    if (error == simdjson::SUCCESS) error = parser_.parse(copy).get(document_);
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();
    if (error != simdjson::SUCCESS) {
      fail(std::string("the header is not valid JSON: ") + simdjson::error_message(error));
    }
    if (!document_.is_object()) fail("the header must be a JSON object");
  }

  static dom::object object_of(const dom::element& element) { return element.get_object().value_unsafe(); }
  static dom::array array_of(const dom::element& element) { return element.get_array().value_unsafe(); }

  // Two parsers may see two different files in one that has a key twice. Sorted by hash first, which spares most
  // comparisons of a million keys, and then by key, so that keys made to collide cost no more than a sort.
  void check_unique_keys(const dom::object& object, int depth, const std::string& where) const {
    check_depth(depth);
    std::vector<std::pair<size_t, std::string_view>> keys;
    keys.reserve(object.size());
    for (const dom::key_value_pair field : object) {
      keys.emplace_back(std::hash<std::string_view>()(field.key), field.key);
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) fail("key " + common::quote(twice->second) + " appears twice in " + where);
  }

  void check_depth(int depth) const {
    if (depth > kMaxDepth) fail("the header is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }

  // An unknown field is skipped as the reference does, but what it holds must obey the same rules.
  void check_unknown(const dom::element& value, int depth, const std::string& where) {
    if (value.is_object()) {
      check_unique_keys(object_of(value), depth, where);
      for (const dom::key_value_pair field : object_of(value)) check_unknown(field.value, depth + 1, where);
    } else if (value.is_array()) {
      check_depth(depth);
      for (const dom::element item : array_of(value)) check_unknown(item, depth + 1, where);
    }
  }

  void read_metadata(const dom::element& value) {
    if (value.is_null()) return;
    if (!value.is_object()) fail("'__metadata__' must be an object");
    check_unique_keys(object_of(value), 2, "'__metadata__'");
    for (const dom::key_value_pair field : object_of(value)) {
      std::string_view text;
      if (field.value.get(text) != simdjson::SUCCESS) {
        fail("'__metadata__' key " + common::quote(field.key) + " must hold a string");
      }
      content_.metadata.emplace(field.key, text);
    }
  }

  void read_entry(std::string_view name, const dom::element& value) {
    Entry entry;
    entry.name = name;
    if (!value.is_object()) fail(entry, "must be an object with dtype, shape and data_offsets");
    std::optional<dom::element> dtype;
    std::optional<dom::element> shape;
    std::optional<dom::element> data_offsets;
    size_t unknown = 0;
    for (const dom::key_value_pair field : object_of(value)) {
      std::optional<dom::element>* known = field.key == "dtype"          ? &dtype
                                           : field.key == "shape"        ? &shape
                                           : field.key == "data_offsets" ? &data_offsets
                                                                         : nullptr;
      if (known == nullptr) {
        ++unknown;
      } else if (known->has_value()) {
        fail(entry, "has the key " + common::quote(field.key) + " twice");
      } else {
        *known = field.value;
      }
    }
    if (!dtype || !shape || !data_offsets) {
      fail(entry, std::string("has no ") + (!dtype ? "dtype" : !shape ? "shape" : "data_offsets"));
    }
    if (unknown > 0) check_unknown(value, 2, "tensor " + common::quote(name));
    entry.dtype = read_dtype(entry, *dtype);
    if (!shape->is_array()) fail(entry, "has a shape that is not an array");
    entry.shape = array_of(*shape);
    read_offsets(entry, *data_offsets);
    entries_.push_back(entry);
  }

  DType read_dtype(const Entry& entry, const dom::element& value) const {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) fail(entry, "has a dtype that is not a string");
    const std::optional<DType> dtype = parse_dtype(text);
    if (!dtype) fail(entry, "has the unknown dtype " + common::quote(text));
    return *dtype;
  }

  uint64_t read_unsigned(const Entry& entry, const dom::element& value, const char* what) const {
    uint64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS) {
      fail(entry, std::string("has ") + what + " " + common::quote(simdjson::minify(value)) +
                      "; a non-negative integer is expected");
    }
    return number;
  }

  void read_offsets(Entry& entry, const dom::element& value) const {
    if (!value.is_array() || array_of(value).size() != 2) fail(entry, "must have two data_offsets, begin and end");
    entry.begin = read_unsigned(entry, array_of(value).at(0).value_unsafe(), "the data offset");
    entry.end = read_unsigned(entry, array_of(value).at(1).value_unsafe(), "the data offset");
  }

  // The tensors cover the data without gap, overlap or rest.
  void check_layout() {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    uint64_t covered = 0;
    for (const Entry& entry : entries_) {
      const std::string_view problem = entry.end < entry.begin ? "ends before it begins"
                                       : entry.begin < covered ? "overlaps the tensor before it"
                                       : entry.begin > covered ? "leaves a gap before it"
                                       : entry.end > data_.size()
                                           ? "reaches beyond the end of the file, which is cut off or damaged"
                                           : "";
      if (!problem.empty()) {
        fail(entry, std::string(problem) + ": data_offsets [" + std::to_string(entry.begin) + ", " +
                        std::to_string(entry.end) + "], tensors before it end at " + std::to_string(covered) +
                        ", the file has " + std::to_string(data_.size()) + " bytes of data");
      }
      check_size(entry);
      covered = entry.end;
    }
    if (covered != data_.size()) {
      fail("the tensors end at byte " + std::to_string(covered) + " of the data, but the file has " +
           std::to_string(data_.size()) + " bytes of data: it is damaged or something was appended");
    }
  }

  // The order of the products is the reference's: [0, 2^32, 2^32] is an empty tensor, [2^32, 2^32, 0] an overflow.
  void check_size(const Entry& entry) const {
    uint64_t bits = 1;
    bool overflow = false;
    for (const dom::element item : entry.shape) {
      const uint64_t size = read_unsigned(entry, item, "the dimension");
      if (size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        fail(entry, "has the dimension " + std::to_string(size) + ", which no tensor in memory can have");
      }
      overflow = overflow || __builtin_mul_overflow(bits, size, &bits);
    }
    overflow = overflow || __builtin_mul_overflow(bits, dtype_bits(entry.dtype), &bits);
    if (overflow) fail(entry, "of shape " + shape_text(entry) + " has more elements than 64 bits can count");
    if (bits % 8 != 0) fail(entry, "of shape " + shape_text(entry) + " does not fill whole bytes");
    if (bits / 8 != entry.end - entry.begin) {
      fail(entry, "of type " + std::string(dtype_name(entry.dtype)) + " and shape " + shape_text(entry) + " needs " +
                      std::to_string(bits / 8) + " bytes, its data_offsets hold " +
                      std::to_string(entry.end - entry.begin));
    }
  }

  static std::string shape_text(const Entry& entry) {
    std::string text;
    size_t shown = 0;
    for (const dom::element item : entry.shape) {
      if (shown++ == kMaxShownDimensions) return "[" + text + ", ...]";
      text += (text.empty() ? "" : ", ") + simdjson::minify(item);
    }
    return "[" + text + "]";
  }

  TensorView view(const Entry& entry) const {
    TensorView tensor;
    tensor.name = entry.name;
    tensor.dtype = entry.dtype;
    tensor.shape.reserve(entry.shape.size());
    for (const dom::element item : entry.shape) tensor.shape.push_back(item.get_int64().value_unsafe());
    tensor.bytes = data_.subspan(entry.begin, entry.end - entry.begin);
    tensor.file = name_;
    return tensor;
  }

  std::span<const std::byte> file_;
  std::span<const std::byte> data_;
  const std::string& name_;
  dom::parser parser_;
  dom::element document_;
  std::vector<Entry> entries_;
  SafetensorsContent content_;
};

}  // namespace

SafetensorsContent parse_safetensors(std::span<const std::byte> file, const std::string& name) {
  return HeaderReader(file, name).read();
}

}  // namespace sbert::formats
