#pragma once

#include <string>
#include <string_view>

// Text as bytes: UTF-8 in and out, and quoting for messages.
namespace sbert::common {

/// `text` when it is valid UTF-8, else a copy in which every maximal ill-formed part is U+FFFD (the substitution of
/// Unicode 3.9, which Python's errors="replace" uses as well). `storage` holds the copy.
std::string_view valid_utf8(std::string_view text, std::string& storage);

/// True when `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_valid_utf8(std::string_view text) noexcept;

/// The code point at `text[i]` of well-formed UTF-8; moves `i` behind it.
char32_t next_code_point(std::string_view text, size_t& i) noexcept;

/// Appends `code_point` as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

/// `text` as one line that is safe to print: broken UTF-8 replaced, control characters escaped, at most 2000 bytes.
std::string printable_line(std::string_view text);

/// 'name' in quotes for a message, shortened in the middle when it is long.
std::string quote(std::string_view name);

}  // namespace sbert::common
