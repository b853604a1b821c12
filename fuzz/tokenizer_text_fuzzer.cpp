// Any bytes as text: the two ways to set the limit of tokens agree, and no id is outside the vocabulary.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "tokenizer/tokenizer.h"

namespace {

sbert::tokenizer::Tokenizer load() {
  const auto folder = std::filesystem::temp_directory_path() / "tokenizer_text_fuzzer";
  std::filesystem::create_directories(folder);
  std::ofstream vocab(folder / "vocab.txt", std::ios::binary | std::ios::trunc);
  vocab << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##able\n##a\n##e\na\ne\n,\n.\nthe\n\xC3\xA9\n\xE4\xB8\xAD\n##"
           "\xCC\x81\n";
  vocab.close();
  return sbert::tokenizer::Tokenizer::load(folder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const sbert::tokenizer::Tokenizer tokenizer = load();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sbert::tokenizer::Encoding whole, cut;
  tokenizer.encode(text, {}, whole);
  tokenizer.encode(text, {.max_length = 12}, cut);
  if (cut.input_ids.size() + cut.truncated != whole.input_ids.size() || whole.truncated != 0) std::abort();
  for (const int32_t id : whole.input_ids) {
    if (id < 0 || static_cast<size_t>(id) >= tokenizer.vocab_size()) std::abort();
  }
  return 0;
}
