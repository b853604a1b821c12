#pragma once

#include <string>

namespace sbert::cli {

/// The suffix of the last part of `path` in lower case, with its dot: ".jsonl"; "" when it has none.
inline std::string lower_suffix(const std::string& path) {
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) return "";
  std::string suffix = path.substr(dot);
  for (char& c : suffix) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return suffix;
}

}  // namespace sbert::cli
