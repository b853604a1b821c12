#include "modules/word_weights_table.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/text.h"
#include "modules/python_text.h"

namespace sbert::modules {
namespace {

std::optional<float> find_weight(const common::JsonObject& weights, const std::string& word) {
  const auto found = weights.raw().find(word);
  if (found == weights.raw().end()) return std::nullopt;
  const auto weight = found->is_number() ? static_cast<float>(found->get<double>()) : NAN;
  if (!std::isfinite(weight)) weights.fail(word, "must be a number that fits a float");
  return weight;
}

}  // namespace

std::vector<float> read_word_weights(const common::JsonObject& config, const std::vector<std::string>& vocab) {
  const auto weights = config.object_if("word_weights");
  const auto unknown = static_cast<float>(config.number_if("unknown_word_weight").value_or(1.0));
  std::vector<float> table;
  table.reserve(vocab.size());
  for (const std::string& word : vocab) {
    std::optional<float> weight;
    if (weights) weight = find_weight(*weights, word);
    if (weights && !weight) weight = find_weight(*weights, python::lower(word));
    table.push_back(weight.value_or(unknown));
  }
  return table;
}

}  // namespace sbert::modules
