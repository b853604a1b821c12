#include "progress.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace sbert::cli {
namespace {

std::atomic<bool> drawn = false;

void write_to_terminal(const std::string& text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void clear_progress_line() {
  if (drawn.exchange(false)) write_to_terminal("\r\x1B[K");
}

Progress::Progress(bool enabled) : enabled_(enabled && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear_progress_line();
}

void Progress::update(size_t done, size_t total) {
  if (!enabled_ || total == 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);

  constexpr size_t kWidth = 30;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<size_t>(share * kWidth);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, " %3.0f%% %zu/%zu %.0f/s", share * 100, done, total,
                static_cast<double>(done) / seconds);
  write_to_terminal("\r[" + std::string(filled, '#') + std::string(kWidth - filled, '-') + "]" + numbers + "\x1B[K");
  drawn = true;
}

}  // namespace sbert::cli
