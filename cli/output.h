#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sbert::cli {

/// Where results go. A file appears under its name only when it is complete: until then the bytes lie in a hidden file
/// beside it, which is removed when the command fails or is interrupted (SIGINT, SIGTERM, SIGHUP). What cannot be
/// replaced so (a device, a pipe) is written directly. All errors are RunError: a full disk, a closed pipe.
class OutputFile {
 public:
  /// Opens the output, so that a folder that cannot be written is noticed before any work is done.
  explicit OutputFile(const std::string& path);
  static std::unique_ptr<OutputFile> standard_output();
  /// Removes the hidden file unless publish() was called.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  /// Hands everything written so far to the system.
  void flush();
  /// Writes the rest to the disk and closes the file: afterwards nothing but publish() can fail.
  void close();
  /// Gives the closed file its name, in place of a file that had it.
  void publish();

 private:
  OutputFile() = default;
  void open_beside(const std::string& target);
  void write_through(std::string_view bytes);

  std::string name_;       // for messages
  std::string path_;       // of the result; empty when written directly
  std::string temporary_;  // of the hidden file
  int descriptor_ = -1;
  int signal_slot_ = -1;
  std::string buffer_;
};

}  // namespace sbert::cli
