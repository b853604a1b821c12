#include "output.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "errors.h"
#include "message.h"

namespace sbert::cli {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// The files that a signal must remove. A handler may only touch plain memory and call unlink.
constexpr int kSlots = 4;
char slot_paths[kSlots][PATH_MAX];
std::atomic<bool> slot_used[kSlots];
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void remove_files_and_die(int signal_number) {
  for (int i = 0; i < kSlots; ++i) {
    if (slot_used[i].load()) ::unlink(slot_paths[i]);
  }
  // The handler was reset (SA_RESETHAND): the shell sees a death by this signal, as without a handler.
  ::raise(signal_number);
}

void install_handlers() {
  static bool installed = false;
  if (installed) return;
  installed = true;
  for (const int signal_number : kSignals) {
    struct sigaction action {};
    if (::sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;  // nohup
    action = {};
    action.sa_handler = remove_files_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal_number, &action, nullptr);
  }
}

/// Holds the signals back, so that a file and its slot change together.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal_number : kSignals) sigaddset(&set, signal_number);
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

int take_slot(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (int i = 0; i < kSlots; ++i) {
    if (slot_used[i].load()) continue;
    std::memcpy(slot_paths[i], path.c_str(), path.size() + 1);
    slot_used[i] = true;
    return i;
  }
  return -1;
}

void free_slot(int slot) {
  if (slot >= 0) slot_used[slot] = false;
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : name_(quote(path)) {
  struct stat status {};
  std::string target = path;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw RunError(system_message("write", name_, EISDIR));
    if (!S_ISREG(status.st_mode)) {
      descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (descriptor_ < 0) throw RunError(system_message("write", name_, errno));
      return;
    }
    if (::access(path.c_str(), W_OK) != 0) throw RunError(system_message("write", name_, errno));
  } else if (errno != ENOENT) {
    throw RunError(system_message("write", name_, errno));
  }
  // Through a symbolic link the file it points to is replaced, not the link.
  if (char* resolved = ::realpath(path.c_str(), nullptr)) {
    target = resolved;
    ::free(resolved);
  }
  open_beside(target);
  if (S_ISREG(status.st_mode)) ::fchmod(descriptor_, status.st_mode & 0777);
}

void OutputFile::open_beside(const std::string& target) {
  path_ = target;
  const size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : target.substr(0, slash + 1);
  const std::string base = target.substr(folder.size(), 200);  // names end at 255 bytes
  install_handlers();
  const SignalsBlocked blocked;
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary_ = folder + "." + base + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0 || errno != EEXIST) break;
  }
  if (descriptor_ < 0) throw RunError(system_message("write", name_, errno));
  signal_slot_ = take_slot(temporary_);
}

std::unique_ptr<OutputFile> OutputFile::standard_output() {
  std::unique_ptr<OutputFile> output(new OutputFile());
  output->name_ = "standard output";
  output->descriptor_ = STDOUT_FILENO;
  return output;
}

OutputFile::~OutputFile() {
  const SignalsBlocked blocked;
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  if (!path_.empty()) ::unlink(temporary_.c_str());
  free_slot(signal_slot_);
}

void OutputFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() > kBufferBytes) {
    write_through(bytes);
  } else {
    buffer_ += bytes;
  }
}

void OutputFile::flush() {
  const std::string bytes = std::exchange(buffer_, {});
  write_through(bytes);
}

void OutputFile::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody made the pipe non-blocking
      pollfd waiting{descriptor_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      throw RunError(system_message("write", name_, errno));
    }
  }
}

void OutputFile::close() {
  flush();
  // Some file systems report a full disk only here.
  int descriptor = descriptor_;
  if (descriptor == STDOUT_FILENO) {
    descriptor = ::dup(STDOUT_FILENO);
    if (descriptor < 0) throw RunError(system_message("write", name_, errno));
  } else {
    descriptor_ = -1;
    if (!path_.empty() && ::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOSYS) {
      const int error_number = errno;
      ::close(descriptor);
      throw RunError(system_message("write", name_, error_number));
    }
  }
  if (::close(descriptor) != 0 && errno != EINTR) throw RunError(system_message("write", name_, errno));
}

void OutputFile::publish() {
  if (path_.empty()) return;
  const SignalsBlocked blocked;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw RunError(system_message("write", name_, errno));
  path_.clear();
  free_slot(signal_slot_);
  signal_slot_ = -1;
}

}  // namespace sbert::cli
