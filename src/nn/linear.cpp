#include "nn/linear.h"

#include <algorithm>
#include <cmath>

#include <sbert/error.h>

#include "common/text.h"
#include "common/thread_pool.h"

namespace sbert::nn {
namespace {

// Reads and packs the rows of one weight, panel by panel: one buffer of a panel's rows is all that is held in between.
void pack_weight(const TensorView& weight, size_t first_column, kernels::PackedMatrix& packed) {
  const size_t k = packed.k(), panel_cols = packed.panel_cols();
  const auto n = static_cast<size_t>(weight.shape[0]);
  const size_t end = first_column + n;
  const size_t first_panel = first_column / panel_cols, last_panel = (end - 1) / panel_cols;
  common::ThreadPool::instance().run(last_panel - first_panel + 1, [&](size_t i) {
    const size_t begin_column = std::max(first_column, (first_panel + i) * panel_cols);
    const size_t end_column = std::min(end, (first_panel + i + 1) * panel_cols);
    const size_t count = end_column - begin_column;
    common::AlignedBuffer rows(count * k);
    formats::read_floats(weight, (begin_column - first_column) * k, {rows.data(), count * k});
    packed.set_columns(begin_column, count, rows.data(), k);
  });
}

}  // namespace

void require_shape(const TensorView& tensor, std::initializer_list<int64_t> shape) {
  if (!std::equal(tensor.shape.begin(), tensor.shape.end(), shape.begin(), shape.end())) {
    throw InvalidModelError(common::quote(tensor.file) + ": tensor " + common::quote(tensor.name) + " has shape " +
                            formats::shape_to_string(tensor.shape) + ", expected " +
                            formats::shape_to_string(std::vector<int64_t>(shape)) + " from the configuration");
  }
  if (!formats::is_float(tensor.dtype)) {
    throw InvalidModelError(common::quote(tensor.file) + ": tensor " + common::quote(tensor.name) + " is " +
                            formats::dtype_name(tensor.dtype) + "; weights must be F64, F32, F16 or BF16");
  }
}

Linear::Linear(std::initializer_list<Part> parts, size_t in_features) {
  size_t out_features = 0;
  bool any_bias = false;
  for (const Part& part : parts) {
    const auto out = static_cast<int64_t>(part.out_features);
    require_shape(part.tensors->weight, {out, static_cast<int64_t>(in_features)});
    if (part.tensors->bias) require_shape(*part.tensors->bias, {out});
    any_bias |= part.tensors->bias.has_value();
    out_features += part.out_features;
  }
  weight_ = kernels::PackedMatrix(in_features, out_features, kernels::active().panel_cols);
  if (any_bias) bias_.assign(out_features, 0.0f);
  size_t column = 0;
  for (const Part& part : parts) {
    pack_weight(part.tensors->weight, column, weight_);
    if (part.tensors->bias) {
      formats::read_floats(*part.tensors->bias, 0, std::span(bias_).subspan(column, part.out_features));
    }
    column += part.out_features;
  }
}

void Linear::forward(const float* x, size_t x_stride, size_t rows, float* y, Activation activation) const {
  kernels::MatmulArgs args;
  weight_.describe(args);
  args.m = rows;
  args.a = x;
  args.a_stride = x_stride;
  args.bias = bias_.empty() ? nullptr : bias_.data();
  args.c = y;
  args.c_stride = out_features();
  args.activation = activation;
  kernels::active().matmul(args);
}

}  // namespace sbert::nn
