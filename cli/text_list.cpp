#include "text_list.h"

#include <utility>

namespace sbert::cli {

TextList TextList::of_lines(std::string lines) {
  TextList list;
  list.bytes_ = std::move(lines);
  const std::string_view bytes = list.bytes_;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t newline = bytes.find('\n', begin);
    const size_t line_end = newline == std::string_view::npos ? bytes.size() : newline;
    const size_t text_end = line_end > begin && bytes[line_end - 1] == '\r' ? line_end - 1 : line_end;
    list.first_.push_back({begin, text_end - begin});
    begin = line_end + 1;
  }
  return list;
}

TextList TextList::of_texts(const std::vector<std::string>& texts) {
  TextList list;
  for (const std::string& text : texts) list.add(text);
  return list;
}

TextList TextList::of_pairs(const std::vector<std::string>& texts) {
  TextList list;
  for (size_t i = 0; i + 1 < texts.size(); i += 2) list.add(texts[i], texts[i + 1]);
  return list;
}

TextList::Place TextList::store(std::string_view text) {
  const Place place{bytes_.size(), text.size()};
  bytes_ += text;
  return place;
}

void TextList::add(std::string_view text) {
  first_.push_back(store(text));
}

void TextList::add(std::string_view first, std::string_view second) {
  first_.push_back(store(first));
  second_.push_back(store(second));
}

Inputs TextList::inputs(size_t begin, size_t end) const {
  if (pairs()) {
    std::vector<TextPair> pairs;
    pairs.reserve(end - begin);
    for (size_t i = begin; i < end; ++i) pairs.push_back({first(i), second(i)});
    return Inputs(pairs);
  }
  std::vector<std::string_view> texts;
  texts.reserve(end - begin);
  for (size_t i = begin; i < end; ++i) texts.push_back(first(i));
  return Inputs(std::move(texts));
}

Inputs TextList::first_inputs() const {
  std::vector<std::string_view> texts;
  texts.reserve(size());
  for (size_t i = 0; i < size(); ++i) texts.push_back(first(i));
  return Inputs(std::move(texts));
}

Inputs TextList::second_inputs() const {
  std::vector<std::string_view> texts;
  texts.reserve(size());
  for (size_t i = 0; i < second_.size(); ++i) texts.push_back(second(i));
  return Inputs(std::move(texts));
}

TextList TextList::with_prompt(std::string_view prompt) const {
  TextList list;
  list.bytes_.reserve(bytes_.size() + size() * prompt.size());
  std::string text;
  for (size_t i = 0; i < size(); ++i) {
    text = prompt;
    text += first(i);
    if (pairs()) {
      list.add(text, second(i));
    } else {
      list.add(text);
    }
  }
  return list;
}

}  // namespace sbert::cli
