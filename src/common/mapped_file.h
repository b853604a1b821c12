#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace sbert::common {

/// How the bytes of a file reach memory.
enum class FileAccess {
  kMap,   ///< memory-mapped: no copy; a file that another program truncates while it is mapped ends the process
  kCopy,  ///< read whole into memory: safe against that
};

/// The bytes of a whole file, read-only. Movable, not copyable.
class MappedFile {
 public:
  /// Throws InvalidModelError when the file is missing, IoError when it cannot be read (a folder, no permission).
  static MappedFile open(const std::filesystem::path& path, FileAccess access = FileAccess::kMap);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Tells the system that `part` of a mapped file will not be needed soon, so that its pages need not stay resident.
  /// Reading it again still works.
  void drop_pages(std::span<const std::byte> part) const noexcept;

 private:
  MappedFile() = default;
  void release() noexcept;

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  std::string copy_;
  bool mapped_ = false;
};

/// The whole content of a small file (configs). Throws as MappedFile::open, and InvalidModelError beyond `max_bytes`.
std::string read_small_file(const std::filesystem::path& path, size_t max_bytes);

}  // namespace sbert::common
