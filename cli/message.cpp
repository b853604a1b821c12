#include "message.h"

#include <cstring>
#include <unistd.h>

#include "progress.h"

namespace sbert::cli {
namespace {

constexpr size_t kMaxLine = 2000;
constexpr size_t kMaxName = 200;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string quote(std::string_view name) {
  if (name.size() <= kMaxName) return "'" + std::string(name) + "'";
  size_t head = kMaxName / 2;
  while (head > 0 && is_continuation(name[head])) --head;
  size_t tail = name.size() - kMaxName / 2;
  while (tail < name.size() && is_continuation(name[tail])) ++tail;
  return "'" + std::string(name.substr(0, head)) + "..." + std::string(name.substr(tail)) + "'";
}

std::string system_message(std::string_view action, std::string_view name, int error_number) {
  return "cannot " + std::string(action) + " " + std::string(name) + ": " + std::strerror(error_number);
}

std::string one_line(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string line;
  for (size_t i = 0; i < text.size(); ++i) {
    if (line.size() >= kMaxLine && !is_continuation(text[i])) return line + "...";
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F (0xC2 0x80 to 0xC2 0x9F) steer terminals just as the control characters of ASCII do.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      const auto code = c1 ? static_cast<unsigned char>(text[++i]) : byte;
      line += "\\x";
      line += kHex[code >> 4];
      line += kHex[code & 0xF];
    } else {
      line += text[i];
    }
  }
  return line;
}

void print_message(std::string_view kind, std::string_view text) {
  clear_progress_line();
  const std::string line = "sbert: " + std::string(kind) + ": " + one_line(text) + "\n";
  // Nothing can be done about a standard error that takes no bytes.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sbert::cli
