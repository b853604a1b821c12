#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// No limit on the number of tokens.
inline constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

/// The tokens of one text or text pair, as the model receives them.
struct Encoding {
  std::vector<int32_t> input_ids;
  std::vector<int32_t> token_type_ids;  ///< as many as input_ids; zeros where the tokenizer has none
  size_t truncated = 0;                 ///< tokens that `max_length` cut off
};

struct LoadOptions {
  /// `do_lower_case` of sentence_bert_config.json: a Lowercase normalizer in front of the tokenizer's own.
  bool do_lower_case = false;
};

struct EncodeOptions {
  /// Most tokens in the result, special tokens included; longer input is truncated (longest_first for pairs).
  size_t max_length = kNoLimit;
  bool add_special_tokens = true;
};

/// Text -> input_ids, as Hugging Face `tokenizers` 0.23 does it from the same files. Immutable: one object serves any
/// number of threads. Copies share the vocabulary.
class Tokenizer {
 public:
  /// Reads `folder`/tokenizer.json. Where there is none, does what transformers 5.23 does: the class that
  /// tokenizer_config.json or config.json names (class_recipes.cpp lists those known here; BERT where none does) reads
  /// its vocab.txt, vocab.json and merges.txt, or sentencepiece model, with the options of tokenizer_config.json.
  /// Throws InvalidModelError (missing, broken), UnsupportedError (a component that is not known here, by name).
  static Tokenizer load(const std::filesystem::path& folder, const LoadOptions& options = {});

  /// Any bytes are text: ill-formed UTF-8 is replaced by U+FFFD first. Time is linear in the length of the text.
  /// `out` is overwritten; its capacity is reused. Throws InvalidArgumentError when `max_length` leaves no room for the
  /// special tokens, InvalidModelError when a text needs the unknown token and the vocabulary has none.
  void encode(std::string_view text, const EncodeOptions& options, Encoding& out) const;
  void encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options, Encoding& out) const;

  /// Number of ids, added tokens included: one more than the largest id.
  size_t vocab_size() const;
  /// The vocabulary's string of an id; empty where the vocabulary has a hole.
  std::string_view id_to_token(int32_t id) const;
  std::optional<int32_t> token_to_id(std::string_view token) const;

  /// `model_max_length` of tokenizer_config.json where it is a real limit (below 1e9).
  std::optional<size_t> model_max_length() const;
  /// The `truncation.max_length` that tokenizer.json itself stores.
  std::optional<size_t> stored_max_length() const;
  /// How many special tokens are added around one text (or, for a pair, two).
  size_t num_special_tokens(bool pair) const;
  /// True for the tokens that the tokenizer puts around texts, and for added tokens marked special.
  bool is_special(int32_t id) const;
  /// The file the vocabulary came from ("tokenizer.json", "vocab.txt", "spiece.model" ...) and its model ("WordPiece").
  const std::string& source_file() const;
  const std::string& model_type() const;
  /// Where transformers 5 rebuilds this tokenizer from its class and may then differ from the file that we follow:
  /// one sentence about it, else empty.
  const std::string& note() const;

  struct Impl;
  explicit Tokenizer(std::shared_ptr<const Impl> impl);

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace sbert::tokenizer
