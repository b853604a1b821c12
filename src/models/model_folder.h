#pragma once

#include <filesystem>
#include <string>

namespace sbert::models {

/// The folder of a model that the caller named. Throws ModelNotFoundError when there is none, InvalidArgumentError when
/// the name is a file.
std::filesystem::path find_model_folder(const std::string& name_or_path);

}  // namespace sbert::models
