#include "models/model_folder.h"

#include <system_error>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::models {

std::filesystem::path find_model_folder(const std::string& name_or_path) {
  std::error_code error;
  const std::filesystem::path path(name_or_path);
  if (std::filesystem::is_directory(path, error)) return path;
  if (std::filesystem::exists(path, error)) {
    throw InvalidArgumentError(common::quote(name_or_path) +
                               " is a file: give the model's folder, which holds config.json and modules.json");
  }
  throw ModelNotFoundError("there is no model folder " + common::quote(name_or_path) +
                           ": give the path of a folder that Sentence Transformers saved (names from the hub are not "
                           "fetched by this version)");
}

}  // namespace sbert::models
