#pragma once

#include <filesystem>
#include <system_error>

namespace sbert::formats {

/// True when the folder has an entry of that name, be it a dangling link: opening it then says which file is missing,
/// where treating it as absent would silently load something else.
inline bool has_entry(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

}  // namespace sbert::formats
