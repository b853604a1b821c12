#include "file.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "message.h"

namespace sbert::cli {

size_t read_some(int descriptor, char* buffer, size_t size, const std::string& name) {
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, size);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody made the pipe non-blocking
      pollfd waiting{descriptor, POLLIN, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      throw RunError(system_message("read", name, errno));
    }
  }
}

std::string read_descriptor(int descriptor, const std::string& name) {
  constexpr size_t kStep = 256 << 10;
  std::string bytes;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    bytes.reserve(static_cast<size_t>(status.st_size) + kStep);
  }
  for (;;) {
    const size_t old_size = bytes.size();
    bytes.resize(old_size + kStep);
    const size_t count = read_some(descriptor, bytes.data() + old_size, bytes.size() - old_size, name);
    bytes.resize(old_size + count);
    if (count == 0) return bytes;
  }
}

std::string read_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw RunError(system_message("read", quote(path), errno));
  struct Closer {
    int descriptor;
    ~Closer() { ::close(descriptor); }
  } closer{descriptor};
  return read_descriptor(descriptor, quote(path));
}

}  // namespace sbert::cli
