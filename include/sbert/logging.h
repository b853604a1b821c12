#pragma once

#include <functional>
#include <string_view>

#include <sbert/export.h>

namespace sbert {

enum class LogLevel { kDebug, kInfo, kWarning };

/// Receives every message of the library: it never prints by itself. Default: messages are dropped. An empty function
/// restores the default. The callback may be called from several threads at once.
using LogCallback = std::function<void(LogLevel level, std::string_view message)>;
SBERT_API void set_log_callback(LogCallback callback);

}  // namespace sbert
