// Speed of the kernels at every CPU level of this machine:
//   build/kernels_bench [--benchmark_filter=matmul]
// matmul counts 2 m n k operations: `GFLOP/s` stands beside what the machine's multiply-add units can do at most.
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/packed_matrix.h"

namespace {

using namespace sbert::kernels;

void run_matmul(benchmark::State& state, const Kernels& kernel, size_t m, size_t n, size_t k) {
  const std::vector<float> weight(n * k, 0.01f), a(m * k, 0.5f), bias(n, 1.0f);
  std::vector<float> c(m * n);
  PackedMatrix packed(k, n, kernel.panel_cols);
  packed.set_columns(0, n, weight.data(), k);
  MatmulArgs args;
  packed.describe(args);
  args.m = m;
  args.a = a.data();
  args.a_stride = k;
  args.bias = bias.data();
  args.c = c.data();
  args.c_stride = n;
  for ([[maybe_unused]] const auto _ : state) kernel.matmul(args);
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(m * n * k), benchmark::Counter::kIsIterationInvariantRate);
}

void run_gelu(benchmark::State& state, const Kernels& kernel) {
  std::vector<float> x(size_t{96} * 1536, 0.7f);
  for ([[maybe_unused]] const auto _ : state) kernel.activate(Activation::kGelu, x.data(), x.size());
  state.counters["ns/value"] =
      benchmark::Counter(1e-9 * static_cast<double>(x.size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

struct Shape {
  size_t m, n, k;
};

}  // namespace

int main(int argc, char** argv) {
  for (const Level level : available_levels()) {
    const Kernels& kernel = kernels_of(level);
    const std::string name = level_name(level);
    for (const Shape s : {Shape{128, 1152, 384},
                          {128, 384, 384},
                          {128, 1536, 384},
                          {128, 384, 1536},
                          {16, 1536, 384},
                          {1, 1536, 384}}) {
      const std::string shape = std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k);
      benchmark::RegisterBenchmark(("matmul/" + name + "/" + shape).c_str(),
                                   [&kernel, s](benchmark::State& state) { run_matmul(state, kernel, s.m, s.n, s.k); });
    }
    benchmark::RegisterBenchmark(("gelu/" + name).c_str(),
                                 [&kernel](benchmark::State& state) { run_gelu(state, kernel); });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
