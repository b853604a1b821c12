#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>

#include <sbert/error.h>
#include <sbert/similarity.h>

#include "common/thread_pool.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/random.h"

// The four similarity functions against loops in double.
namespace sbert {
namespace {

using test::kEpsilon;
using test::message_of;

constexpr std::array kFunctions = {SimilarityFunction::kCosine, SimilarityFunction::kDot,
                                   SimilarityFunction::kEuclidean, SimilarityFunction::kManhattan};

FloatMatrix random_matrix(uint32_t seed, size_t rows, size_t cols) {
  FloatMatrix matrix(rows, cols);
  std::ranges::copy(test::random_floats(seed, rows * cols), matrix.data());
  return matrix;
}

FloatMatrix make_matrix(std::initializer_list<std::initializer_list<float>> rows) {
  FloatMatrix matrix(rows.size(), rows.begin()->size());
  for (size_t i = 0; i < rows.size(); ++i) std::ranges::copy(rows.begin()[i], matrix.row(i).begin());
  return matrix;
}

// The definition, and how far n roundings may lead from it.
double define(SimilarityFunction function, std::span<const float> a, std::span<const float> b, double& tolerance) {
  double dot = 0, sizes = 0, aa = 0, bb = 0, squares = 0, absolute = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    sizes += std::abs(double{a[i]} * b[i]);
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
    squares += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    absolute += std::abs(double{a[i]} - b[i]);
  }
  const double roundings = (static_cast<double>(a.size()) + 4) * kEpsilon / 2 * 1.01;
  const double norms = std::max(std::sqrt(aa), 1e-12) * std::max(std::sqrt(bb), 1e-12);
  switch (function) {
    case SimilarityFunction::kCosine:
      tolerance = 2 * (roundings + 2 * kEpsilon) * sizes / norms;
      return dot / norms;
    case SimilarityFunction::kDot:
      tolerance = roundings * sizes;
      return dot;
    case SimilarityFunction::kEuclidean:
      tolerance = roundings * std::sqrt(squares);
      return -std::sqrt(squares);
    case SimilarityFunction::kManhattan:
      tolerance = roundings * absolute;
      return -absolute;
  }
  return 0;
}

TEST(SimilarityTest, IsTheDefinitionForAllPairs) {
  for (const SimilarityFunction function : kFunctions) {
    for (const size_t cols : {1, 7, 16, 33, 384}) {
      for (const auto& [n, m] : {std::pair<size_t, size_t>{1, 1}, {2, 3}, {47, 8}, {48, 16}, {49, 49}, {100, 50}}) {
        const auto seed = static_cast<uint32_t>(n * 100 + m);
        const FloatMatrix a = random_matrix(seed, n, cols), b = random_matrix(seed + 1, m, cols);
        const FloatMatrix got = similarity(a, b, function);
        ASSERT_EQ(got.rows(), n);
        ASSERT_EQ(got.cols(), m);
        std::vector<double> want, tolerance(n * m);
        for (size_t i = 0; i < n; ++i) {
          for (size_t j = 0; j < m; ++j) want.push_back(define(function, a.row(i), b.row(j), tolerance[i * m + j]));
        }
        ASSERT_TRUE(test::all_close(got.values(), want, tolerance))
            << similarity_function_name(function) << ", [" << n << ", " << cols << "] and [" << m << ", " << cols
            << "], seed " << seed;
      }
    }
  }
}

TEST(SimilarityTest, PairwiseIsTheDefinitionRowByRow) {
  for (const SimilarityFunction function : kFunctions) {
    for (const size_t cols : {1, 7, 16, 33, 384}) {
      const FloatMatrix a = random_matrix(1, 60, cols), b = random_matrix(2, 60, cols);
      std::vector<double> want, tolerance(60);
      for (size_t i = 0; i < 60; ++i) want.push_back(define(function, a.row(i), b.row(i), tolerance[i]));
      EXPECT_TRUE(test::all_close(similarity_pairwise(a, b, function), want, tolerance))
          << similarity_function_name(function) << ", cols " << cols;
    }
  }
}

TEST(SimilarityTest, ExactOnIntegers) {
  const FloatMatrix a = make_matrix({{1, 2, 2}, {0, 3, 4}}), b = make_matrix({{1, 2, 2}, {4, 6, 2}, {0, 0, 0}});
  auto values = [](const FloatMatrix& matrix) {
    return std::vector<float>(matrix.values().begin(), matrix.values().end());
  };
  EXPECT_EQ(values(similarity(a, b, SimilarityFunction::kDot)), (std::vector<float>{9, 20, 0, 14, 26, 0}));
  EXPECT_EQ(values(similarity(a, b, SimilarityFunction::kEuclidean)),
            (std::vector<float>{0, -5, -3, -std::sqrt(6.0f), -std::sqrt(29.0f), -5}));
  EXPECT_EQ(values(similarity(a, b, SimilarityFunction::kManhattan)), (std::vector<float>{0, -7, -5, -4, -9, -7}));
  EXPECT_EQ(similarity_pairwise(a, a, SimilarityFunction::kDot), (std::vector<float>{9, 25}));
}

TEST(SimilarityTest, OfAZeroVectorIsNoNan) {
  const FloatMatrix zero(1, 4), ones = make_matrix({{1, 1, 1, 1}});
  EXPECT_EQ(similarity(zero, ones)(0, 0), 0.0f);
  EXPECT_EQ(similarity(zero, zero)(0, 0), 0.0f);
  EXPECT_EQ(similarity_pairwise(zero, ones), std::vector{0.0f});
  EXPECT_EQ(similarity(zero, ones, SimilarityFunction::kEuclidean)(0, 0), -2.0f);
}

TEST(SimilarityTest, DoesNotDependOnThreadsOrOtherRows) {
  const FloatMatrix a = random_matrix(1, 130, 40), b = random_matrix(2, 70, 40);
  auto& pool = common::ThreadPool::instance();
  for (const SimilarityFunction function : kFunctions) {
    pool.set_num_threads(1);
    const FloatMatrix want = similarity(a, b, function);
    for (const size_t threads : {2, 3}) {
      pool.set_num_threads(threads);
      EXPECT_TRUE(test::same_bits(similarity(a, b, function).values(), want.values())) << threads << " threads";
    }
    for (size_t i = 0; i < a.rows(); ++i) {
      const FloatMatrix alone = similarity(MatrixView(a.row(i).data(), 1, 40), b, function);
      ASSERT_TRUE(test::same_bits(alone.values(), want.row(i))) << "row " << i;
    }
  }
  pool.set_num_threads(0);
}

TEST(SimilarityTest, OfNothingIsEmpty) {
  const FloatMatrix none(0, 4), two(2, 4);
  for (const SimilarityFunction function : kFunctions) {
    EXPECT_EQ(similarity(none, two, function).rows(), 0u);
    EXPECT_EQ(similarity(none, two, function).cols(), 2u);
    EXPECT_EQ(similarity(two, none, function).rows(), 2u);
    EXPECT_EQ(similarity(two, none, function).cols(), 0u);
    EXPECT_TRUE(similarity_pairwise(none, none, function).empty());
  }
}

TEST(SimilarityTest, RefusesOtherDimensions) {
  const FloatMatrix three(2, 3), four(2, 4), more(5, 4);
  const std::string want = "cannot compare vectors of 3 dimensions with vectors of 4";
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { similarity(three, four); }), want);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { similarity_pairwise(three, four); }), want);
  EXPECT_EQ(message_of<InvalidArgumentError>([&] { similarity_pairwise(four, more); }),
            "similarity_pairwise needs as many vectors on both sides, found 2 and 5");
}

TEST(SimilarityTest, NamesAreParsed) {
  for (const SimilarityFunction function : kFunctions) {
    EXPECT_EQ(parse_similarity_function(similarity_function_name(function)), function);
  }
  EXPECT_EQ(message_of<InvalidArgumentError>([] { parse_similarity_function("Cosine"); }),
            "similarity function 'Cosine' is not known; known: cosine, dot, euclidean, manhattan");
}

}  // namespace
}  // namespace sbert
