#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/model.h"

namespace sbert::tokenizer {

/// Named as in the `model` block of tokenizer.json.
struct UnigramOptions {
  std::optional<int32_t> unk_id;
  bool byte_fallback = false;  ///< unknown text is its bytes, as tokens "<0x0A>", where all of them are pieces
  std::string source;          ///< the file, for messages
};

/// The id of a piece is its place in the list. A view into whatever the caller keeps until make_unigram returns.
struct UnigramPiece {
  std::string_view piece;
  double score = 0;  ///< log probability
};

/// Unigram: a word is cut into the pieces whose scores have the largest sum; a character that is no piece counts as
/// the lowest score less 10, and neighbours of that kind are one unknown token.
/// Throws InvalidModelError for an unk_id that is no piece's, UnsupportedError for pieces of a length at which the
/// cost would not be linear.
std::unique_ptr<Model> make_unigram(const std::vector<UnigramPiece>& pieces, UnigramOptions options);

}  // namespace sbert::tokenizer
