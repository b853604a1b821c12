#pragma once

#include <filesystem>
#include <string>

#include "formats/tensor_store.h"

// What a module's save() is made of. Every file appears whole or not at all; throws IoError where it cannot be written.
namespace sbert::modules {

/// The file `name` of `source`, which must be there (InvalidModelError).
void copy_file(const std::filesystem::path& source, const std::string& name, const std::filesystem::path& folder);
void copy_file_if_present(const std::filesystem::path& source, const std::string& name,
                          const std::filesystem::path& folder);

/// `folder`/model.safetensors: all tensors in the element types they have. They are streamed from where they lie.
void save_weights(const formats::TensorStore& store, const std::filesystem::path& folder);

/// Everything beside weights and configurations that the tokenizer, the processor of images and the model's own Python
/// code (never run here) are made of, as far as `source` has it.
void copy_tokenizer_files(const std::filesystem::path& source, const std::filesystem::path& folder);

}  // namespace sbert::modules
