#include "nn/linear.h"

#include <gtest/gtest.h>

#include <sbert/error.h>

#include "nn/l2_normalize.h"
#include "nn/norm.h"
#include "nn/tensor_data.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/random.h"

namespace sbert::nn {
namespace {

using test::message_of;
using test::random_integers;

std::vector<float> forward(const Linear& linear, const std::vector<float>& x, size_t x_stride, size_t rows) {
  std::vector<float> y(rows * linear.out_features());
  linear.forward(x.data(), x_stride, rows, y.data());
  return y;
}

// x [rows, in] W^T + b on integers, which is exact in any order.
std::vector<float> define(const std::vector<float>& x, size_t x_stride, size_t rows, const std::vector<float>& weight,
                          const std::vector<float>& bias, size_t in) {
  std::vector<float> y;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < bias.size(); ++j) {
      float sum = bias[j];
      for (size_t k = 0; k < in; ++k) sum += x[i * x_stride + k] * weight[j * in + k];
      y.push_back(sum);
    }
  }
  return y;
}

// Parts share one product; their borders fall anywhere in its panels.
TEST(LinearTest, PartsStandSideBySideAndAMissingBiasIsZero) {
  for (const size_t out : {1, 5, 16, 20, 48, 50}) {
    for (const int with_bias : {0, 1, 2, 3, 7}) {
      constexpr size_t kIn = 6, kRows = 9, kStride = 8;
      test::TensorData data;
      std::vector<LinearTensors> parts;
      std::vector<float> all_weights, all_bias;
      for (uint32_t part = 0; part < 3; ++part) {
        const std::vector<float> weight = random_integers(part, out * kIn), bias = random_integers(part + 10, out);
        parts.push_back({.weight = data.add("w", {static_cast<int64_t>(out), kIn}, weight), .bias = std::nullopt});
        all_weights.insert(all_weights.end(), weight.begin(), weight.end());
        const bool has_bias = (with_bias >> part & 1) != 0;
        if (has_bias) parts.back().bias = data.add("b", {static_cast<int64_t>(out)}, bias);
        for (const float value : bias) all_bias.push_back(has_bias ? value : 0.0f);
      }
      const Linear linear({{&parts[0], out}, {&parts[1], out}, {&parts[2], out}}, kIn);
      EXPECT_EQ(linear.in_features(), kIn);
      EXPECT_EQ(linear.out_features(), 3 * out);
      const std::vector<float> x = random_integers(20, kRows * kStride);
      ASSERT_EQ(forward(linear, x, kStride, kRows), define(x, kStride, kRows, all_weights, all_bias, kIn))
          << "out " << out << ", biases " << with_bias;
    }
  }
}

TEST(LinearTest, ReadsEveryFloatType) {
  const std::vector<uint16_t> halves = {0x3C00, 0xC000}, bfloats = {0x3F80, 0xC000};  // 1, -2
  const std::vector<double> doubles = {1, -2};
  for (const auto& [dtype, bytes] : {std::pair{formats::DType::kF16, std::as_bytes(std::span(halves))},
                                     std::pair{formats::DType::kBF16, std::as_bytes(std::span(bfloats))},
                                     std::pair{formats::DType::kF64, std::as_bytes(std::span(doubles))}}) {
    const LinearTensors tensors{.weight = {.name = "w", .dtype = dtype, .shape = {2, 1}, .bytes = bytes, .file = "f"},
                                .bias = std::nullopt};
    EXPECT_EQ(forward(Linear(tensors, 1, 2), {3.0f}, 1, 1), (std::vector{3.0f, -6.0f})) << formats::dtype_name(dtype);
  }
}

TEST(LinearTest, NamesTheTensorOfAWrongShape) {
  test::TensorData data;
  const LinearTensors tensors{.weight = data.add("dense.weight", {2, 3}, std::vector<float>(6)),
                              .bias = data.add("dense.bias", {3}, std::vector<float>(3))};
  EXPECT_EQ(message_of<InvalidModelError>([&] { Linear(tensors, 2, 3); }),
            "'test.safetensors': tensor 'dense.weight' has shape [2, 3], expected [3, 2] from the configuration");
  EXPECT_EQ(message_of<InvalidModelError>([&] { Linear(tensors, 3, 2); }),
            "'test.safetensors': tensor 'dense.bias' has shape [3], expected [2] from the configuration");
}

TEST(NormTest, UsesItsWeightBiasAndEps) {
  test::TensorData data;
  const NormTensors tensors{.weight = data.add("w", {2}, {2.0f, 3.0f}), .bias = data.add("b", {2}, {10.0f, 20.0f})};
  const Norm norm({.eps = 3.0f}, tensors, 2);
  const std::vector<float> x = {1.0f, 3.0f}, residual = {0.0f, 0.0f};  // variance 1, so divided by sqrt(1 + 3)
  std::vector<float> y(2);
  norm.forward(x.data(), nullptr, 1, y.data());
  EXPECT_EQ(y, (std::vector{9.0f, 21.5f}));
  norm.forward(residual.data(), x.data(), 1, y.data());
  EXPECT_EQ(y, (std::vector{9.0f, 21.5f}));
  EXPECT_NE(message_of<InvalidModelError>([&] { Norm({}, tensors, 3); }).find("tensor 'w' has shape [2], expected [3]"),
            std::string::npos);
}

TEST(L2NormalizeTest, DividesEachRowByItsLength) {
  std::vector<float> x = {3, 4, 0, 0, 0, -5, 1e-20f, 0};
  l2_normalize_rows(x.data(), 4, 2);
  // |x| of the last row is below 1e-12: it is divided by that, as torch does.
  EXPECT_EQ(x, (std::vector{0.6f, 0.8f, 0.0f, 0.0f, 0.0f, -1.0f, 1e-20f / 1e-12f, 0.0f}));
}

}  // namespace
}  // namespace sbert::nn
