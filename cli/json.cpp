#include "json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sbert::cli {

void append_json_string(std::string& out, std::string_view text) {
  // Most tokens are plain ASCII: they need no library.
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7F' && c != '"' && c != '\\'; });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

}  // namespace sbert::cli
