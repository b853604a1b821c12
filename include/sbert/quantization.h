#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include <sbert/export.h>
#include <sbert/types.h>

namespace sbert {

/// The value types of stored vectors (`precision` of `encode` and `quantize_embeddings`).
enum class Precision { kFloat32, kInt8, kUint8, kBinary, kUbinary };

/// "float32", "int8", "uint8", "binary" or "ubinary".
SBERT_API const char* precision_name(Precision precision) noexcept;
/// Throws InvalidArgumentError listing the names.
SBERT_API Precision parse_precision(std::string_view name);

/// Vectors of one precision: int8 and binary hold int8 values, uint8 and ubinary uint8 values.
using Embeddings = std::variant<FloatMatrix, Matrix<int8_t>, Matrix<uint8_t>>;

struct QuantizeOptions {
  /// [2, D]: the smallest and the largest value of each dimension. Used by int8 and uint8 only.
  std::optional<MatrixView> ranges;
  /// [M, D]: vectors to take the ranges from. Where neither is given, the ranges are those of `embeddings` itself, so a
  /// vector's values depend on its company; below 100 vectors that logs a warning.
  std::optional<MatrixView> calibration_embeddings;
};

/// `sentence_transformers.quantize_embeddings`: `embeddings` [N, D] as
/// - int8, uint8: floor((x - min) / ((max - min) / 255)) clipped to 0..255 (less 128 for int8), [N, D];
/// - ubinary, binary: bit x > 0, packed from the most significant bit (less 128 for binary), [N, ceil(D / 8)];
/// - float32: a copy.
/// Throws InvalidArgumentError when ranges or calibration have another dimension.
SBERT_API Embeddings quantize_embeddings(MatrixView embeddings, Precision precision,
                                         const QuantizeOptions& options = {});

}  // namespace sbert
