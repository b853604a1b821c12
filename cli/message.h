#pragma once

#include <string>
#include <string_view>

// Lines on standard error: always one line each, safe for a terminal whatever bytes a name or a file holds.
namespace sbert::cli {

/// 'name' for a message; shortened in the middle when it is long.
std::string quote(std::string_view name);

/// "cannot read 'x': No such file or directory"
std::string system_message(std::string_view action, std::string_view name, int error_number);

/// `text` with control characters escaped, at most 2000 bytes.
std::string one_line(std::string_view text);

/// Writes "sbert: KIND: TEXT" as one line to standard error, in one write, so that threads do not mix their lines.
void print_message(std::string_view kind, std::string_view text);

}  // namespace sbert::cli
