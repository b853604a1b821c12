#pragma once

#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include "support/errors.h"
#include "support/temporary_folder.h"

namespace sbert::cli {

using test::contents_of;
using test::message_of;

/// A folder that is gone when the test ends; paths are strings, as the program takes them.
class TemporaryFolder {
 public:
  std::string operator/(const std::string& name) const { return (folder_ / name).string(); }
  std::string path() const { return folder_.path().string(); }

  /// Writes a file and returns its path.
  std::string file(const std::string& name, std::string_view bytes) const {
    return folder_.write(name, bytes).string();
  }
  size_t num_entries() const {
    const std::filesystem::directory_iterator entries(folder_.path());
    return static_cast<size_t>(std::distance(begin(entries), end(entries)));
  }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace sbert::cli
