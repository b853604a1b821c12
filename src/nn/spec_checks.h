#pragma once

#include <optional>
#include <string>

#include <sbert/error.h>

#include "common/text.h"
#include "nn/encoder_spec.h"

namespace sbert::nn {

/// Throws InvalidModelError unless every size of `spec` is in range and its parts fit together: behind this, sizes can
/// be multiplied, and divided by, without care. `file` is named in messages. Tensors are checked where they are read.
void check_spec(const EncoderSpec& spec, const std::string& file);

/// The tensor that the spec asks for. Throws InvalidModelError where it is not there.
template <typename Tensors>
const Tensors& given(const std::optional<Tensors>& tensors, const char* what) {
  if (!tensors) throw InvalidModelError("the model has no weights for " + std::string(what));
  return *tensors;
}

}  // namespace sbert::nn
