#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::tokenizer {

/// Words -> ids: the vocabulary and the algorithm that uses it. Immutable; any number of threads.
class Model {
 public:
  virtual ~Model() = default;
  /// Appends the ids of one word (well-formed UTF-8, not empty). Throws InvalidModelError when the word needs the
  /// unknown token and the vocabulary has none.
  virtual void tokenize(std::string_view word, std::vector<int32_t>& ids) const = 0;

  virtual std::optional<int32_t> token_to_id(std::string_view token) const = 0;
  /// Empty where the vocabulary has a hole.
  virtual std::string_view id_to_token(int32_t id) const = 0;
  /// Number of different strings; added tokens that are not among them get the ids from here on.
  virtual size_t vocab_size() const = 0;
  /// -1 for an empty vocabulary.
  virtual int32_t max_id() const = 0;
  /// As `model.type` in tokenizer.json.
  virtual const std::string& type() const = 0;
};

}  // namespace sbert::tokenizer
