#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace sbert::formats {

/// A file that appears whole or not at all: it is written under a temporary name beside the target, which commit()
/// gives up for the real one. Without a commit nothing is left, and an older file of that name stays as it was.
/// All members throw IoError naming the file: no such folder, no permission, disk full.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// The file is on the disk under its name when this returns.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
};

}  // namespace sbert::formats
