#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mapped_file.h"
#include "formats/model_configs.h"
#include "modules/features.h"
#include "nn/workspace.h"
#include "tokenizer/tokenizer.h"

namespace sbert::modules {

/// What an input is for: "query", "document", the name of a Router's route; "" is none.
using Task = std::string_view;

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
  /// True for a module that reads Features::all_layer_embeddings, or holds one that does.
  virtual bool reads_all_layer_embeddings() const { return false; }
  /// As the reference prints it: "Pooling({'embedding_dimension': 384, ...})".
  virtual std::string description() const = 0;
  /// Files the weights came from.
  virtual std::vector<std::filesystem::path> weight_files() const { return {}; }

  /// Writes the module into `folder`, which exists, in files of version 6: loaded from there it computes the same bits.
  /// `source` is the folder it was loaded from, where everything that cannot have changed since is read again.
  virtual void save(const std::filesystem::path& source, const std::filesystem::path& folder) const;

 protected:
  /// What save() copies beside the weights, unless a module has a save() of its own.
  virtual std::vector<std::string> config_files() const { return {"config.json"}; }
};

/// A module that reads text: the first one of a model, and the first one of each route of a Router.
class InputModule : public Module {
 public:
  /// Tokens of one text, or of a pair, as this module's forward receives them; cut to the limit that holds for `task`.
  /// `out` is overwritten.
  virtual void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                        tokenizer::Encoding& out) const = 0;
  /// Tokens of a prompt alone, without a special token behind it (features 2-20).
  virtual size_t prompt_length(std::string_view prompt, Task task) const = 0;

  /// Most tokens of an input; nothing where there is no limit.
  virtual std::optional<size_t> max_seq_length() const = 0;
  /// Throws InvalidArgumentError when `tokens` is more than the model has positions for, or leaves no room for text.
  virtual void set_max_seq_length(size_t tokens) = 0;

  /// What the reference notes of the kind of an input, for Routers behind this module; most note nothing.
  virtual std::string_view modality() const { return ""; }
  /// Tells that a later module reads Features::all_layer_embeddings; a module whose configuration does not say
  /// output_hidden_states makes none even so, as the reference.
  virtual void request_all_layer_embeddings() {}

  /// The vocabulary's string of an id; empty where the vocabulary has a hole.
  virtual std::string_view id_to_token(int32_t id, Task task) const = 0;
  /// For `sbert info`: the file and kind of the tokenizer, as "tokenizer.json (WordPiece)", and the kind of the model:
  /// config.json's model_type, or the module's class.
  virtual std::string tokenizer_description() const = 0;
  virtual std::string architecture() const = 0;
  /// Where this module may differ from what the reference makes of the folder: one sentence each, for `sbert info`.
  virtual std::vector<std::string> notes() const { return {}; }
};

/// Where a module is loaded from.
struct ModuleSource {
  std::filesystem::path folder;  // the module's own
  common::FileAccess access = common::FileAccess::kMap;
  /// The place of the module: at the head of the model, or of a route of a Router that stands there. Only an
  /// InputModule may stand at the head, and none but a Router elsewhere.
  enum class Place { kHead, kLater } place = Place::kHead;
  size_t router_depth = 0;  // Routers around it
};

/// Loads a module by the class path that the file `named_by` gives (modules.json, quoted). Throws UnsupportedError
/// naming a class that is not known, or not possible at its place: code of a model is never run.
std::unique_ptr<Module> load_module(const std::string& type, const ModuleSource& source, const std::string& named_by);

/// A class of modules as version 6 writes it.
struct SavedClass {
  std::string name;      // "Pooling"; "Router" also for what was loaded as Asym
  std::string type;      // class path
  bool in_root = false;  // at the head of a model its files lie in the model's own folder
};
/// `type` is a class path of any version that load_module takes.
SavedClass saved_class(const std::string& type);

/// The class name of a dotted path: "Pooling" of "sentence_transformers.models.Pooling".
std::string class_name(const std::string& type);

}  // namespace sbert::modules
