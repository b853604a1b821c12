#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace sbert::cli {

/// A run of the program sbert with its three streams in our hands.
class Process {
 public:
  struct Setup {
    std::optional<std::string> stdout_path = std::nullopt;  ///< in place of a pipe
    bool close_stdout = false;                              ///< as `>&-` does
    std::vector<std::pair<std::string, std::string>> environment = {};
  };
  struct Result {
    int exit_code = -1;  ///< -1 when a signal ended it
    int signal = 0;
    std::string out;
    std::string err;
  };

  explicit Process(const std::vector<std::string>& arguments, const Setup& setup);
  explicit Process(const std::vector<std::string>& arguments) : Process(arguments, Setup()) {}
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void write_input(const std::string& bytes);
  void close_input();
  /// Closes our end of its standard output, as `head` does when it has seen enough.
  void close_output();
  /// The next line of standard output without its newline; "(nothing)" when none comes within 20 seconds.
  std::string read_line();
  void send(int signal_number);
  /// Ends its input, reads the rest of its output and waits for it.
  Result wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, errors_ = -1;
  std::string read_;  // of standard output, not yet returned
};

/// Runs the program to its end with `input` on standard input.
Process::Result run_program(const std::vector<std::string>& arguments, const std::string& input = "",
                            const Process::Setup& setup = {});

}  // namespace sbert::cli
