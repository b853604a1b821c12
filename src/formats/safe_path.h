#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sbert::formats {

/// What makes `relative` unsafe to join to a folder ("leaves the model folder", ...), on any system; empty when it is
/// safe: not absolute, no "..", no NUL, no backslash, no drive letter.
std::string path_problem(std::string_view relative);

/// `folder`/`relative` where `relative` is safe. Throws InvalidModelError saying which file or field (`named_by`) named
/// it. Links are followed as the system does: the cache of the Hugging Face hub is made of links.
std::filesystem::path safe_join(const std::filesystem::path& folder, const std::string& relative,
                                const std::string& named_by);

}  // namespace sbert::formats
