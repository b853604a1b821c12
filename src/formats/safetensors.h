#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/tensor.h"

namespace sbert::formats {

/// What the header of a .safetensors file says (https://github.com/huggingface/safetensors#format).
struct SafetensorsContent {
  std::vector<TensorView> tensors;              // in the order of their place in the file
  std::map<std::string, std::string> metadata;  // `__metadata__`
};

/// Validates `file`, the bytes of a whole .safetensors file, and lists its tensors; their bytes point into `file`. Only
/// the header is read. It accepts what the `safetensors` library (0.8) accepts, with these exceptions, all of which
/// tests/parity/safetensors_parity.py states and checks:
/// - duplicate keys, at any level, are always an error (the library takes the last one);
/// - a tensor is a JSON object and its dtype a string (the library also takes ["F32", [1], [0, 4]] and {"F32": null});
/// - dimensions end at 2^63 - 1, and integers of unknown fields at 64 bits;
/// - the number -0 counts as 0.
/// Throws InvalidModelError naming the file (`name`), the tensor and what is wrong.
SafetensorsContent parse_safetensors(std::span<const std::byte> file, const std::string& name);

}  // namespace sbert::formats
