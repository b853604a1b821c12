#pragma once

#include <string_view>

#include <sbert/logging.h>

namespace sbert::common {

/// Hands `message` to the callback of `sbert::set_log_callback`, if there is one.
void log(LogLevel level, std::string_view message);

}  // namespace sbert::common
