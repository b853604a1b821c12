#include "common/text.h"

#include <cstdint>
#include <cstdio>
#include <simdjson.h>

namespace sbert::common {
namespace {

// Length of the well-formed sequence at the front of `s`, or 0; then `bad` is the length of the maximal ill-formed part
// (Unicode 15, table 3-7).
size_t sequence_length(std::string_view s, size_t& bad) noexcept {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t lead = byte(0);
  bad = 1;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint8_t low = 0x80, high = 0xBF;  // of the second byte
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < length; ++i) {
    if (i >= s.size() || byte(i) < low || byte(i) > high) return 0;
    bad = i + 1;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view valid_utf8(std::string_view text, std::string& storage) {
  if (is_valid_utf8(text)) return text;
  storage.clear();
  storage.reserve(text.size() + 16);
  while (!text.empty()) {
    size_t bad = 0;
    if (const size_t good = sequence_length(text, bad)) {
      storage.append(text.substr(0, good));
      text.remove_prefix(good);
    } else {
      storage.append("\xEF\xBF\xBD");
      text.remove_prefix(bad);
    }
  }
  return storage;
}

char32_t next_code_point(std::string_view text, size_t& i) noexcept {
  auto byte = [&](size_t k) { return static_cast<char32_t>(static_cast<uint8_t>(text[k])); };
  const char32_t lead = byte(i);
  if (lead < 0x80) return i += 1, lead;
  if (lead < 0xE0) {
    const char32_t c = (lead & 0x1F) << 6 | (byte(i + 1) & 0x3F);
    return i += 2, c;
  }
  if (lead < 0xF0) {
    const char32_t c = (lead & 0x0F) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F);
    return i += 3, c;
  }
  const char32_t c =
      (lead & 0x07) << 18 | (byte(i + 1) & 0x3F) << 12 | (byte(i + 2) & 0x3F) << 6 | (byte(i + 3) & 0x3F);
  return i += 4, c;
}

void append_utf8(std::string& out, char32_t c) {
  auto put = [&](char32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

std::string printable_line(std::string_view text) {
  constexpr size_t kMaxBytes = 2000;
  std::string storage, out;
  text = valid_utf8(text, storage);
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    const char32_t c = next_code_point(text, i);
    if (out.size() > kMaxBytes) return out + "...";
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(c));
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : escape;
    } else {
      out.append(text.substr(start, i - start));
    }
  }
  return out;
}

std::string quote(std::string_view name) {
  constexpr size_t kMax = 200;
  if (name.size() <= kMax) return "'" + std::string(name) + "'";
  return "'" + std::string(name.substr(0, kMax / 2)) + "..." + std::string(name.substr(name.size() - kMax / 2)) + "'";
}

}  // namespace sbert::common
