#pragma once

#include <sbert/tokenizer.h>

#include "tokenizer/tokenizer.h"

namespace sbert::models {

/// An encoding with its tokens' strings.
TokenizedText to_tokenized_text(const tokenizer::Tokenizer& tokenizer, tokenizer::Encoding encoding);

}  // namespace sbert::models
