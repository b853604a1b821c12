// Any bytes as a sentencepiece model of any class: an error, or a tokenizer that takes any text. The first byte chooses
// the class, the rest is the file.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

#include <sbert/error.h>

#include "tokenizer/tokenizer.h"

namespace {

constexpr std::array<const char*, 8> kClasses = {"T5Tokenizer",        "XLMRobertaTokenizer", "CamembertTokenizer",
                                                 "DebertaV2Tokenizer", "AlbertTokenizer",     "LlamaTokenizer",
                                                 "GemmaTokenizer",     "TokenizersBackend"};

// A folder of this process, removed at exit.
const std::filesystem::path& folder() {
  struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("sentencepiece_fuzzer." + std::to_string(getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
  };
  static const Folder instance;
  return instance.path;
}

void write(const char* name, std::string_view bytes) {
  std::ofstream(folder() / name, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  write("tokenizer_config.json",
        std::string(R"({"tokenizer_class": ")") + kClasses[data[0] % kClasses.size()] + R"(", "extra_ids": 2})");
  write("tokenizer.model", bytes);
  try {
    const auto tokenizer = sbert::tokenizer::Tokenizer::load(folder());
    sbert::tokenizer::Encoding encoding;
    for (const std::string_view text : {bytes, std::string_view("a b, <s>\xC3\xA9 \xE4\xB8\xAD"), std::string_view()}) {
      tokenizer.encode(text, {.max_length = 16}, encoding);
      tokenizer.encode_pair(text, "pair", {.max_length = 7}, encoding);
    }
  } catch (const sbert::Error&) {
  }
  return 0;
}
