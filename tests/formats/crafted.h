#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <sbert/error.h>

#include "support/errors.h"
#include "support/temporary_folder.h"

// Files made by a test, byte by byte.
namespace sbert::formats {

using test::message_of;
using TempFolder = test::TemporaryFolder;

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

}  // namespace sbert::formats
