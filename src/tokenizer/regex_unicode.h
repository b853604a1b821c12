#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The Unicode of the regular expressions of `tokenizers`, whose Oniguruma has younger tables than the system's.
namespace sbert::tokenizer::regex_unicode {

/// \p{Lu}; \p{Lt}; \p{Ll}; \p{Lm} and \p{Lo}; \p{M}; \p{N}; everything else.
enum class Category : uint8_t { kUppercase, kTitlecase, kLowercase, kOtherLetter, kMark, kNumber, kOther };
Category category(char32_t c) noexcept;

/// `pattern` for the system's Oniguruma: properties (\p{L}, \w, [[:alpha:]] ...) that mean other code points there are
/// written as what they mean in `tokenizers`.
std::string for_system_oniguruma(std::string_view pattern);

}  // namespace sbert::tokenizer::regex_unicode
