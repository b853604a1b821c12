#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Raw-pointer loops in float32. Every CPU level has the same table of functions; `reference` is the definition of each.
//
// The rule for bits: an output element is computed by one thread, in an order that depends on its own row alone (its
// length K, D or N), never on how many other rows there are. So a text's vector does not depend on its company.
namespace sbert::kernels {

/// Element-wise functions, named as in `config.json` ("hidden_act") and torch.nn.
enum class Activation {
  kIdentity,
  kGelu,      // x * (1 + erf(x / sqrt 2)) / 2
  kGeluTanh,  // x * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2: "gelu_new", "gelu_pytorch_tanh", "gelu_fast"
  kRelu,      // max(x, 0)
  kSilu,      // x / (1 + exp(-x)): "silu", "swish"
  kSigmoid,   // 1 / (1 + exp(-x))
  kTanh,
  kQuickGelu,    // x / (1 + exp(-1.702 x))
  kGelu10,       // kGelu cut to [-10, 10]: "gelu_10"
  kReluSquared,  // max(x, 0)^2: "relu2"
  kMish,         // x * tanh(log(1 + exp(x)))
  kLaplace,      // (1 + erf((x - 0.707107) / (0.282095 sqrt 2))) / 2
};

/// C = activation(A B + bias). B is read in panels of `Kernels::panel_cols` columns: element (k, n) stands at
/// b[(n / panel_cols) * b_panel_stride + k * b_row_stride + n % panel_cols]. Each c is one chain of multiply-adds over
/// ascending k. Up to 64 floats behind the last element of B may be read.
struct MatmulArgs {
  size_t m = 0, n = 0, k = 0;
  const float* a = nullptr;  // [m, k]
  size_t a_stride = 0;       // floats between rows
  const float* b = nullptr;
  size_t b_row_stride = 0;
  size_t b_panel_stride = 0;
  const float* bias = nullptr;  // [n], or null
  float* c = nullptr;           // [m, n]; must not overlap A or B
  size_t c_stride = 0;
  Activation activation = Activation::kIdentity;
};

/// The functions of one CPU level. All are noexcept in effect and trust their caller. n is a number of floats; pointers
/// need no alignment. In-place use (out == in) is allowed where both have the same name in a comment.
struct Kernels {
  /// Columns of a panel of B.
  size_t panel_cols = 0;
  void (*matmul)(const MatmulArgs& args) = nullptr;

  /// x = activation(x), n values.
  void (*activate)(Activation activation, float* x, size_t n) = nullptr;

  /// Each of m rows of n: x = exp(scale * (x - max x)) / sum of the same. n >= 1. A row with NaN or +infinity becomes
  /// NaN.
  void (*softmax)(float* x, size_t m, size_t n, size_t stride, float scale) = nullptr;

  /// Each of m rows of n: out = (x - mean) / sqrt(variance + eps) * weight + bias, where x = a + b (b may be null) and
  /// the variance is the mean square of x - mean. `out` may be `a` or `b`. https://arxiv.org/abs/1607.06450
  void (*layer_norm)(const float* a, const float* b, const float* weight, const float* bias, float eps, float* out,
                     size_t m, size_t n) = nullptr;

  /// Each of m rows of n: out = x / sqrt(mean of x^2 + eps) * weight, where x = a + b (b may be null). `out` may be `a`
  /// or `b`. https://arxiv.org/abs/1910.07467
  void (*rms_norm)(const float* a, const float* b, const float* weight, float eps, float* out, size_t m,
                   size_t n) = nullptr;

  /// y += x.
  void (*add)(const float* x, float* y, size_t n) = nullptr;
  /// y *= x.
  void (*multiply)(const float* x, float* y, size_t n) = nullptr;
  /// y *= scale.
  void (*scale)(float scale, float* y, size_t n) = nullptr;
  /// y = max(x, y); NaN where either is NaN.
  void (*maximum)(const float* x, float* y, size_t n) = nullptr;

  /// Sums over n of a * b, (a - b)^2, |a - b|.
  float (*dot)(const float* a, const float* b, size_t n) = nullptr;
  float (*squared_distance)(const float* a, const float* b, size_t n) = nullptr;
  float (*manhattan_distance)(const float* a, const float* b, size_t n) = nullptr;
};

/// The levels, worst first.
enum class Level { kReference, kNeon, kAvx2, kAvx512 };
const char* level_name(Level level) noexcept;

/// What this machine can run, worst first; kReference always.
const std::vector<Level>& available_levels();
/// The table of an available level.
const Kernels& kernels_of(Level level);

/// The level in use: the best one, or the one named by SBERT_FORCE_CPU when the program starts to use kernels. Throws
/// InvalidArgumentError for an unknown word or a level this machine lacks, listing those it has.
Level active_level();
const Kernels& active();

/// The choice behind active_level: `forced` is the value of the variable, or empty.
Level choose_level(std::string_view forced, const std::vector<Level>& available);

}  // namespace sbert::kernels
