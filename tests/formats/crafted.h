#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

#include <sbert/error.h>

// Files and folders made by a test, byte by byte.
namespace sbert::formats {

/// A .safetensors file: the header's length (its real one unless given), the header, the data.
inline std::string safetensors_bytes(std::string_view header, std::string_view data, int64_t length = -1) {
  const auto written = length < 0 ? static_cast<uint64_t>(header.size()) : static_cast<uint64_t>(length);
  std::string bytes(sizeof(written), '\0');
  std::memcpy(bytes.data(), &written, sizeof(written));
  return bytes.append(header).append(data);
}

/// The header entry of one tensor: "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}.
inline std::string entry(std::string_view name, std::string_view dtype, std::string_view shape,
                         std::string_view offsets) {
  std::string text = "\"";
  text.append(name).append(R"(":{"dtype":")").append(dtype).append(R"(","shape":)").append(shape);
  return text.append(R"(,"data_offsets":)").append(offsets).append("}");
}

/// A folder of its own for the running test; gone with the object.
class TempFolder {
 public:
  TempFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            (std::string("sbert_") + test->test_suite_name() + "_" + test->name() + "_" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    EXPECT_TRUE(stream) << file;
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// The message of the E that `run` throws; anything else fails the test.
template <typename E, typename Run>
std::string message_of(Run&& run) {
  try {
    run();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no exception";
  return "";
}

}  // namespace sbert::formats
