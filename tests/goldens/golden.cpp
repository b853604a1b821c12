#include "goldens/golden.h"

#include <algorithm>
#include <cstdlib>

#include "support/temporary_folder.h"

namespace sbert::test {
namespace {

const std::filesystem::path kData = std::filesystem::path(SBERT_TEST_DIR) / "goldens" / "data";

}  // namespace

Inputs GoldenInputs::view() const {
  if (pairs.empty()) return texts;
  std::vector<TextPair> views;
  for (const auto& [first, second] : pairs) views.push_back({first, second});
  return views;
}

std::vector<std::string> Golden::names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kData)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Golden::Golden(const std::string& name)
    : folder_(kData / name),
      json_(nlohmann::json::parse(contents_of(folder_ / "golden.json"))),
      texts_(nlohmann::json::parse(contents_of(kData / "texts.json"))) {}

std::filesystem::path Golden::model_folder() const {
  if (json_.at("model").is_string()) return folder_ / json_.at("model").get<std::string>();
  const char* models = std::getenv("SBERT_MODELS");
  const auto root = models != nullptr ? std::filesystem::path(models)
                                      : std::filesystem::path(SBERT_TEST_DIR).parent_path() / "models";
  const auto folder = root / folder_.filename();
  return std::filesystem::exists(folder / "modules.json") ? folder : std::filesystem::path();
}

std::string Golden::how_to_get_model() const {
  return "scripts/get_model fetches " + folder_.filename().string() + " to models/ (or set SBERT_MODELS)";
}

GoldenInputs Golden::inputs(const std::string& key) const {
  const nlohmann::json& own = json_.contains("inputs") ? json_.at("inputs") : texts_;
  GoldenInputs inputs;
  for (const nlohmann::json& item : own.at(key)) {
    if (item.is_string()) {
      inputs.texts.push_back(item.get<std::string>());
    } else {
      inputs.pairs.emplace_back(item.at(0).get<std::string>(), item.at(1).get<std::string>());
    }
  }
  return inputs;
}

}  // namespace sbert::test
