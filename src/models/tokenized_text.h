#pragma once

#include <functional>
#include <string_view>

#include <sbert/tokenizer.h>

#include "tokenizer/tokenizer.h"

namespace sbert::models {

/// An encoding with its tokens' strings.
TokenizedText to_tokenized_text(tokenizer::Encoding encoding,
                                const std::function<std::string_view(int32_t)>& id_to_token);

}  // namespace sbert::models
