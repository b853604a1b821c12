#pragma once

#include <stdexcept>

// What ends a command. Errors of the library (sbert::Error) count as RunError.
namespace sbert::cli {

/// The command line is wrong: exit code 2, and nothing was loaded or written.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The input, the model or the system stands in the way: exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sbert::cli
