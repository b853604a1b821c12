// The program sbert: `sbert COMMAND ...`. Exit codes: 0 good, 1 an error in input or model, 2 wrong usage.
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <new>
#include <signal.h>
#include <unistd.h>

#include <sbert/error.h>

#include "arguments.h"
#include "commands.h"
#include "errors.h"
#include "message.h"
#include "options.h"
#include "output.h"

namespace sbert::cli {
namespace {

struct Command {
  const char* name;
  void (*run)(const Arguments&);
  const char* description;
};

constexpr Command kCommands[] = {
    {"encode", run_encode, "turn texts into vectors"},
    {"tokenize", run_tokenize, "show the tokens a model receives"},
    {"similarity", run_similarity, "score how alike texts are"},
    {"info", run_info, "describe a model"},
    {"save", run_save, "write a model as a new folder"},
};

std::string command_names() {
  std::string names;
  for (const Command& command : kCommands) names += (names.empty() ? "" : ", ") + std::string(command.name);
  return names;
}

std::string command_list() {
  std::string list = "\nCommands:\n";
  for (const Command& command : kCommands) {
    list += "  " + std::string(command.name) + std::string(12 - std::string(command.name).size(), ' ') +
            command.description + "\n";
  }
  return list + "\n'sbert COMMAND --help' lists the options of a command.\n";
}

/// Everything that has no command: `sbert`, `sbert --help`, `sbert --version`.
void run_without_command(const Arguments& arguments) {
  GlobalOptions options;
  ArgumentParser parser("COMMAND", "...", "Sentence Transformers, natively in C++.");
  add_options(parser, options);
  try {
    parser.parse(arguments);
  } catch (TextRequested& request) {
    if (request.text.starts_with("sbert ")) throw;
    throw TextRequested{request.text + command_list()};
  }
  throw UsageError("no command: give one of " + command_names());
}

/// Options that every command has may stand before its name: they are moved behind it.
void run(const Arguments& arguments) {
  Arguments before;
  size_t i = 0;
  for (; i < arguments.size() && looks_like_option(arguments[i]) && arguments[i] != "--"; ++i) {
    before.push_back(arguments[i]);
    const bool takes_value = arguments[i] == "--threads" || arguments[i] == "--precision" || arguments[i] == "--device";
    if (takes_value && i + 1 < arguments.size()) before.push_back(arguments[++i]);
  }
  if (i == arguments.size()) return run_without_command(before);
  for (const Command& command : kCommands) {
    if (arguments[i] != command.name) continue;
    before.insert(before.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
    return command.run(before);
  }
  throw UsageError("unknown command " + quote(arguments[i]) + ": expected one of " + command_names());
}

/// A file opened later must not become standard output or standard error by taking their number.
void keep_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // Reading from it gives an end; writing to standard output that was closed stays an error.
    ::open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

void print_requested_text(const std::string& text) {
  const auto output = OutputFile::standard_output();
  output->write(text);
  output->close();
}

int run_main(int argc, char** argv) {
  keep_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write()
  try {
    try {
      run(Arguments(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const TextRequested& request) {
      print_requested_text(request.text);
    }
    return 0;
  } catch (const UsageError& e) {
    print_message("error", e.what());
    return 2;
  } catch (const std::bad_alloc&) {
    print_message("error", "out of memory");
  } catch (const std::exception& e) {  // RunError and the errors of the library
    print_message("error", e.what());
  }
  return 1;
}

}  // namespace
}  // namespace sbert::cli

int main(int argc, char** argv) {
  return sbert::cli::run_main(argc, argv);
}
