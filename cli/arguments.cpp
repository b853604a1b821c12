#include "arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>

#include <sbert/version.h>

#include "errors.h"
#include "message.h"

namespace sbert::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : separator) + word;
  return all;
}

/// Prints the usage line with our words, which CLI11 does not know of.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter(std::string command, std::string words) : command_(std::move(command)), words_(std::move(words)) {
    column_width(32);
  }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: sbert " + command_ + " [OPTIONS] " + words_ + "\n";
  }

 private:
  std::string command_;
  std::string words_;
};

}  // namespace

struct ArgumentParser::Impl {
  CLI::App app;
  std::string command;
  std::string group = "Options";
  bool version = false;

  CLI::Option* add(CLI::Option* option) { return option->group(group); }

  /// An option whose value reaches `set` as it is: CLI11's own conversions take "[a, b]" and "{}" apart.
  CLI::Option* add_raw(const std::string& name, std::function<void(const std::string&)> set,
                       const std::string& description, const std::string& value_name) {
    CLI::callback_t callback = [set = std::move(set)](const CLI::results_t& results) {
      set(results.at(0));
      return true;
    };
    return add(app.add_option(name, std::move(callback), description)->option_text(value_name));
  }

  void add_choice(const std::string& name, std::vector<std::string> words, const std::string& description,
                  std::function<void(const std::string&)> set) {
    const std::string value_name = joined(words, "|");
    const auto check_and_set = [name, words = std::move(words), set = std::move(set)](const std::string& value) {
      if (std::find(words.begin(), words.end(), value) == words.end()) {
        throw UsageError(name + " is " + quote(value) + ", expected one of: " + joined(words, ", "));
      }
      set(value);
    };
    add_raw(name, check_and_set, description, value_name);
  }
};

ArgumentParser::ArgumentParser(const std::string& command, const std::string& words, const std::string& description)
    : impl_(std::make_unique<Impl>()) {
  impl_->command = command;
  impl_->app.description(description);
  impl_->app.formatter(std::make_shared<HelpFormatter>(command, words));
  impl_->app.set_help_flag();  // ours stands with the options that every command has
}

ArgumentParser::~ArgumentParser() = default;

void ArgumentParser::group(const std::string& name) {
  impl_->group = name;
}

void ArgumentParser::flag(const std::string& name, bool& value, const std::string& description) {
  impl_->add(impl_->app.add_flag_callback(
      name, [&value] { value = true; }, description));
}

void ArgumentParser::text(const std::string& name, std::optional<std::string>& value, const std::string& value_name,
                          const std::string& description) {
  impl_->add_raw(
      name, [&value](const std::string& text) { value = text; }, description, value_name);
}

void ArgumentParser::number(const std::string& name, std::optional<size_t>& value, size_t largest,
                            const std::string& value_name, const std::string& description) {
  const auto set = [&value, name, largest](const std::string& text) {
    size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > largest) {
      throw UsageError(name + " is " + quote(text) + ", expected a whole number from 1 to " + std::to_string(largest));
    }
    value = number;
  };
  impl_->add_raw(name, set, description, value_name);
}

void ArgumentParser::choice(const std::string& name, std::string& value, std::vector<std::string> words,
                            const std::string& description) {
  impl_->add_choice(name, std::move(words), description, [&value](const std::string& word) { value = word; });
}

void ArgumentParser::choice(const std::string& name, std::optional<std::string>& value, std::vector<std::string> words,
                            const std::string& description) {
  impl_->add_choice(name, std::move(words), description, [&value](const std::string& word) { value = word; });
}

bool looks_like_option(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-';
}

std::vector<std::string> ArgumentParser::parse(const std::vector<std::string>& arguments) {
  CLI::App& app = impl_->app;
  app.set_help_flag("-h,--help", "print this help")->group(impl_->group);
  app.add_flag("--version", impl_->version, "print the version of the program")->group(impl_->group);

  // Words and options are told apart here and not by CLI11 2.1.2, which splits a word "[a, b]" at the comma, drops the
  // brackets of "[MASK]" and takes a word that is the name of a command for the command.
  std::vector<std::string> words, options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      words.insert(words.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (!looks_like_option(argument)) {
      words.push_back(argument);
      continue;
    }
    const size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    const std::string name = argument.substr(0, equals);
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr) {
      throw UsageError("unknown option " + quote(name) + " (a text that begins with '-' goes after --, and 'sbert " +
                       impl_->command + " --help' lists the options)");
    }
    options.push_back(name);
    if (option->get_items_expected_max() == 0) {
      if (equals != std::string::npos) throw UsageError(name + " takes no value");
    } else if (equals != std::string::npos) {
      options.push_back(argument.substr(equals + 1));
    } else if (i + 1 < arguments.size()) {
      options.push_back(arguments[++i]);
    } else {
      throw UsageError(name + " needs a value");
    }
  }

  std::reverse(options.begin(), options.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(options));
  } catch (const CLI::CallForHelp&) {
    throw TextRequested{app.help()};
  } catch (const CLI::ArgumentMismatch& e) {
    throw UsageError(std::string(e.what()) + " (is an option given twice?)");
  } catch (const CLI::ParseError& e) {
    throw UsageError(e.what());
  }
  if (impl_->version) throw TextRequested{"sbert " SBERT_VERSION "\n"};
  return words;
}

}  // namespace sbert::cli
