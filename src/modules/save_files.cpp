#include "modules/save_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include <sbert/error.h>

#include "common/mapped_file.h"
#include "common/text.h"
#include "formats/atomic_file.h"
#include "formats/folder_entry.h"
#include "formats/safetensors_writer.h"

namespace sbert::modules {
namespace {

namespace fs = std::filesystem;

// Of the tokenizers and processors of transformers. Not the whole folder is copied: it may hold weights of other
// formats, checkpoints of a training, anything.
constexpr std::array<std::string_view, 20> kTokenizerFiles = {
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "bpe.codes",
    "dict.txt",
    "normalizer.json",
    "entity_vocab.json",
    "emoji_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "processor_config.json",
    "preprocessor_config.json",
    "image_processor_config.json",
    "video_preprocessor_config.json",
    "feature_extractor_config.json",
    "source.spm",
};
constexpr std::array<std::string_view, 3> kTokenizerSuffixes = {
    ".model",     // sentencepiece
    ".tiktoken",  // merges of tiktoken
    ".py",        // named by auto_map
};

bool belongs_to_tokenizer(const fs::path& file) {
  auto is = [](const auto& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  return is(kTokenizerFiles, file.filename().string()) || is(kTokenizerSuffixes, file.extension().string());
}

}  // namespace

void copy_file(const fs::path& source, const std::string& name, const fs::path& folder) {
  const auto content = common::MappedFile::open(source / name);
  formats::AtomicFile file(folder / name);
  file.write(content.bytes());
  file.commit();
}

void copy_file_if_present(const fs::path& source, const std::string& name, const fs::path& folder) {
  if (formats::has_entry(source / name)) copy_file(source, name, folder);
}

void save_weights(const formats::TensorStore& store, const fs::path& folder) {
  std::vector<formats::TensorView> tensors;
  for (const std::string& name : store.names()) tensors.push_back(store.require(name));
  formats::write_safetensors(folder / "model.safetensors", tensors);
}

void copy_tokenizer_files(const fs::path& source, const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(source, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;  // a dangling link is an error of copy_file
    if (belongs_to_tokenizer(entry->path()) && !entry->is_directory(ignored)) {
      names.push_back(entry->path().filename().string());
    }
  }
  if (error) throw IoError("cannot read the folder " + common::quote(source.string()) + ": " + error.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) copy_file(source, name, folder);
}

}  // namespace sbert::modules
