#pragma once

#include <cstddef>
#include <string>

namespace sbert::cli {

/// Lines that arrive at a descriptor over time. What is already waiting comes as one batch; nothing waits for more.
class LineStream {
 public:
  static constexpr size_t kMaxBatchLines = 4096;
  static constexpr size_t kMaxLineBytes = size_t{1} << 30;

  LineStream(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  /// Replaces `lines` by the whole lines that wait, at most kMaxBatchLines; blocks until there is one. The last one has
  /// no newline when the input ends without one. False at the end. Throws RunError when reading fails or a line is
  /// longer than kMaxLineBytes.
  bool next(std::string& lines);

 private:
  bool fill();
  bool is_waiting() const;

  const int descriptor_;
  const std::string name_;
  std::string pending_;  // read and not yet returned
  size_t searched_ = 0;  // pending_[0, searched_) holds no newline
  bool ended_ = false;
};

}  // namespace sbert::cli
