#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "common/mapped_file.h"
#include "formats/model_configs.h"
#include "modules/module.h"

namespace sbert::models {

struct NamedModule {
  formats::ModuleEntry entry;
  std::unique_ptr<modules::Module> module;
};

/// The modules that `entries` (modules.json of `folder`) name, in their order. Throws InvalidModelError or
/// UnsupportedError, also where the first one does not read text.
std::vector<NamedModule> load_saved_modules(const std::filesystem::path& folder,
                                            const std::vector<formats::ModuleEntry>& entries,
                                            common::FileAccess access);

/// What the reference makes of a folder without modules.json, and of a folder of another kind of model (features 2-05,
/// 2-06): the Transformer of the folder itself, and a Pooling where it makes no sentence embedding. A folder that
/// model2vec saved becomes a StaticEmbedding.
std::vector<NamedModule> load_default_modules(const std::filesystem::path& folder, common::FileAccess access);

}  // namespace sbert::models
