#include "modules/module.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/tensor_store.h"
#include "modules/bow.h"
#include "modules/cnn.h"
#include "modules/dense.h"
#include "modules/dropout.h"
#include "modules/layer_norm.h"
#include "modules/lstm.h"
#include "modules/normalize.h"
#include "modules/pooling.h"
#include "modules/router.h"
#include "modules/save_files.h"
#include "modules/static_embedding.h"
#include "modules/transformer.h"
#include "modules/weighted_layer_pooling.h"
#include "modules/word_embeddings.h"
#include "modules/word_weights.h"

namespace sbert::modules {
namespace {

struct Class {
  std::string_view name;
  std::string_view python_module;  // of version 6, behind "sentence_transformers."
  std::unique_ptr<Module> (*load)(const ModuleSource& source);
};

template <typename T>
std::unique_ptr<Module> load(const ModuleSource& source) {
  return T::load(source);
}

constexpr std::array kClasses = {
    Class{"Transformer", "base.modules.transformer", load<Transformer>},
    Class{"Pooling", "sentence_transformer.modules.pooling", load<Pooling>},
    Class{"Normalize", "base.modules.normalize", load<Normalize>},
    Class{"Dense", "base.modules.dense", load<Dense>},
    Class{"Dropout", "sentence_transformer.modules.dropout", load<Dropout>},
    Class{"LayerNorm", "sentence_transformer.modules.layer_norm", load<LayerNorm>},
    Class{"StaticEmbedding", "sentence_transformer.modules.static_embedding", load<StaticEmbedding>},
    Class{"CLIPModel", "sentence_transformer.modules.clip_model", load<CLIPModel>},
    Class{"Router", "base.modules.router", load<Router>},
    Class{"Asym", "base.modules.router", load<Router>},
    Class{"CNN", "sentence_transformer.modules.cnn", load<CNN>},
    Class{"LSTM", "sentence_transformer.modules.lstm", load<LSTM>},
    Class{"WeightedLayerPooling", "sentence_transformer.modules.weighted_layer_pooling", load<WeightedLayerPooling>},
    Class{"WordEmbeddings", "sentence_transformer.modules.word_embeddings", load<WordEmbeddings>},
    Class{"WordWeights", "sentence_transformer.modules.word_weights", load<WordWeights>},
    Class{"BoW", "sentence_transformer.modules.bow", load<BoW>},
};

// Text enters at the head of the model (or of a route there), and nowhere else.
void check_place(const Module& module, ModuleSource::Place place, const std::string& type,
                 const std::string& named_by) {
  const bool reads_text = dynamic_cast<const InputModule*>(&module) != nullptr;
  const bool is_router = dynamic_cast<const Router*>(&module) != nullptr;
  if (place == ModuleSource::Place::kHead && !reads_text) {
    throw UnsupportedError(named_by + ": module " + common::quote(type) +
                           " stands first, but the first module must be one that reads text");
  }
  if (place == ModuleSource::Place::kLater && reads_text && !is_router) {
    throw UnsupportedError(named_by + ": module " + common::quote(type) +
                           " reads text, but stands behind another module");
  }
}

}  // namespace

Module::~Module() = default;

void Module::save(const std::filesystem::path& source, const std::filesystem::path& folder) const {
  for (const std::string& file : config_files()) copy_file(source, file, folder);
  if (!weight_files().empty()) save_weights(formats::TensorStore::open(source), folder);
}

std::string class_name(const std::string& type) {
  return type.substr(type.find_last_of('.') + 1);
}

SavedClass saved_class(const std::string& type) {
  const std::string name = class_name(type);
  constexpr std::array<std::string_view, 5> kInRoot = {"Transformer", "CLIPModel", "StaticEmbedding", "WordEmbeddings",
                                                       "Router"};  // not BoW
  for (const Class& known : kClasses) {
    if (known.name != name) continue;
    SavedClass saved;
    saved.name = name == "Asym" ? "Router" : name;
    saved.type = "sentence_transformers." + std::string(known.python_module) + "." + saved.name;
    saved.in_root = std::find(kInRoot.begin(), kInRoot.end(), saved.name) != kInRoot.end();
    return saved;
  }
  throw UnsupportedError("module " + common::quote(type) + " is not supported by this version");
}

std::unique_ptr<Module> load_module(const std::string& type, const ModuleSource& source, const std::string& named_by) {
  if (!type.starts_with("sentence_transformers.")) {
    throw UnsupportedError(named_by + ": module " + common::quote(type) +
                           " is code of the model's own (trust_remote_code), which is never run here");
  }
  const std::string name = class_name(type);
  for (const Class& known : kClasses) {
    if (known.name != name) continue;
    auto module = known.load(source);
    check_place(*module, source.place, type, named_by);
    return module;
  }
  std::string known;
  for (const Class& c : kClasses) known += (known.empty() ? "" : ", ") + std::string(c.name);
  throw UnsupportedError(named_by + ": module " + common::quote(type) +
                         " is not supported by this version; supported: " + known);
}

}  // namespace sbert::modules
