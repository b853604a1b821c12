#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <sbert/error.h>
#include <sbert/similarity.h>

#include "common/text.h"
#include "common/thread_pool.h"
#include "kernels/kernels.h"
#include "kernels/packed_matrix.h"

namespace sbert {
namespace {

constexpr std::array kFunctions = {SimilarityFunction::kCosine, SimilarityFunction::kDot,
                                   SimilarityFunction::kEuclidean, SimilarityFunction::kManhattan};

constexpr size_t kRowBlock = 48;  // rows of one task

void require_same_cols(MatrixView a, MatrixView b) {
  if (a.cols != b.cols && a.rows > 0 && b.rows > 0) {
    throw InvalidArgumentError("cannot compare vectors of " + std::to_string(a.cols) + " dimensions with vectors of " +
                               std::to_string(b.cols));
  }
}

// 1 / max(|x|, 1e-12): what torch.nn.functional.normalize multiplies with.
float inverse_norm(const float* x, size_t n) {
  return 1.0f / std::max(std::sqrt(kernels::active().dot(x, x, n)), 1e-12f);
}

FloatMatrix normalized(MatrixView view) {
  FloatMatrix result(view.rows, view.cols);
  std::copy_n(view.data, view.rows * view.cols, result.data());
  for (size_t i = 0; i < result.rows(); ++i) {
    kernels::active().scale(inverse_norm(result.row(i).data(), result.cols()), result.row(i).data(), result.cols());
  }
  return result;
}

// Calls task(begin, end) for blocks of rows, on all threads.
template <typename Task>
void for_row_blocks(size_t rows, const Task& task) {
  common::ThreadPool::instance().run((rows + kRowBlock - 1) / kRowBlock, [&](size_t block) {
    task(block * kRowBlock, std::min(rows, (block + 1) * kRowBlock));
  });
}

FloatMatrix dot_products(MatrixView a, MatrixView b) {
  const kernels::Kernels& kernel = kernels::active();
  kernels::PackedMatrix packed(a.cols, b.rows, kernel.panel_cols);
  packed.set_columns(0, b.rows, b.data, b.cols);
  FloatMatrix scores(a.rows, b.rows);
  for_row_blocks(a.rows, [&](size_t begin, size_t end) {
    kernels::MatmulArgs args;
    packed.describe(args);
    args.m = end - begin;
    args.a = a.row(begin).data();
    args.a_stride = a.cols;
    args.c = scores.row(begin).data();
    args.c_stride = scores.cols();
    kernel.matmul(args);
  });
  return scores;
}

// The distances that are not products.
float negative_distance(SimilarityFunction function, const float* a, const float* b, size_t n) {
  const kernels::Kernels& kernel = kernels::active();
  return function == SimilarityFunction::kEuclidean ? -std::sqrt(kernel.squared_distance(a, b, n))
                                                    : -kernel.manhattan_distance(a, b, n);
}

}  // namespace

const char* similarity_function_name(SimilarityFunction function) noexcept {
  switch (function) {
    case SimilarityFunction::kCosine:
      return "cosine";
    case SimilarityFunction::kDot:
      return "dot";
    case SimilarityFunction::kEuclidean:
      return "euclidean";
    case SimilarityFunction::kManhattan:
      return "manhattan";
  }
  return "unknown";
}

SimilarityFunction parse_similarity_function(std::string_view name) {
  if (name == "dot_product") return SimilarityFunction::kDot;
  for (const SimilarityFunction function : kFunctions) {
    if (name == similarity_function_name(function)) return function;
  }
  throw InvalidArgumentError("similarity function " + common::quote(name) +
                             " is not known; known: cosine, dot, euclidean, manhattan");
}

FloatMatrix similarity(MatrixView a, MatrixView b, SimilarityFunction function) {
  require_same_cols(a, b);
  if (a.rows == 0 || b.rows == 0) return {a.rows, b.rows};
  if (function == SimilarityFunction::kDot) return dot_products(a, b);
  if (function == SimilarityFunction::kCosine) return dot_products(normalized(a), normalized(b));
  FloatMatrix scores(a.rows, b.rows);
  for_row_blocks(a.rows, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      for (size_t j = 0; j < b.rows; ++j) {
        scores(i, j) = negative_distance(function, a.row(i).data(), b.row(j).data(), a.cols);
      }
    }
  });
  return scores;
}

std::vector<float> similarity_pairwise(MatrixView a, MatrixView b, SimilarityFunction function) {
  require_same_cols(a, b);
  if (a.rows != b.rows) {
    throw InvalidArgumentError("similarity_pairwise needs as many vectors on both sides, found " +
                               std::to_string(a.rows) + " and " + std::to_string(b.rows));
  }
  std::vector<float> scores(a.rows);
  for (size_t i = 0; i < a.rows; ++i) {
    const float* x = a.row(i).data();
    const float* y = b.row(i).data();
    switch (function) {
      case SimilarityFunction::kDot:
        scores[i] = kernels::active().dot(x, y, a.cols);
        break;
      case SimilarityFunction::kCosine:
        scores[i] = kernels::active().dot(x, y, a.cols) * inverse_norm(x, a.cols) * inverse_norm(y, a.cols);
        break;
      case SimilarityFunction::kEuclidean:
      case SimilarityFunction::kManhattan:
        scores[i] = negative_distance(function, x, y, a.cols);
        break;
    }
  }
  return scores;
}

}  // namespace sbert
