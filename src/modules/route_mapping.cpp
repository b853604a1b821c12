#include "modules/route_mapping.h"

namespace sbert::modules {
namespace {

/// The part of Python's literals that such keys are made of: None, strings, and tuples of them.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // key = "(" task "," modality [","] ")"; modality = None | string | "(" string {"," string} [","] ")"
  bool key(RouteKey& key) {
    if (!take('(') || !value(key.task) || !take(',')) return false;
    if (take('(')) {
      key.several_modalities = true;
      std::string modality;
      do {
        if (take(')')) return end_of_key();
        if (!string(modality)) return false;
      } while (take(','));
      if (!take(')')) return false;
    } else if (!value(key.modality)) {
      return false;
    }
    return end_of_key();
  }

 private:
  bool end_of_key() {
    take(',');
    if (!take(')')) return false;
    skip_spaces();
    return place_ == text_.size();
  }

  bool value(std::optional<std::string>& out) {
    skip_spaces();
    if (text_.substr(place_, 4) == "None") {
      place_ += 4;
      return true;
    }
    return string(out.emplace());
  }

  bool string(std::string& out) {
    skip_spaces();
    if (place_ == text_.size() || (text_[place_] != '\'' && text_[place_] != '"')) return false;
    const char quote = text_[place_++];
    for (; place_ < text_.size(); ++place_) {
      char c = text_[place_];
      if (c == quote) {
        ++place_;
        return true;
      }
      if (c == '\\') {
        if (++place_ == text_.size()) return false;
        c = text_[place_];
        if (c != '\\' && c != '\'' && c != '"') return false;  // no name of a task needs the other escapes
      }
      out += c;
    }
    return false;
  }

  bool take(char c) {
    skip_spaces();
    if (place_ == text_.size() || text_[place_] != c) return false;
    ++place_;
    return true;
  }

  void skip_spaces() {
    while (place_ < text_.size() && text_[place_] == ' ') ++place_;
  }

  std::string_view text_;
  size_t place_ = 0;
};

}  // namespace

std::optional<RouteKey> parse_route_key(std::string_view text) {
  RouteKey key;
  if (!Parser(text).key(key)) return std::nullopt;
  return key;
}

}  // namespace sbert::modules
