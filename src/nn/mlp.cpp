#include "nn/mlp.h"

#include "nn/spec_checks.h"

namespace sbert::nn {

Mlp::Mlp(const MlpSpec& spec, const LayerTensors& tensors, size_t hidden_size) : activation_(spec.activation) {
  const auto intermediate_size = static_cast<size_t>(spec.intermediate_size);
  if (spec.gated) gate_.emplace(given(tensors.mlp_gate, "the gate of an MLP"), hidden_size, intermediate_size);
  up_ = Linear(tensors.mlp_up, hidden_size, intermediate_size);
  down_ = Linear(tensors.mlp_down, intermediate_size, hidden_size);
}

void Mlp::forward(const float* x, size_t rows, Workspace& workspace, float* out) const {
  const size_t hidden_size = up_.in_features(), intermediate_size = up_.out_features();
  float* wide = workspace.mlp.reserve(rows * intermediate_size);
  if (gate_) {
    float* gate = workspace.mlp_gate.reserve(rows * intermediate_size);
    gate_->forward(x, hidden_size, rows, gate, activation_);
    up_.forward(x, hidden_size, rows, wide);
    kernels::active().multiply(gate, wide, rows * intermediate_size);
  } else {
    up_.forward(x, hidden_size, rows, wide, activation_);
  }
  down_.forward(wide, intermediate_size, rows, out);
}

}  // namespace sbert::nn
