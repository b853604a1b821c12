#include "modules/nltk_words.h"

#include <algorithm>
#include <utf8proc.h>

#include "common/text.h"
#include "modules/python_text.h"
#include "tokenizer/unicode.h"

// The tokenizer is a list of regular expressions, each of which puts spaces into the text of the one before it; at the
// end the text is split. Each step here is one of them, written as one walk. All but the contractions go through the
// Python package `regex`, whose \w and \s are those of Unicode (unicode.h); the contractions through `re`, whose are
// not (python_text.h).
namespace sbert::modules {
namespace {

using Text = std::u32string;
using View = std::u32string_view;

bool contains(View characters, char32_t c) {
  return characters.find(c) != View::npos;
}

bool is_digit(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND;
}

// The character at i, or NUL-like 0 behind the end, which no rule looks for.
char32_t at(View text, size_t i) {
  return i < text.size() ? text[i] : U'\0';
}

bool is_word_at(View text, size_t i) {
  return i < text.size() && tokenizer::unicode::is_word(text[i]);
}

// As re.IGNORECASE compares it with the letters of the rules.
char32_t fold(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c == 0x130 || c == 0x131) return 'i';
  if (c == 0x17F) return 's';
  return c;
}

bool starts_with_folded(View text, size_t i, View word) {
  if (text.size() - std::min(i, text.size()) < word.size()) return false;
  for (size_t j = 0; j < word.size(); ++j) {
    if (fold(text[i + j]) != word[j]) return false;
  }
  return true;
}

/// Walks over the text; `rule(text, i, out)` looks at place i: it writes what stands for the characters it takes and
/// returns their number, or 0 and the character is copied.
template <typename Rule>
void substitute(Text& text, const Rule& rule) {
  Text out;
  out.reserve(text.size() + text.size() / 4 + 2);
  for (size_t i = 0; i < text.size();) {
    const size_t taken = rule(text, i, out);
    if (taken == 0) out += text[i];
    i += std::max<size_t>(taken, 1);
  }
  text = std::move(out);
}

void append_padded(Text& out, View part) {
  (out += U' ').append(part) += U' ';
}

// A space before and behind each of these characters.
void pad(Text& text, View characters) {
  substitute(text, [&](View t, size_t i, Text& out) -> size_t {
    if (!contains(characters, t[i])) return 0;
    append_padded(out, t.substr(i, 1));
    return 1;
  });
}

// The same for each place where `part` stands.
void pad(Text& text, const Text& part) {
  substitute(text, [&](View t, size_t i, Text& out) -> size_t {
    if (t.substr(i, part.size()) != part) return 0;
    append_padded(out, part);
    return part.size();
  });
}

// Runs of at least `least` equal characters `c`.
void pad_runs(Text& text, char32_t c, size_t least) {
  substitute(text, [&](View t, size_t i, Text& out) -> size_t {
    size_t end = i;
    while (end < t.size() && t[end] == c) ++end;
    if (end == i) return 0;
    if (end - i >= least) {
      append_padded(out, t.substr(i, end - i));
    } else {
      out.append(t.substr(i, end - i));
    }
    return end - i;
  });
}

void starting_quotes(Text& text) {
  pad(text, View(U"\u00ab\u201c\u2018\u201e"));
  pad_runs(text, U'`', 1);
  if (at(text, 0) == U'"') text.replace(0, 1, U"``");
  pad(text, Text(U"``"));
  substitute(text, [](View t, size_t i, Text& out) -> size_t {  // a quote behind a space or bracket
    if (!contains(U" ([{<", t[i])) return 0;
    const size_t length = at(t, i + 1) == U'"' ? 1 : t.substr(i + 1, 2) == U"''" ? 2 : 0;
    if (length == 0) return 0;
    (out += t[i]).append(U" `` ");
    return 1 + length;
  });
  substitute(text, [](View t, size_t i, Text& out) -> size_t {  // 'word, but not 're 've 'll 'm 't 's 'd 'n
    if (t[i] != U'\'' || (i > 0 && is_word_at(t, i - 1)) || !is_word_at(t, i + 1)) return 0;
    for (const View clitic : {U"re", U"ve", U"ll", U"m", U"t", U"s", U"d", U"n"}) {
      if (starts_with_folded(t, i + 1, clitic) && !is_word_at(t, i + 1 + clitic.size())) return 0;
    }
    out.append(U"' ");
    return 1;
  });
}

// The last full stop of the text, when only `closers` and then white space follow it: "\1 .<between>\3 ".
void final_period(Text& text, View closers, View between) {
  const size_t stop = text.rfind(U'.');
  if (stop == Text::npos || stop == 0 || text[stop - 1] == U'.') return;
  size_t end = stop + 1;
  while (end < text.size() && contains(closers, text[end])) ++end;
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), tokenizer::unicode::is_whitespace))
    return;
  const Text closing = text.substr(stop + 1, end - stop - 1);
  text.resize(stop);
  text.append(U" .").append(between).append(closing) += U' ';
}

void punctuation(Text& text) {
  final_period(text, U"])}>\"'\u00bb\u201d\u2019 ", U" ");
  substitute(text, [](View t, size_t i, Text& out) -> size_t {  // a colon or comma that no digit follows
    if (!contains(U":,", t[i]) || i + 1 == t.size() || is_digit(t[i + 1])) return 0;
    ((out += U' ') += t[i]) += U' ';
    out += t[i + 1];
    return 2;
  });
  const size_t last = text.size() - (text.ends_with(U'\n') ? 2 : 1);  // $ is also before a final line feed
  if (last < text.size() && contains(U":,", text[last])) {
    text.insert(last + 1, 1, U' ');
    text.insert(last, 1, U' ');
  }
  pad_runs(text, U'.', 2);
  pad(text, View(U";@#$%&"));
  pad(text, View(U"\u2012\u2013\u2014\u2015"));
  final_period(text, U"])}>\"'", U"");
  pad(text, View(U"?!"));
  substitute(text, [](View t, size_t i, Text& out) -> size_t {  // an apostrophe at the end of a word
    if (t[i] == U'\'' || t.substr(i + 1, 2) != U"' ") return 0;
    (out += t[i]).append(U" ' ");
    return 3;
  });
  pad(text, View(U"*"));
}

void ending_quotes(Text& text) {
  pad(text, View(U"\u00bb\u201d\u2019"));
  pad(text, Text(U"''"));
  substitute(text, [](View t, size_t i, Text& out) -> size_t {
    if (t[i] != U'"') return 0;
    out.append(U" '' ");
    return 1;
  });
  substitute(text, [](View t, size_t i, Text& out) -> size_t {  // white space becomes one space
    size_t end = i;
    while (end < t.size() && tokenizer::unicode::is_whitespace(t[end])) ++end;
    if (end > i) out += U' ';
    return end - i;
  });
  const auto split_ending = [&text](std::initializer_list<View> endings) {
    substitute(text, [&](View t, size_t i, Text& out) -> size_t {
      if (t[i] == U'\'' || t[i] == U' ') return 0;
      for (const View ending : endings) {
        if (t.substr(i + 1, ending.size()) != ending || at(t, i + 1 + ending.size()) != U' ') continue;
        ((out += t[i]) += U' ').append(ending) += U' ';
        return 2 + ending.size();
      }
      return 0;
    });
  };
  split_ending({U"'s", U"'S", U"'m", U"'M", U"'d", U"'D", U"'"});
  split_ending({U"'ll", U"'LL", U"'re", U"'RE", U"'ve", U"'VE", U"n't", U"N'T"});
}

// "cannot" -> " can not "
void split_contraction(Text& text, View first, View second) {
  const bool after_space = first.front() == U' ';
  const bool before_space = first == U"wan";
  substitute(text, [&](View t, size_t i, Text& out) -> size_t {
    const size_t length = first.size() + second.size(), end = i + length;
    if (!starts_with_folded(t, i, first) || !starts_with_folded(t, i + first.size(), second)) return 0;
    if (!after_space && i > 0 && python::is_word(t[i - 1])) return 0;
    const bool at_end = end == t.size();
    if (before_space ? at_end || !python::is_space(t[end]) : !at_end && python::is_word(t[end])) return 0;
    if (!after_space) out += U' ';
    out.append(t.substr(i, first.size())) += U' ';
    out.append(t.substr(i + first.size(), second.size())) += U' ';
    return length;
  });
}

}  // namespace

std::vector<std::string> nltk_word_tokenize(std::string_view utf8) {
  Text text;
  for (size_t i = 0; i < utf8.size();) text += common::next_code_point(utf8, i);
  starting_quotes(text);
  punctuation(text);
  pad(text, View(U"][(){}<>"));
  pad(text, Text(U"--"));
  text.insert(0, 1, U' ');
  text += U' ';
  ending_quotes(text);
  for (const auto& [first, second] : std::initializer_list<std::pair<View, View>>{{U"can", U"not"},
                                                                                  {U"d", U"'ye"},
                                                                                  {U"gim", U"me"},
                                                                                  {U"gon", U"na"},
                                                                                  {U"got", U"ta"},
                                                                                  {U"lem", U"me"},
                                                                                  {U"more", U"'n"},
                                                                                  {U"wan", U"na"},
                                                                                  {U" 't", U"is"},
                                                                                  {U" 't", U"was"}}) {
    split_contraction(text, first, second);
  }
  std::string joined;
  for (const char32_t c : text) common::append_utf8(joined, c);
  std::vector<std::string> words;
  for (const std::string_view word : python::split(joined)) words.emplace_back(word);
  return words;
}

}  // namespace sbert::modules
