// Any bytes as tokenizer.json: an error, or a tokenizer that takes any text.
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

// A folder of this process, removed at exit.
const std::filesystem::path& folder() {
  struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("tokenizer_json_fuzzer." + std::to_string(getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
  };
  static const Folder instance;
  return instance.path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::ofstream(folder() / "tokenizer.json", std::ios::binary | std::ios::trunc) << bytes;
  try {
    const auto tokenizer = sbert::tokenizer::Tokenizer::load(folder());
    sbert::tokenizer::Encoding encoding;
    for (const std::string_view text :
         {bytes, std::string_view("Hello, w\xC3\xB6rld [MASK] \xE4\xB8\xAD"), std::string_view()}) {
      tokenizer.encode(text, {.max_length = 16}, encoding);
      tokenizer.encode_pair(text, "pair", {.max_length = 7}, encoding);
    }
  } catch (const sbert::Error&) {
  }
  return 0;
}
