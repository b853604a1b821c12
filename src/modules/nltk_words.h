#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sbert::modules {

/// `nltk.word_tokenize(text, preserve_line=True)`: the words and punctuation marks of a text, by the rules of
/// NLTKWordTokenizer in nltk 3.10 (https://www.nltk.org/_modules/nltk/tokenize/destructive.html). Double quotes become
/// `` and ''. `text` is well-formed UTF-8; time is linear in its length.
std::vector<std::string> nltk_word_tokenize(std::string_view text);

}  // namespace sbert::modules
