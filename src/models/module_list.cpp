#include "models/module_list.h"

#include <sbert/error.h>

#include "common/json.h"
#include "common/text.h"
#include "formats/model_weights.h"
#include "formats/safe_path.h"
#include "modules/normalize.h"
#include "modules/pooling.h"
#include "modules/static_embedding.h"
#include "modules/transformer.h"

namespace sbert::models {
namespace {

using modules::PoolingMode;

void append(std::vector<NamedModule>& list, const char* type, std::unique_ptr<modules::Module> module) {
  const auto idx = static_cast<int64_t>(list.size());
  list.push_back({.entry = {.idx = idx, .name = std::to_string(idx), .path = "", .type = type, .kwargs = {}},
                  .module = std::move(module)});
}

// A model made to continue texts has read the whole text only at its last token, unless it was turned into one that
// looks both ways.
PoolingMode default_pooling_mode(const common::JsonObject& config) {
  if (!config.has("architectures")) return PoolingMode::kMean;
  const std::vector<std::string> architectures = config.strings("architectures");
  const bool continues_text = !architectures.empty() && architectures.front().ends_with("ForCausalLM");
  return continues_text && config.boolean_if("is_causal").value_or(true) ? PoolingMode::kLastToken : PoolingMode::kMean;
}

}  // namespace

std::vector<NamedModule> load_saved_modules(const std::filesystem::path& folder,
                                            const std::vector<formats::ModuleEntry>& entries,
                                            common::FileAccess access) {
  const std::string file = common::quote((folder / "modules.json").string());
  std::vector<NamedModule> list;
  for (const formats::ModuleEntry& entry : entries) {
    using Place = modules::ModuleSource::Place;
    const modules::ModuleSource source{.folder = formats::safe_join(folder, entry.path, file),
                                       .access = access,
                                       .place = list.empty() ? Place::kHead : Place::kLater};
    list.push_back({entry, modules::load_module(entry.type, source, file)});
  }
  return list;
}

std::vector<NamedModule> load_default_modules(const std::filesystem::path& folder, common::FileAccess access) {
  std::vector<NamedModule> list;
  const modules::ModuleSource source{.folder = folder, .access = access};
  const auto config = common::JsonObject::read_file(formats::model_config_folder(folder) / "config.json");
  if (config.string_if("model_type") == "model2vec") {
    append(list, "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding",
           modules::StaticEmbedding::load(source));
    if (config.boolean_if("normalize").value_or(false)) {
      append(list, "sentence_transformers.base.modules.normalize.Normalize", std::make_unique<modules::Normalize>());
    }
    return list;
  }
  auto transformer = modules::Transformer::load_plain(source);
  const size_t dimension = transformer->embedding_dimension().value_or(0);
  const bool needs_pooling = !transformer->makes_sentence_embeddings();
  append(list, "sentence_transformers.base.modules.transformer.Transformer", std::move(transformer));
  if (!needs_pooling) return list;
  append(list, "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
         std::make_unique<modules::Pooling>(dimension, std::vector{default_pooling_mode(config)}, true));
  return list;
}

}  // namespace sbert::models
