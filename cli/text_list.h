#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sbert/types.h>

namespace sbert::cli {

/// The texts, or the text pairs, of one command: all their bytes in one string.
class TextList {
 public:
  TextList() = default;
  /// The lines of `lines`: each ends at a newline, the last one also at the end; one trailing CR is dropped. A final
  /// newline does not start another line.
  static TextList of_lines(std::string lines);
  /// Texts as they are.
  static TextList of_texts(const std::vector<std::string>& texts);
  /// Texts taken two by two; their number must be even.
  static TextList of_pairs(const std::vector<std::string>& texts);

  size_t size() const noexcept { return first_.size(); }
  /// False while it is empty.
  bool pairs() const noexcept { return !second_.empty(); }
  std::string_view first(size_t i) const noexcept { return view(first_[i]); }
  std::string_view second(size_t i) const noexcept { return view(second_[i]); }

  void add(std::string_view text);
  void add(std::string_view first, std::string_view second);

  /// Views of the entries begin to end; the list must outlive them and stay unchanged.
  Inputs inputs(size_t begin, size_t end) const;
  Inputs inputs() const { return inputs(0, size()); }
  /// The first, and the second texts of the pairs.
  Inputs first_inputs() const;
  Inputs second_inputs() const;

  /// The same list with `prompt` before each text (before the first one of a pair).
  TextList with_prompt(std::string_view prompt) const;

 private:
  struct Place {
    size_t begin;
    size_t size;
  };
  std::string_view view(Place place) const noexcept { return {bytes_.data() + place.begin, place.size}; }
  Place store(std::string_view text);

  std::string bytes_;
  std::vector<Place> first_;
  std::vector<Place> second_;  // as many as first_, or none
};

}  // namespace sbert::cli
