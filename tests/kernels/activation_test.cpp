#include <cfloat>
#include <cmath>
#include <functional>

#include "kernels/levels.h"
#include "support/floats.h"
#include "support/random.h"

// Element-wise functions at every level: accuracy against double over a dense grid, the edges of float, and the rule
// that a value's bits do not depend on its place.
namespace sbert::kernels {
namespace {

using test::kEpsilon;
using test::kInfinity;
using test::kNan;
using test::same_bits;

// An activation, its definition in double, and its stated accuracy: |got - exact| <= relative * |exact| + of_x * |x| +
// absolute, each in units of eps = 2^-23. Beyond that, a quotient that is not a normal float may be lost: FLT_MIN,
// times x in silu.
struct Case {
  Activation activation;
  const char* name;
  std::function<double(double)> exact;
  double relative, of_x, absolute = 0;
};

double gelu(double x) {
  return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}
double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double mish(double x) {
  return x > 40 ? x : x * std::tanh(std::log1p(std::exp(x)));
}
double laplace(double x) {
  return 0.5 * std::erfc(-(x - 0.707107) / (0.282095 * std::sqrt(2.0)));
}

const std::vector<Case>& cases() {
  // 1 + erf and 1 + tanh cancel for negative x: their errors (3.5e-7 of erf) times x / 2 remain, relative to x.
  static const std::vector<Case> all = {
      {Activation::kIdentity, "identity", [](double x) { return x; }, 0, 0},
      {Activation::kGelu, "gelu", gelu, 2, 2},
      {Activation::kGeluTanh, "gelu_tanh", gelu_tanh, 2, 3},
      {Activation::kRelu, "relu", [](double x) { return std::max(x, 0.0); }, 0, 0},
      {Activation::kSilu, "silu", [](double x) { return x * sigmoid(x); }, 4, 0},
      {Activation::kSigmoid, "sigmoid", sigmoid, 4, 0},
      {Activation::kTanh, "tanh", [](double x) { return std::tanh(x); }, 4, 0},
      // 1.702 x is rounded before the exponential: |1.702 x| eps of the result, which vanishes where that is large.
      {Activation::kQuickGelu, "quick_gelu", [](double x) { return x * sigmoid(1.702 * x); }, 4, 1},
      {Activation::kGelu10, "gelu_10", [](double x) { return std::min(gelu(x), 10.0); }, 2, 2},
      {Activation::kReluSquared, "relu2", [](double x) { return std::max(x, 0.0) * std::max(x, 0.0); }, 1, 0},
      {Activation::kMish, "mish", mish, 8, 0},
      // 1 + erf cancels on the left, where the result is far below 1: its error is absolute.
      {Activation::kLaplace, "laplace", laplace, 8, 0, 4},
  };
  return all;
}

std::vector<float> grid() {
  std::vector<float> values;
  for (int i = -30 * 512; i <= 30 * 512; ++i) values.push_back(static_cast<float>(i) / 512);
  for (float x = 1e-44f; x < 1e38f; x *= 1.37f) values.push_back(x), values.push_back(-x);
  return values;
}

class ActivationTest : public EachLevel {};

TEST_P(ActivationTest, IsWithinItsStatedError) {
  const std::vector<float> x = grid();
  for (const Case& c : cases()) {
    std::vector<float> y = x;
    kernel().activate(c.activation, y.data(), y.size());
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = c.exact(x[i]);
      if (exact > FLT_MAX && y[i] == kInfinity) continue;
      const double bound = kEpsilon * (c.relative * std::abs(exact) + c.of_x * std::abs(x[i]) + c.absolute) +
                           FLT_MIN * (1 + std::abs(x[i]));
      const double share = std::abs(y[i] - exact) / bound;
      if (!(share <= worst)) worst = share, at = i;
    }
    EXPECT_LE(worst, 1) << level() << " " << c.name << "(" << x[at] << ") = " << y[at] << ", exactly "
                        << c.exact(x[at]);
  }
}

TEST_P(ActivationTest, BitsDoNotDependOnThePlace) {
  const std::vector<float> x = test::random_floats(7, 70, -6.0f, 6.0f);
  for (const Case& c : cases()) {
    std::vector<float> alone = x;
    for (float& value : alone) kernel().activate(c.activation, &value, 1);
    for (size_t begin = 0; begin < 18; ++begin) {
      for (size_t n = 0; begin + n <= x.size(); ++n) {
        std::vector<float> y = x;
        kernel().activate(c.activation, y.data() + begin, n);
        ASSERT_TRUE(same_bits(std::span(y).subspan(begin, n), std::span(alone).subspan(begin, n)))
            << level() << " " << c.name << ", begin " << begin << ", n " << n;
        y.erase(y.begin() + static_cast<std::ptrdiff_t>(begin), y.begin() + static_cast<std::ptrdiff_t>(begin + n));
        std::vector<float> around = x;
        around.erase(around.begin() + static_cast<std::ptrdiff_t>(begin),
                     around.begin() + static_cast<std::ptrdiff_t>(begin + n));
        ASSERT_TRUE(same_bits(y, around)) << level() << " " << c.name << " wrote outside of its values";
      }
    }
  }
}

// As torch has it: gelu and silu of -infinity are NaN (-infinity times 0).
TEST_P(ActivationTest, EdgesOfFloat) {
  struct Edge {
    Activation activation;
    float x, want;
  };
  const std::vector<Edge> edges = {
      {Activation::kIdentity, -kInfinity, -kInfinity},
      {Activation::kIdentity, 3e38f, 3e38f},
      {Activation::kGelu, kInfinity, kInfinity},
      {Activation::kGelu, -kInfinity, kNan},
      {Activation::kGelu, 3e38f, 3e38f},
      {Activation::kGelu, -3e38f, -0.0f},
      {Activation::kGeluTanh, kInfinity, kInfinity},
      {Activation::kGeluTanh, -kInfinity, kNan},
      {Activation::kGeluTanh, 3e38f, 3e38f},
      {Activation::kGeluTanh, -3e38f, -0.0f},
      {Activation::kRelu, kInfinity, kInfinity},
      {Activation::kRelu, -kInfinity, 0.0f},
      {Activation::kSilu, kInfinity, kInfinity},
      {Activation::kSilu, -kInfinity, kNan},
      {Activation::kSilu, 3e38f, 3e38f},
      {Activation::kSilu, -3e38f, -0.0f},
      {Activation::kSigmoid, kInfinity, 1.0f},
      {Activation::kSigmoid, -kInfinity, 0.0f},
      {Activation::kSigmoid, 3e38f, 1.0f},
      {Activation::kSigmoid, -3e38f, 0.0f},
      {Activation::kTanh, kInfinity, 1.0f},
      {Activation::kTanh, -kInfinity, -1.0f},
      {Activation::kTanh, 3e38f, 1.0f},
      {Activation::kTanh, -3e38f, -1.0f},
      {Activation::kQuickGelu, kInfinity, kInfinity},
      {Activation::kQuickGelu, -kInfinity, kNan},
      {Activation::kQuickGelu, 2e38f, 2e38f},
      {Activation::kQuickGelu, -2e38f, -0.0f},
      {Activation::kGelu10, kInfinity, 10.0f},
      {Activation::kGelu10, -kInfinity, kNan},
      {Activation::kGelu10, 3e38f, 10.0f},
      {Activation::kReluSquared, kInfinity, kInfinity},
      {Activation::kReluSquared, -kInfinity, 0.0f},
      {Activation::kReluSquared, 3e38f, kInfinity},
      {Activation::kMish, kInfinity, kInfinity},
      {Activation::kMish, -kInfinity, kNan},
      {Activation::kMish, 3e38f, 3e38f},
      {Activation::kMish, -3e38f, -0.0f},
      {Activation::kLaplace, kInfinity, 1.0f},
      {Activation::kLaplace, -kInfinity, 0.0f},
  };
  for (const Edge& edge : edges) {
    for (const size_t n : {1, 16, 19}) {
      std::vector<float> y(n, edge.x);
      kernel().activate(edge.activation, y.data(), n);
      EXPECT_TRUE(same_bits(y, std::vector<float>(n, edge.want)))
          << level() << " activation " << static_cast<int>(edge.activation) << " of " << edge.x;
    }
  }
}

TEST_P(ActivationTest, NanStaysNanAndAlone) {
  for (const Case& c : cases()) {
    for (const size_t place : {0, 5, 16, 18}) {
      std::vector<float> x(19, 0.5f);
      x[place] = kNan;
      std::vector<float> want(19, 0.5f);
      kernel().activate(c.activation, want.data(), want.size());
      want[place] = kNan;
      kernel().activate(c.activation, x.data(), x.size());
      EXPECT_TRUE(same_bits(x, want)) << level() << " " << c.name << ", NaN at " << place;
    }
  }
}

SBERT_FOR_EACH_LEVEL(ActivationTest);

}  // namespace
}  // namespace sbert::kernels
