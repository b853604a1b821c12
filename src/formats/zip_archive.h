#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::formats {

/// A zip archive whose entries are stored without compression, as torch.save writes them; zip64 where it is needed.
/// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
class ZipArchive {
 public:
  struct Entry {
    std::string name;
    std::span<const std::byte> bytes;  // inside the file
  };

  /// Reads the directory of `file`, the bytes of a whole archive. Compressed or encrypted entries are an
  /// UnsupportedError. InvalidModelErrors, each naming the file (`name`) and the entry: names that leave the archive
  /// ("../x"), two entries of one name, entries that overlap or reach beyond the directory, local headers that
  /// contradict it, and anything behind the archive's end.
  static ZipArchive parse(std::span<const std::byte> file, const std::string& name);

  /// Sorted by name.
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// Null when there is no such entry.
  const Entry* find(std::string_view name) const noexcept;
  /// The entry that the directory lists first.
  const std::string& first_name() const noexcept { return first_name_; }

 private:
  std::vector<Entry> entries_;
  std::string first_name_;
};

}  // namespace sbert::formats
