#include "modules/module.h"

#include <array>
#include <string_view>

#include <sbert/error.h>

#include "common/text.h"
#include "modules/dense.h"
#include "modules/dropout.h"
#include "modules/layer_norm.h"
#include "modules/normalize.h"
#include "modules/pooling.h"
#include "modules/transformer.h"

namespace sbert::modules {
namespace {

struct Class {
  std::string_view name;
  std::unique_ptr<Module> (*load)(const ModuleSource& source);
};

template <typename T>
std::unique_ptr<Module> load(const ModuleSource& source) {
  return T::load(source);
}

constexpr std::array kClasses = {
    Class{"Transformer", load<Transformer>}, Class{"Pooling", load<Pooling>},     Class{"Dense", load<Dense>},
    Class{"Normalize", load<Normalize>},     Class{"LayerNorm", load<LayerNorm>}, Class{"Dropout", load<Dropout>},
};

}  // namespace

Module::~Module() = default;

std::string class_name(const std::string& type) {
  return type.substr(type.find_last_of('.') + 1);
}

std::unique_ptr<Module> load_module(const std::string& type, const ModuleSource& source, const std::string& named_by) {
  if (!type.starts_with("sentence_transformers.")) {
    throw UnsupportedError(named_by + ": module " + common::quote(type) +
                           " is code of the model's own (trust_remote_code), which is never run here");
  }
  const std::string name = class_name(type);
  for (const Class& known : kClasses) {
    if (known.name == name) return known.load(source);
  }
  std::string known;
  for (const Class& c : kClasses) known += (known.empty() ? "" : ", ") + std::string(c.name);
  throw UnsupportedError(named_by + ": module " + common::quote(type) +
                         " is not supported by this version; supported: " + known);
}

}  // namespace sbert::modules
