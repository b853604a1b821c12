#pragma once

#include <cstddef>
#include <optional>

#include "nn/encoder_spec.h"
#include "nn/encoder_tensors.h"
#include "nn/linear.h"
#include "nn/workspace.h"

namespace sbert::nn {

/// The formula stands at MlpSpec.
class Mlp {
 public:
  /// Rows that are best computed at once. Of the wide intermediate, 96 rows x 1536 floats are 576 KiB, which stays in a
  /// core's L2 cache between the two products; a multiple of the row tiles of every level (8 and 6).
  static constexpr size_t kRowBlock = 96;

  Mlp(const MlpSpec& spec, const LayerTensors& tensors, size_t hidden_size);

  /// x [rows, H] -> out [rows, H], which may not be x.
  void forward(const float* x, size_t rows, Workspace& workspace, float* out) const;

 private:
  Activation activation_;
  std::optional<Linear> gate_;
  Linear up_, down_;
};

}  // namespace sbert::nn
