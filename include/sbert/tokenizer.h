#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sbert/export.h>
#include <sbert/types.h>

namespace sbert {

/// One text or text pair as the first module of a model receives it.
struct TokenizedText {
  std::vector<int32_t> input_ids;       ///< special tokens included, truncated
  std::vector<int32_t> token_type_ids;  ///< as many; zeros where the tokenizer has none
  std::vector<std::string> tokens;      ///< the vocabulary's strings of input_ids
  size_t truncated = 0;                 ///< tokens that were cut off
};

/// The tokenizer of a folder that need not hold a model: tokenizer.json, or vocab.txt. Immutable and thread-safe.
///
///     sbert::Tokenizer tokenizer("path/to/folder");
///     auto ids = tokenizer.tokenize({"The weather is lovely today."})[0].input_ids;
class SBERT_API Tokenizer {
 public:
  /// Throws ModelNotFoundError, InvalidModelError or UnsupportedError.
  explicit Tokenizer(const std::string& folder);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  /// Most tokens of a result: `max_seq_length` of sentence_bert_config.json, else what tokenizer.json stores, else
  /// `model_max_length` of tokenizer_config.json, else nothing.
  std::optional<size_t> max_seq_length() const;
  void set_max_seq_length(std::optional<size_t> tokens);

  std::vector<TokenizedText> tokenize(const Inputs& inputs) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sbert
