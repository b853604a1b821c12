#include "formats/safe_path.h"

#include <algorithm>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::formats {

std::string path_problem(std::string_view relative) {
  if (relative.find('\0') != std::string_view::npos) return "has a NUL character";
  if (relative.find('\\') != std::string_view::npos) return "has a backslash";
  const bool drive = relative.size() > 1 && relative[1] == ':';
  if (drive || relative.starts_with('/')) return "is not relative to the model folder";
  for (size_t begin = 0; begin <= relative.size();) {
    const size_t end = std::min(relative.find('/', begin), relative.size());
    if (relative.substr(begin, end - begin) == "..") return "leaves the model folder";
    begin = end + 1;
  }
  return "";
}

std::filesystem::path safe_join(const std::filesystem::path& folder, const std::string& relative,
                                const std::string& named_by) {
  const std::string problem = path_problem(relative);
  if (!problem.empty()) throw InvalidModelError(named_by + ": the path " + common::quote(relative) + " " + problem);
  return relative.empty() ? folder : folder / relative;
}

}  // namespace sbert::formats
