#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <sbert/sentence_transformer.h>

#include "support/npy.h"

// One folder of tests/goldens/data; README.md there describes the format.
namespace sbert::test {

/// The texts or pairs that a case names.
struct GoldenInputs {
  std::vector<std::string> texts;
  std::vector<std::pair<std::string, std::string>> pairs;

  Inputs view() const;
};

class Golden {
 public:
  /// Names of all folders, sorted.
  static std::vector<std::string> names();
  explicit Golden(const std::string& name);

  const nlohmann::json& json() const { return json_; }
  double tolerance() const { return json_.at("tolerance").get<double>(); }
  /// The model; empty when it is a large one that is not there, and then `how_to_get_model` says what to do.
  std::filesystem::path model_folder() const;
  std::string how_to_get_model() const;

  GoldenInputs inputs(const std::string& key) const;
  Npy npy(const std::string& file) const { return Npy::read(folder_ / file); }

 private:
  std::filesystem::path folder_;
  nlohmann::json json_, texts_;
};

}  // namespace sbert::test
