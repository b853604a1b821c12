#include "tokenizer/tokenizer.h"

#include <sbert/error.h>
#include <sbert/tokenizer.h>

#include "formats/transformer_config.h"
#include "models/model_folder.h"
#include "models/tokenized_text.h"

namespace sbert {

namespace models {

TokenizedText to_tokenized_text(tokenizer::Encoding encoding,
                                const std::function<std::string_view(int32_t)>& id_to_token) {
  TokenizedText text;
  text.tokens.reserve(encoding.input_ids.size());
  for (const int32_t id : encoding.input_ids) text.tokens.emplace_back(id_to_token(id));
  text.input_ids = std::move(encoding.input_ids);
  text.token_type_ids = std::move(encoding.token_type_ids);
  text.truncated = encoding.truncated;
  return text;
}

}  // namespace models

struct Tokenizer::Impl {
  explicit Impl(const std::filesystem::path& folder) : Impl(folder, formats::read_transformer_config(folder)) {}
  Impl(const std::filesystem::path& folder, const formats::TransformerConfig& config)
      : tokenizer(tokenizer::Tokenizer::load(folder, {.do_lower_case = config.do_lower_case})) {
    if (config.max_seq_length) {
      max_seq_length = static_cast<size_t>(*config.max_seq_length);
    } else {
      max_seq_length = tokenizer.stored_max_length() ? tokenizer.stored_max_length() : tokenizer.model_max_length();
    }
  }

  tokenizer::Tokenizer tokenizer;
  std::optional<size_t> max_seq_length;
};

Tokenizer::Tokenizer(const std::string& folder) : impl_(new Impl(models::find_model_folder(folder))) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

std::optional<size_t> Tokenizer::max_seq_length() const {
  return impl_->max_seq_length;
}

void Tokenizer::set_max_seq_length(std::optional<size_t> tokens) {
  impl_->max_seq_length = tokens;
}

std::vector<TokenizedText> Tokenizer::tokenize(const Inputs& inputs) const {
  const tokenizer::EncodeOptions options{.max_length = impl_->max_seq_length.value_or(tokenizer::kNoLimit)};
  std::vector<TokenizedText> texts;
  texts.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    tokenizer::Encoding encoding;
    if (inputs.pairs()) {
      impl_->tokenizer.encode_pair(inputs.first(i), inputs.second(i), options, encoding);
    } else {
      impl_->tokenizer.encode(inputs.first(i), options, encoding);
    }
    texts.push_back(models::to_tokenized_text(std::move(encoding),
                                              [this](int32_t id) { return impl_->tokenizer.id_to_token(id); }));
  }
  return texts;
}

}  // namespace sbert
