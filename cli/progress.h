#pragma once

#include <chrono>
#include <cstddef>

namespace sbert::cli {

/// A bar on standard error: "encoding [#####-----]  50% 500/1000 123/s". Drawn only on a terminal, at most ten times a
/// second, and not at all for work that is done within half a second.
class Progress {
 public:
  /// `enabled` is false with --quiet.
  explicit Progress(bool enabled);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(size_t done, size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  const bool enabled_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::milliseconds(500);
};

/// Wipes the bar, if one is drawn, so that a message can be printed.
void clear_progress_line();

}  // namespace sbert::cli
