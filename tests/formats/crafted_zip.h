#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Zip archives made by a test, field by field. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
namespace sbert::formats {

template <typename Integer>
std::string little_endian(Integer value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

struct CraftedEntry {
  std::string name;
  std::string data;
  uint16_t method = 0;
  uint16_t flags = 0;
  std::string local_name = name;
  bool zip64 = false;                // sizes and offset in the extra field
  int64_t overlap_with_before = -1;  // >= 0: the directory points that many bytes before the entry
};

/// The archive of `entries`, in that order. With `zip64` its end is a zip64 one.
inline std::string crafted_zip(const std::vector<CraftedEntry>& entries, bool zip64 = false) {
  std::string file, directory;
  for (const CraftedEntry& entry : entries) {
    uint64_t offset = file.size();
    if (entry.overlap_with_before >= 0) offset -= static_cast<uint64_t>(entry.overlap_with_before);
    const auto size = static_cast<uint32_t>(entry.data.size());
    const std::string fields = little_endian<uint16_t>(20) + little_endian(entry.flags) + little_endian(entry.method) +
                               little_endian<uint32_t>(0) + little_endian<uint32_t>(0);
    file += "PK\3\4" + fields + little_endian(size) + little_endian(size) +
            little_endian(static_cast<uint16_t>(entry.local_name.size())) + little_endian<uint16_t>(0) +
            entry.local_name + entry.data;
    const uint32_t elsewhere = 0xffffffff;
    std::string extra;
    if (entry.zip64) {
      extra = little_endian<uint16_t>(1) + little_endian<uint16_t>(24) + little_endian<uint64_t>(size) +
              little_endian<uint64_t>(size) + little_endian(offset);
    }
    directory += "PK\1\2" + little_endian<uint16_t>(20) + fields + little_endian(entry.zip64 ? elsewhere : size) +
                 little_endian(entry.zip64 ? elsewhere : size) +
                 little_endian(static_cast<uint16_t>(entry.name.size())) +
                 little_endian(static_cast<uint16_t>(extra.size())) + std::string(10, '\0') +
                 little_endian(entry.zip64 ? elsewhere : static_cast<uint32_t>(offset)) + entry.name + extra;
  }
  const uint64_t directory_begin = file.size();
  const uint64_t count = entries.size();
  file += directory;
  if (zip64) {
    const uint64_t end64 = file.size();
    file += "PK\6\6" + little_endian<uint64_t>(44) + std::string(12, '\0') + little_endian(count) +
            little_endian(count) + little_endian<uint64_t>(directory.size()) + little_endian(directory_begin);
    file += "PK\6\7" + little_endian<uint32_t>(0) + little_endian(end64) + little_endian<uint32_t>(1);
  }
  const auto narrow = [&](uint64_t value) { return zip64 ? 0xffffffff : static_cast<uint32_t>(value); };
  const auto small_count = static_cast<uint16_t>(zip64 ? 0xffff : count);
  return file + "PK\5\6" + std::string(4, '\0') + little_endian(small_count) + little_endian(small_count) +
         little_endian(narrow(directory.size())) + little_endian(narrow(directory_begin)) + std::string(2, '\0');
}

}  // namespace sbert::formats
