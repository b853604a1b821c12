#include "common/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::common {
namespace {

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

[[noreturn]] void throw_io(const std::filesystem::path& path, int error) {
  throw IoError("cannot read " + quote(path.string()) + ": " + std::strerror(error));
}

// The open descriptor and size of a regular file.
size_t open_regular_file(const std::filesystem::path& path, Descriptor& file) {
  file.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a named pipe must not hang us
  if (file.fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) throw InvalidModelError("file " + quote(path.string()) + " is missing");
    throw_io(path, errno);
  }
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) throw_io(path, errno);
  if (!S_ISREG(info.st_mode)) throw IoError("cannot read " + quote(path.string()) + ": it is not a regular file");
  return static_cast<size_t>(info.st_size);
}

std::string read_all(const std::filesystem::path& path, int fd, size_t size) {
  std::string content(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, content.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io(path, errno);
    if (n == 0) break;  // it shrank meanwhile
    done += static_cast<size_t>(n);
  }
  content.resize(done);
  return content;
}

}  // namespace

MappedFile MappedFile::open(const std::filesystem::path& path, FileAccess access) {
  Descriptor file;
  const size_t size = open_regular_file(path, file);
  MappedFile result;
  result.path_ = path;
  if (access == FileAccess::kMap && size > 0) {
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (address == MAP_FAILED) throw_io(path, errno);
    result.bytes_ = {static_cast<const std::byte*>(address), size};
    result.mapped_ = true;
  } else {
    result.copy_ = read_all(path, file.fd, size);
    result.bytes_ = std::as_bytes(std::span(result.copy_));
  }
  return result;
}

MappedFile::MappedFile(MappedFile&& other) noexcept {
  *this = std::move(other);
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  release();
  path_ = std::move(other.path_);
  copy_ = std::move(other.copy_);
  mapped_ = std::exchange(other.mapped_, false);
  bytes_ = std::exchange(other.bytes_, {});
  if (!mapped_) bytes_ = std::as_bytes(std::span(copy_));
  return *this;
}

MappedFile::~MappedFile() {
  release();
}

void MappedFile::release() noexcept {
  if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  mapped_ = false;
  bytes_ = {};
}

void MappedFile::drop_pages(std::span<const std::byte> part) const noexcept {
  if (!mapped_ || part.empty()) return;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(part.data()) / page * page;
  const auto end = reinterpret_cast<uintptr_t>(part.data()) + part.size();
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

std::string read_small_file(const std::filesystem::path& path, size_t max_bytes) {
  Descriptor file;
  const size_t size = open_regular_file(path, file);
  if (size > max_bytes) {
    throw InvalidModelError("file " + quote(path.string()) + " has " + std::to_string(size) + " bytes; at most " +
                            std::to_string(max_bytes) + " are expected of such a file");
  }
  return read_all(path, file.fd, size);
}

}  // namespace sbert::common
