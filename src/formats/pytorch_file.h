#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "formats/tensor.h"

namespace sbert::formats {

/// The tensors of a file that torch.save wrote.
struct PytorchContent {
  std::vector<TensorView> tensors;             // in the order of the state dict; bytes point into the file or a copy
  std::vector<std::vector<std::byte>> copies;  // row-major copies of the tensors that do not lie so in the file
};

/// Validates `file`, the bytes of a whole file, and lists the tensors of the state dict in it. Both forms of torch.save
/// are read: the zip archive, and with _use_new_zipfile_serialization=False the sequence of pickles. The tar archive of
/// torch before 0.1.12 is refused, as it is by torch.load(weights_only=True), which the reference uses.
///
/// Nothing in the file is executed: see read_pickle. Every tensor must lie inside its storage, and every storage inside
/// the file. Tensors with strides are copied; all copies together may take as much as the file. Entries that are not
/// tensors are left out, for no module asks for them. Throws InvalidModelError or UnsupportedError naming the file
/// (`name`), the tensor where there is one, and what is wrong.
PytorchContent parse_pytorch(std::span<const std::byte> file, const std::string& name);

}  // namespace sbert::formats
