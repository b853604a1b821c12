#include <array>
#include <string_view>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "arch/families.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

struct Family {
  std::string_view model_type;
  Architecture (*read)(const common::JsonObject& config);
};

constexpr std::array kFamilies = {
    Family{"bert", read_bert},
};

}  // namespace

std::vector<std::string> known_model_types() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.model_type);
  return names;
}

Architecture read_architecture(const common::JsonObject& config) {
  const std::string model_type = config.string("model_type");
  for (const Family& family : kFamilies) {
    if (family.model_type == model_type) return family.read(config);
  }
  std::string known;
  for (const std::string& name : known_model_types()) known += (known.empty() ? "" : ", ") + name;
  throw UnsupportedError(config.source() + ": model_type " + common::quote(model_type) +
                         " is not supported by this version; supported: " + known);
}

}  // namespace sbert::arch
