#include "modules/static_embedding.h"

#include <algorithm>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::modules {
namespace {

// Other tokenizer files would be another tokenizer than the reference's, which reads this one only.
const std::filesystem::path& require_tokenizer_json(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "tokenizer.json")) {
    throw InvalidModelError("file " + common::quote((folder / "tokenizer.json").string()) + " is missing");
  }
  return folder;
}

}  // namespace

std::unique_ptr<StaticEmbedding> StaticEmbedding::load(const ModuleSource& source) {
  return std::unique_ptr<StaticEmbedding>(new StaticEmbedding(source));
}

StaticEmbedding::StaticEmbedding(const ModuleSource& source)
    : tokenizer_(tokenizer::Tokenizer::load(require_tokenizer_json(source.folder))),
      table_(source, {"embedding.weight", "embeddings"}) {}

void StaticEmbedding::tokenize(std::string_view first, std::optional<std::string_view> second, Task,
                               tokenizer::Encoding& out) const {
  const tokenizer::EncodeOptions options{
      .max_length = tokenizer_.stored_max_length().value_or(tokenizer::kNoLimit),
      .add_special_tokens = false,
  };
  if (second) {
    tokenizer_.encode_pair(first, *second, options, out);
  } else {
    tokenizer_.encode(first, options, out);
  }
}

void StaticEmbedding::set_max_seq_length(size_t) {
  throw InvalidArgumentError("a StaticEmbedding reads texts of any length: it has no max_seq_length to set");
}

std::vector<std::string> StaticEmbedding::notes() const {
  std::vector<std::string> notes;
  for (const char* name : {"weights", "mapping"}) {
    if (table_.has_tensor(name)) {
      notes.push_back("model2vec's tensor " + common::quote(name) + " is not used, as in Sentence Transformers");
    }
  }
  return notes;
}

void StaticEmbedding::forward(Features& features, nn::Workspace&) const {
  const nn::PackedBatch& batch = features.batch;
  const size_t dimension = table_.cols();
  features.sentence_embedding.resize(batch.num_texts(), dimension);
  std::vector<double> sum(dimension);  // in double, as in Pooling
  std::vector<float> buffer;
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (size_t i = batch.offsets[text]; i < batch.offsets[text + 1]; ++i) {
      table_.add_row(batch.token_ids[i], sum.data(), buffer);
    }
    const auto count = static_cast<double>(std::max<size_t>(batch.length(text), 1));
    float* out = features.sentence_embedding.row(text);
    for (size_t j = 0; j < dimension; ++j) out[j] = static_cast<float>(sum[j] / count);
  }
}

}  // namespace sbert::modules
