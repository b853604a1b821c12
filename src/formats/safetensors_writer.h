#pragma once

#include <filesystem>
#include <span>

#include "formats/tensor.h"

namespace sbert::formats {

/// Writes `tensors` as safetensors.torch.save_file(..., metadata={"format": "pt"}) does, byte for byte: the widest
/// types first, names sorted within a type, the header padded to 8 bytes. The bytes are streamed from where the views
/// lie, also from other files, and the file appears whole or not at all (AtomicFile).
/// Throws InvalidArgumentError for two tensors of one name, a name that is not UTF-8 or is "__metadata__", and bytes
/// that do not fit the shape; IoError when the file cannot be written.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors);

}  // namespace sbert::formats
