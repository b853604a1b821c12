#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <sbert/error.h>
#include <sbert/quantization.h>

#include "common/log.h"
#include "common/text.h"

namespace sbert {
namespace {

constexpr std::array kPrecisions = {Precision::kFloat32, Precision::kInt8, Precision::kUint8, Precision::kBinary,
                                    Precision::kUbinary};

struct Ranges {
  std::vector<float> start, step;  // of each dimension
};

// NaN in a column makes its range NaN, as numpy's min and max do.
Ranges ranges_of_rows(MatrixView rows) {
  std::vector<float> min(rows.row(0).begin(), rows.row(0).end()), max = min;
  for (size_t i = 1; i < rows.rows; ++i) {
    for (size_t j = 0; j < rows.cols; ++j) {
      const float x = rows.row(i)[j];
      if (x < min[j] || std::isnan(x)) min[j] = x;
      if (x > max[j] || std::isnan(x)) max[j] = x;
    }
  }
  Ranges ranges{.start = std::move(min), .step = std::move(max)};
  for (size_t j = 0; j < rows.cols; ++j) ranges.step[j] = (ranges.step[j] - ranges.start[j]) / 255.0f;
  return ranges;
}

void require_cols(MatrixView given, size_t cols, const char* what) {
  if (given.cols != cols) {
    throw InvalidArgumentError("cannot quantize vectors of " + std::to_string(cols) + " dimensions: the " + what +
                               " have " + std::to_string(given.cols));
  }
}

Ranges make_ranges(MatrixView embeddings, Precision precision, const QuantizeOptions& options) {
  Ranges ranges;
  if (options.ranges) {
    require_cols(*options.ranges, embeddings.cols, "ranges");
    if (options.ranges->rows != 2) {
      throw InvalidArgumentError("ranges must be two rows, the minima and the maxima; found " +
                                 std::to_string(options.ranges->rows) + " rows");
    }
    const auto min = options.ranges->row(0), max = options.ranges->row(1);
    ranges.start.assign(min.begin(), min.end());
    for (size_t j = 0; j < embeddings.cols; ++j) ranges.step.push_back((max[j] - min[j]) / 255.0f);
  } else if (options.calibration_embeddings) {
    require_cols(*options.calibration_embeddings, embeddings.cols, "calibration embeddings");
    if (options.calibration_embeddings->rows == 0) throw InvalidArgumentError("no calibration embeddings given");
    ranges = ranges_of_rows(*options.calibration_embeddings);
  } else {
    if (embeddings.rows < 100) {
      common::log(LogLevel::kWarning,
                  std::string("computing ") + precision_name(precision) + " ranges from " +
                      std::to_string(embeddings.rows) +
                      " vectors: give ranges or calibration embeddings, so that a vector's values do not depend on "
                      "the others of the call");
    }
    ranges = ranges_of_rows(embeddings);
  }
  for (float& step : ranges.step) step = step == 0.0f ? 1.0f : step;
  return ranges;
}

template <typename T>
Matrix<T> quantize_to_bytes(MatrixView embeddings, const Ranges& ranges, int offset) {
  Matrix<T> result(embeddings.rows, embeddings.cols);
  for (size_t i = 0; i < embeddings.rows; ++i) {
    for (size_t j = 0; j < embeddings.cols; ++j) {
      const float bucket = std::floor((embeddings.row(i)[j] - ranges.start[j]) / ranges.step[j]);
      if (std::isnan(bucket)) continue;  // stays 0, as numpy's cast makes it
      result(i, j) = static_cast<T>(static_cast<int>(std::clamp(bucket, 0.0f, 255.0f)) - offset);
    }
  }
  return result;
}

template <typename T>
Matrix<T> pack_bits(MatrixView embeddings, int offset) {
  Matrix<T> result(embeddings.rows, (embeddings.cols + 7) / 8);
  for (size_t i = 0; i < embeddings.rows; ++i) {
    for (size_t byte = 0; byte < result.cols(); ++byte) {
      int bits = 0;
      for (size_t j = 8 * byte; j < 8 * byte + 8; ++j) {
        bits = 2 * bits + (j < embeddings.cols && embeddings.row(i)[j] > 0.0f ? 1 : 0);
      }
      result(i, byte) = static_cast<T>(bits - offset);
    }
  }
  return result;
}

}  // namespace

const char* precision_name(Precision precision) noexcept {
  switch (precision) {
    case Precision::kFloat32:
      return "float32";
    case Precision::kInt8:
      return "int8";
    case Precision::kUint8:
      return "uint8";
    case Precision::kBinary:
      return "binary";
    case Precision::kUbinary:
      return "ubinary";
  }
  return "unknown";
}

Precision parse_precision(std::string_view name) {
  for (const Precision precision : kPrecisions) {
    if (name == precision_name(precision)) return precision;
  }
  throw InvalidArgumentError("precision " + common::quote(name) +
                             " is not known; known: float32, int8, uint8, binary, ubinary");
}

Embeddings quantize_embeddings(MatrixView embeddings, Precision precision, const QuantizeOptions& options) {
  switch (precision) {
    case Precision::kFloat32: {
      FloatMatrix copy(embeddings.rows, embeddings.cols);
      std::copy_n(embeddings.data, embeddings.rows * embeddings.cols, copy.data());
      return copy;
    }
    case Precision::kInt8:
      if (embeddings.rows == 0) return Matrix<int8_t>(0, embeddings.cols);
      return quantize_to_bytes<int8_t>(embeddings, make_ranges(embeddings, precision, options), 128);
    case Precision::kUint8:
      if (embeddings.rows == 0) return Matrix<uint8_t>(0, embeddings.cols);
      return quantize_to_bytes<uint8_t>(embeddings, make_ranges(embeddings, precision, options), 0);
    case Precision::kBinary:
      return pack_bits<int8_t>(embeddings, 128);
    case Precision::kUbinary:
      return pack_bits<uint8_t>(embeddings, 0);
  }
  throw InvalidArgumentError("unknown precision");
}

}  // namespace sbert
