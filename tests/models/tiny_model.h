#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "support/temporary_folder.h"

namespace sbert::test {

/// A model folder of the goldens; see tests/goldens/tiny_models.py for what each is.
inline std::filesystem::path tiny_model(const std::string& name = "v2-uncased-mean") {
  return std::filesystem::path(SBERT_TEST_DIR) / "goldens" / "data" / name / "model";
}

/// A test that may change the files of its own copy of a model.
class ModelCopyTest : public testing::Test {
 protected:
  ModelCopyTest() { std::filesystem::copy(tiny_model(), folder.path(), std::filesystem::copy_options::recursive); }
  std::string path() const { return folder.path().string(); }

  TemporaryFolder folder;
};

}  // namespace sbert::test
