#pragma once

#include <cstddef>
#include <string>
#include <vector>

// Values as Python prints them, for Module::description.
namespace sbert::modules {

std::string python_number(double value);
std::string python_list(const std::vector<size_t>& values);
const char* python_boolean(bool value) noexcept;

}  // namespace sbert::modules
