#pragma once

#include <string>

namespace sbert::cli {

/// Every byte of the file (or device, or pipe) `path`. Throws RunError.
std::string read_file(const std::string& path);

/// Every byte that is left in `descriptor`; `name` stands in messages.
std::string read_descriptor(int descriptor, const std::string& name);

/// Reads up to `size` bytes, 0 at the end; tries again when a signal interrupts. Throws RunError.
size_t read_some(int descriptor, char* buffer, size_t size, const std::string& name);

}  // namespace sbert::cli
