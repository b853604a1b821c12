#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbert::cli {

/// Thrown by ArgumentParser::parse for --help and --version: what to print before leaving with exit code 0.
struct TextRequested {
  std::string text;
};

/// The options of one command. Words that are no options (MODEL, TEXT...) are kept byte for byte.
///
///     ArgumentParser parser("encode", "MODEL [TEXT...]", "Turn texts into vectors.");
///     parser.flag("--normalize", normalize, "divide each vector by its length");
///     const std::vector<std::string> words = parser.parse(arguments);
class ArgumentParser {
 public:
  ArgumentParser(const std::string& command, const std::string& words, const std::string& description);
  ~ArgumentParser();

  /// Options that follow stand under this heading in the help.
  void group(const std::string& name);

  void flag(const std::string& name, bool& value, const std::string& description);
  void text(const std::string& name, std::optional<std::string>& value, const std::string& value_name,
            const std::string& description);
  /// A whole number from 1 to `largest`.
  void number(const std::string& name, std::optional<size_t>& value, size_t largest, const std::string& value_name,
              const std::string& description);
  /// One of `words`.
  void choice(const std::string& name, std::string& value, std::vector<std::string> words,
              const std::string& description);
  void choice(const std::string& name, std::optional<std::string>& value, std::vector<std::string> words,
              const std::string& description);

  /// Sets the values and returns the words that are no options; all words behind "--" are none. Throws UsageError and
  /// TextRequested.
  std::vector<std::string> parse(const std::vector<std::string>& arguments);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// True for an argument that parse() reads as an option.
bool looks_like_option(const std::string& argument);

}  // namespace sbert::cli
