#include "cli/process.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace sbert::cli {
namespace {

struct Pipe {
  int reader, writer;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    reader = ends[0];
    writer = ends[1];
  }
};

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// Appends what waits in `descriptor`; closes it at its end.
void read_into(int& descriptor, std::string& bytes) {
  char buffer[65536];
  const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
  if (count > 0) {
    bytes.append(buffer, static_cast<size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    close_if_open(descriptor);
  }
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const Setup& setup) {
  ::signal(SIGPIPE, SIG_IGN);  // the program may leave before it has read its input
  Pipe input, output, errors;
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(input.reader, STDIN_FILENO);
    ::dup2(setup.stdout_path ? ::open(setup.stdout_path->c_str(), O_WRONLY | O_CREAT, 0666) : output.writer,
           STDOUT_FILENO);
    ::dup2(errors.writer, STDERR_FILENO);
    if (setup.close_stdout) ::close(STDOUT_FILENO);
    ::unsetenv("SBERT_FORCE_CPU");
    for (const auto& [name, value] : setup.environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv = {const_cast<char*>("sbert")};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(SBERT_PROGRAM, argv.data());
    ::_exit(126);
  }
  ::close(input.reader);
  ::close(output.writer);
  ::close(errors.writer);
  input_ = input.writer;
  output_ = output.reader;
  errors_ = errors.reader;
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int* descriptor : {&input_, &output_, &errors_}) close_if_open(*descriptor);
}

void Process::write_input(const std::string& bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const ssize_t count = ::write(input_, bytes.data() + i, bytes.size() - i);
    if (count < 0 && errno == EPIPE) return;
    if (count < 0 && errno != EINTR) throw std::runtime_error("write failed");
    if (count > 0) i += static_cast<size_t>(count);
  }
}

void Process::close_input() {
  close_if_open(input_);
}
void Process::close_output() {
  close_if_open(output_);
}
void Process::send(int signal_number) {
  ::kill(pid_, signal_number);
}

std::string Process::read_line() {
  for (;;) {
    const size_t newline = read_.find('\n');
    if (newline != std::string::npos) {
      const std::string line = read_.substr(0, newline);
      read_.erase(0, newline + 1);
      return line;
    }
    pollfd waiting{output_, POLLIN, 0};
    if (output_ < 0 || ::poll(&waiting, 1, 20'000) <= 0) return "(nothing)";
    read_into(output_, read_);
  }
}

Process::Result Process::wait() {
  close_input();
  Result result;
  while (output_ >= 0 || errors_ >= 0) {
    pollfd waiting[] = {{output_, POLLIN, 0}, {errors_, POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (output_ >= 0 && waiting[0].revents != 0) read_into(output_, read_);
    if (errors_ >= 0 && waiting[1].revents != 0) read_into(errors_, result.err);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.out = std::move(read_);
  return result;
}

Process::Result run_program(const std::vector<std::string>& arguments, const std::string& input,
                            const Process::Setup& setup) {
  Process process(arguments, setup);
  process.write_input(input);  // inputs of these tests fit into a pipe, so this does not block
  return process.wait();
}

}  // namespace sbert::cli
