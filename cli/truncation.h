#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include <sbert/types.h>

#include "arguments.h"
#include "output.h"

namespace sbert::cli {

/// --truncation and --report: says how many texts were cut, once for all batches of a command.
class TruncationReport {
 public:
  void add_options(ArgumentParser& parser);
  /// Throws UsageError. `output` is where the results go: the report cannot go there too.
  void check(const std::optional<std::string>& output) const;
  /// Opens the report file.
  void open();

  /// What the library is to do. The warning is ours, because a stream is many calls of the library and one command.
  TruncationPolicy policy() const;
  bool is_error() const { return policy_ == "error"; }

  void add(std::span<const TokenCount> counts);
  /// Completes the report file, and warns. publish() then gives the file its name.
  void close(bool quiet);
  void publish();

 private:
  std::string policy_ = "warn";
  std::optional<std::string> path_;
  std::unique_ptr<OutputFile> file_;
  size_t texts_ = 0;
  size_t cut_ = 0;
  size_t limit_ = 0;
};

}  // namespace sbert::cli
