#include "modules/word_embeddings.h"

#include <limits>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "common/json.h"
#include "formats/config_writer.h"
#include "formats/tensor_store.h"
#include "modules/save_files.h"

namespace sbert::modules {

void tokenize_words(const WordTokenizer& tokenizer, std::string_view first, std::optional<std::string_view> second,
                    const char* module, tokenizer::Encoding& out) {
  if (second) {
    throw InvalidArgumentError(std::string(module) + " reads single texts: a pair of texts cannot be encoded");
  }
  tokenizer.tokenize(first, out.input_ids);
  out.token_type_ids.assign(out.input_ids.size(), 0);
  out.truncated = 0;
}

std::unique_ptr<WordEmbeddings> WordEmbeddings::load(const ModuleSource& source) {
  const auto config = common::JsonObject::read_file(source.folder / "wordembedding_config.json");
  return std::unique_ptr<WordEmbeddings>(new WordEmbeddings(source, config));
}

WordEmbeddings::WordEmbeddings(const ModuleSource& source, const common::JsonObject& config)
    : tokenizer_class_(config.string("tokenizer_class")),
      tokenizer_(WordTokenizer::load(source.folder, tokenizer_class_, config.source())),
      table_(source, {"emb_layer.weight"}),
      update_embeddings_(config.boolean_if("update_embeddings").value_or(false)) {
  const auto limit = config.integer_if("max_seq_length", 1, std::numeric_limits<int64_t>::max());
  max_seq_length_ = static_cast<size_t>(limit.value_or(1000000));
}

void WordEmbeddings::tokenize(std::string_view first, std::optional<std::string_view> second, Task,
                              tokenizer::Encoding& out) const {
  tokenize_words(tokenizer_, first, second, "WordEmbeddings", out);
}

void WordEmbeddings::forward(Features& features, nn::Workspace&) const {
  const nn::PackedBatch& batch = features.batch;
  features.token_embeddings.resize(batch.num_tokens(), table_.cols());
  for (size_t i = 0; i < batch.num_tokens(); ++i) table_.copy_row(batch.token_ids[i], features.token_embeddings.row(i));
}

void WordEmbeddings::save(const std::filesystem::path& source, const std::filesystem::path& folder) const {
  const std::string file = "wordembedding_config.json";
  auto config = common::JsonObject::read_file(source / file).raw();
  config["max_seq_length"] = max_seq_length_;
  formats::write_json_file(folder / file, config, 4);
  for (const char* tokenizer : {"whitespacetokenizer_config.json", "phrasetokenizer_config.json"}) {
    copy_file_if_present(source, tokenizer, folder);
  }
  save_weights(formats::TensorStore::open(source), folder);
}

std::string WordEmbeddings::description() const {
  return "WordEmbeddings({'tokenizer_class': '" + tokenizer_class_ +
         "', 'update_embeddings': " + (update_embeddings_ ? "True" : "False") +
         ", 'max_seq_length': " + std::to_string(max_seq_length_) + "})";
}

}  // namespace sbert::modules
