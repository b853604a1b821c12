#pragma once

#include <string>
#include <string_view>

namespace sbert::cli {

/// `text` as a JSON string in quotes; ill-formed UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sbert::cli
