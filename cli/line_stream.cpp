#include "line_stream.h"

#include <algorithm>
#include <poll.h>

#include "errors.h"
#include "file.h"

namespace sbert::cli {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kMaxBatchBytes = 4 << 20;

}  // namespace

/// One read; notes the end of the input.
bool LineStream::fill() {
  const size_t old_size = pending_.size();
  pending_.resize(old_size + kReadBytes);
  const size_t count = read_some(descriptor_, pending_.data() + old_size, kReadBytes, name_);
  pending_.resize(old_size + count);
  ended_ = count == 0;
  return !ended_;
}

bool LineStream::is_waiting() const {
  pollfd waiting{descriptor_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

bool LineStream::next(std::string& lines) {
  lines.clear();
  for (;;) {
    while (!ended_ && pending_.size() < kMaxBatchBytes && is_waiting()) fill();

    size_t end = 0;  // behind the last whole line of the batch
    for (size_t count = 0; count < kMaxBatchLines; ++count) {
      const size_t newline = pending_.find('\n', std::max(end, searched_));
      if (newline == std::string::npos) break;
      end = newline + 1;
    }
    if (end == 0 && ended_) end = pending_.size();
    if (end != 0) {
      lines.assign(pending_, 0, end);
      pending_.erase(0, end);
      searched_ = 0;
      return true;
    }
    if (ended_) return false;
    searched_ = pending_.size();
    if (pending_.size() > kMaxLineBytes) throw RunError(name_ + " holds a line of more than a gibibyte");
    fill();
  }
}

}  // namespace sbert::cli
