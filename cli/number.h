#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sbert::cli {

/// The shortest decimal number that reads back as the same float. Throws RunError for NaN and infinities: JSON has no
/// word for them.
void append_number(std::string& out, float value);
void append_number(std::string& out, int8_t value);
void append_number(std::string& out, uint8_t value);
void append_number(std::string& out, int32_t value);
void append_number(std::string& out, size_t value);

}  // namespace sbert::cli
