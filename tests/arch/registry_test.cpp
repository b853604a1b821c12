#include <algorithm>
#include <gtest/gtest.h>

#include <sbert/error.h>

#include "arch/read_architecture.h"
#include "support/errors.h"

// model_type -> family.
namespace sbert::arch {
namespace {

using test::message_of;

TEST(RegistryTest, KnowsEachTypeOnce) {
  std::vector<std::string> types = known_model_types();
  EXPECT_NE(std::find(types.begin(), types.end(), "bert"), types.end());
  EXPECT_NE(std::find(types.begin(), types.end(), "camembert"), types.end());
  std::sort(types.begin(), types.end());
  EXPECT_EQ(std::adjacent_find(types.begin(), types.end()), types.end());
}

TEST(RegistryTest, NamesAnUnknownTypeAndListsTheKnown) {
  auto read_file = [](const std::string& config) {
    return [config] { read_architecture(common::JsonObject::parse(config, "'m/config.json'")); };
  };
  const std::string message = message_of<UnsupportedError>(read_file(R"({"model_type": "gpt9"})"));
  EXPECT_EQ(message.find("'m/config.json': model_type 'gpt9' is not supported by this version; supported: "), 0u)
      << message;
  for (const std::string& type : known_model_types()) EXPECT_NE(message.find(type), std::string::npos) << type;
  EXPECT_EQ(message_of<InvalidModelError>(read_file("{}")), "'m/config.json': field 'model_type' is missing");
  EXPECT_EQ(message_of<InvalidModelError>(read_file(R"({"model_type": ["bert"]})")),
            "'m/config.json': field 'model_type' must be a string, found an array");
}

}  // namespace
}  // namespace sbert::arch
