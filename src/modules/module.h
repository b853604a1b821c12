#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mapped_file.h"
#include "formats/model_configs.h"
#include "modules/features.h"
#include "nn/workspace.h"

namespace sbert::modules {

/// One step of modules.json. Immutable after loading; `forward` may run on several threads at once, each with its own
/// features and workspace, and computes every text by itself.
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module();

  virtual void forward(Features& features, nn::Workspace& workspace) const = 0;

  /// Size of the vectors that leave this module; nothing where it does not change them.
  virtual std::optional<size_t> embedding_dimension() const { return std::nullopt; }
  virtual size_t num_parameters() const { return 0; }
  /// As the reference prints it: "Pooling({'embedding_dimension': 384, ...})".
  virtual std::string description() const = 0;
  /// Files the weights came from.
  virtual std::vector<std::filesystem::path> weight_files() const { return {}; }
};

/// Where a module is loaded from.
struct ModuleSource {
  std::filesystem::path folder;  // the module's own
  common::FileAccess access = common::FileAccess::kMap;
};

/// Loads a module by the class path that the file `named_by` gives (modules.json, quoted). Throws UnsupportedError
/// naming a class that is not known: code of a model is never run.
std::unique_ptr<Module> load_module(const std::string& type, const ModuleSource& source, const std::string& named_by);

/// The class name of a dotted path: "Pooling" of "sentence_transformers.models.Pooling".
std::string class_name(const std::string& type);

}  // namespace sbert::modules
