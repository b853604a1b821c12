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

Linear::Linear(std::initializer_list<const LinearTensors*> parts, size_t in_features, size_t out_features_each) {
  const auto in = static_cast<int64_t>(in_features), out = static_cast<int64_t>(out_features_each);
  bool any_bias = false;
  for (const LinearTensors* part : parts) {
    require_shape(part->weight, {out, in});
    if (part->bias) require_shape(*part->bias, {out});
    any_bias |= part->bias.has_value();
  }
  weight_ = kernels::PackedMatrix(in_features, out_features_each * parts.size(), kernels::active().panel_cols);
  size_t column = 0;
  for (const LinearTensors* part : parts) {
    pack_weight(part->weight, column, weight_);
    if (any_bias) {
      bias_.resize(column + out_features_each, 0.0f);
      if (part->bias) formats::read_floats(*part->bias, 0, std::span(bias_).subspan(column));
    }
    column += out_features_each;
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
