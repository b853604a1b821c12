#pragma once

#include <string>
#include <string_view>
#include <vector>

// Text as Python's str sees it: the word tokenizers of Sentence Transformers are written in Python. All texts are
// well-formed UTF-8.
namespace sbert::modules::python {

/// str.isspace
bool is_space(char32_t c) noexcept;
/// \w of the module re: letters, numbers and '_', but no marks.
bool is_word(char32_t c) noexcept;
/// str.lower, with the final form of sigma
std::string lower(std::string_view text);
/// str.split(): the parts between white space; none is empty. They point into `text`.
std::vector<std::string_view> split(std::string_view text);
/// str.strip(string.punctuation): without ASCII punctuation at both ends
std::string_view strip_punctuation(std::string_view text) noexcept;

}  // namespace sbert::modules::python
