#pragma once

#include <optional>
#include <string>

#include "formats/tensor_store.h"
#include "kernels/kernels.h"
#include "modules/features.h"

namespace sbert::modules {

/// A class of torch.nn.modules.activation, as its constructor without arguments makes it: what `activation_function` of
/// a Dense names.
class TorchActivation {
 public:
  /// `path` is a dotted path ("torch.nn.modules.activation.Tanh"), `source` the file that names it. Throws
  /// UnsupportedError listing the known classes. PReLU reads its parameter, "activation_function.weight", from `store`.
  TorchActivation(const std::string& path, const std::string& source, const formats::TensorStore& store);

  /// The kernel that computes it; nothing where apply() does.
  std::optional<kernels::Activation> kernel() const;
  /// x = activation(x). A softmax or GLU is one of rows; it throws InvalidModelError for rows of tokens, where the
  /// reference's result depends on the other texts of the batch.
  void apply(FeatureMatrix& x, bool per_token) const;
  size_t num_parameters() const;

  struct Class;

 private:
  const Class* class_;
  std::string source_;
  double slope_ = 0.0;  // of PReLU
};

}  // namespace sbert::modules
