// Any text as modules.json, config_sentence_transformers.json and sentence_bert_config.json: a config, or an error of
// ours. Also any text as a path that such a file names.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sbert/error.h>

#include "formats/model_configs.h"

namespace {

// What a config's values promise to those who use them.
void require(bool promise) {
  if (!promise) std::abort();
}

bool inside(const std::filesystem::path& path) {
  return path.is_relative() && std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

template <typename Use>
void check(Use use) {
  try {
    use();
  } catch (const sbert::InvalidModelError&) {
  } catch (const sbert::UnsupportedError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace formats = sbert::formats;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check([&] {
    const auto modules = formats::parse_modules_json(text, "modules.json");
    require(!modules.empty());
    for (const formats::ModuleEntry& module : modules) require(inside(module.path) && !module.type.empty());
  });
  check([&] {
    const auto config = formats::parse_sentence_transformers_config(text, "config_sentence_transformers.json");
    require(config.truncate_dim.value_or(1) > 0);
  });
  check([&] {
    const auto config = formats::parse_transformer_config(text, "sentence_bert_config.json");
    require(config.max_seq_length.value_or(1) > 0 && !config.transformer_task.empty());
    require(!config.query_expansion || config.query_expansion->length > 0);
  });
  check([&] { require(inside(formats::safe_join("", std::string(text), "fuzz"))); });
  return 0;
}
