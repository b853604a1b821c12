#pragma once

#include <string_view>
#include <vector>

#include <sbert/export.h>
#include <sbert/types.h>

namespace sbert {

/// `SimilarityFunction` of Sentence Transformers. Larger is more similar for all of them.
enum class SimilarityFunction {
  kCosine,     ///< a . b / (|a| |b|), each norm at least 1e-12
  kDot,        ///< a . b
  kEuclidean,  ///< -|a - b|
  kManhattan,  ///< -sum_i |a_i - b_i|
};

/// "cosine", "dot", "euclidean" or "manhattan".
SBERT_API const char* similarity_function_name(SimilarityFunction function) noexcept;
/// Throws InvalidArgumentError listing the names.
SBERT_API SimilarityFunction parse_similarity_function(std::string_view name);

/// The score of every row of `a` [N, D] with every row of `b` [M, D]: a matrix [N, M].
/// `sentence_transformers.util.cos_sim`, `dot_score`, `euclidean_sim`, `manhattan_sim`.
/// Throws InvalidArgumentError when the dimensions differ. Thread-safe.
SBERT_API FloatMatrix similarity(MatrixView a, MatrixView b, SimilarityFunction function = SimilarityFunction::kCosine);

/// The score of row i of `a` [N, D] with row i of `b` [N, D], N values: `pairwise_cos_sim` and its kin.
SBERT_API std::vector<float> similarity_pairwise(MatrixView a, MatrixView b,
                                                 SimilarityFunction function = SimilarityFunction::kCosine);

}  // namespace sbert
