#include <algorithm>
#include <gtest/gtest.h>

#include <sbert/error.h>
#include <sbert/quantization.h>

#include "support/errors.h"
#include "support/floats.h"
#include "support/log_capture.h"

// Values computed by hand and by the reference (sentence-transformers 6.0.1 on the same numbers).
namespace sbert {
namespace {

using test::kInfinity;
using test::kNan;
using test::message_of;

FloatMatrix make_matrix(size_t cols, std::initializer_list<float> values) {
  FloatMatrix matrix(values.size() / cols, cols);
  std::ranges::copy(values, matrix.data());
  return matrix;
}

template <typename T>
std::vector<int> values_of(const Embeddings& embeddings) {
  const auto values = std::get<Matrix<T>>(embeddings).values();
  return {values.begin(), values.end()};
}

std::vector<int> int8_of(MatrixView vectors, const QuantizeOptions& options = {}) {
  return values_of<int8_t>(quantize_embeddings(vectors, Precision::kInt8, options));
}
std::vector<int> uint8_of(MatrixView vectors, const QuantizeOptions& options = {}) {
  return values_of<uint8_t>(quantize_embeddings(vectors, Precision::kUint8, options));
}

TEST(QuantizationTest, Int8AndUint8TakeTheRangesOfTheColumns) {
  // In float arithmetic (2 - 1) / (8 / 255) is just below 31.875, and a maximum may end one below 255.
  const FloatMatrix vectors = make_matrix(2, {0.0f, 1.0f, 0.5f, 2.0f, 1.0f, 9.0f});
  EXPECT_EQ(int8_of(vectors), (std::vector{-128, -128, -1, -97, 126, 126}));
  EXPECT_EQ(uint8_of(vectors), (std::vector{0, 0, 127, 31, 254, 254}));
}

TEST(QuantizationTest, OneVectorIsAllMinimum) {
  const FloatMatrix vector = make_matrix(3, {0.3f, -5.0f, 0.0f});
  EXPECT_EQ(int8_of(vector), (std::vector{-128, -128, -128}));
  EXPECT_EQ(uint8_of(vector), (std::vector{0, 0, 0}));
}

TEST(QuantizationTest, GivenRangesClip) {
  const FloatMatrix vectors = make_matrix(1, {-2.0f, -1.0f, 0.0f, 0.5f, 1.0f, 7.0f, kInfinity, -kInfinity});
  const FloatMatrix ranges = make_matrix(1, {-1.0f, 1.0f});
  EXPECT_EQ(uint8_of(vectors, {.ranges = MatrixView(ranges), .calibration_embeddings = {}}),
            (std::vector{0, 0, 127, 191, 254, 255, 255, 0}));
  EXPECT_EQ(int8_of(vectors, {.ranges = MatrixView(ranges), .calibration_embeddings = {}}),
            (std::vector{-128, -128, -1, 63, 126, 127, 127, -128}));
  EXPECT_EQ(uint8_of(make_matrix(1, {kNan}), {.ranges = MatrixView(ranges), .calibration_embeddings = {}}),
            std::vector{0});
}

TEST(QuantizationTest, CalibrationGivesTheRangesUnlessTheyAreGiven) {
  const FloatMatrix vectors = make_matrix(1, {0.25f, 2.0f});
  const FloatMatrix calibration = make_matrix(1, {0.0f, 0.5f, 1.0f}), ranges = make_matrix(1, {0.0f, 2.55f});
  EXPECT_EQ(uint8_of(vectors, {.ranges = {}, .calibration_embeddings = MatrixView(calibration)}),
            (std::vector{63, 255}));
  EXPECT_EQ(uint8_of(vectors, {.ranges = MatrixView(ranges), .calibration_embeddings = MatrixView(calibration)}),
            (std::vector{25, 200}));
}

TEST(QuantizationTest, BitsAreWhatIsAboveZero) {
  const FloatMatrix vectors =
      make_matrix(10, {1e-40f, 0.0f, -0.0f, kNan, 5.0f, -5.0f, kInfinity, -kInfinity, 1.0f, -1.0f,  //
                       1,      1,    1,     1,    1,    1,     1,         1,          1,    1});
  EXPECT_EQ(values_of<uint8_t>(quantize_embeddings(vectors, Precision::kUbinary)),
            (std::vector{0b10001010, 0b10000000, 255, 0b11000000}));
  EXPECT_EQ(values_of<int8_t>(quantize_embeddings(vectors, Precision::kBinary)),
            (std::vector{0b10001010 - 128, 0, 127, 0b11000000 - 128}));
}

TEST(QuantizationTest, BinaryHasAByteForEightDimensions) {
  for (const size_t cols : {1, 7, 8, 9, 16, 17}) {
    const FloatMatrix vectors(3, cols);
    const auto bits = std::get<Matrix<uint8_t>>(quantize_embeddings(vectors, Precision::kUbinary));
    EXPECT_EQ(bits.rows(), 3u);
    EXPECT_EQ(bits.cols(), (cols + 7) / 8);
  }
}

TEST(QuantizationTest, Float32IsACopy) {
  const FloatMatrix vectors = make_matrix(2, {1.5f, -2.0f, 3e38f, 0.0f});
  const auto copy = std::get<FloatMatrix>(quantize_embeddings(vectors, Precision::kFloat32));
  EXPECT_TRUE(test::same_bits(copy.values(), vectors.values()));
}

TEST(QuantizationTest, OfNothingIsNothing) {
  const FloatMatrix none(0, 12);
  EXPECT_EQ(std::get<Matrix<int8_t>>(quantize_embeddings(none, Precision::kInt8)).cols(), 12u);
  EXPECT_EQ(std::get<Matrix<uint8_t>>(quantize_embeddings(none, Precision::kUint8)).cols(), 12u);
  EXPECT_EQ(std::get<Matrix<int8_t>>(quantize_embeddings(none, Precision::kBinary)).cols(), 2u);
  EXPECT_EQ(std::get<FloatMatrix>(quantize_embeddings(none, Precision::kFloat32)).rows(), 0u);
}

TEST(QuantizationTest, WarnsOnceWhereAVectorDependsOnItsCompany) {
  const FloatMatrix few(99, 4), enough(100, 4), ranges(2, 4);
  const std::string want =
      "computing int8 ranges from 99 vectors: give ranges or calibration embeddings, so that a vector's values do not "
      "depend on the others of the call";
  {
    const test::LogCapture log;
    quantize_embeddings(few, Precision::kInt8);
    EXPECT_EQ(log.warnings(), std::vector{want});
  }
  const test::LogCapture log;
  quantize_embeddings(enough, Precision::kInt8);
  quantize_embeddings(few, Precision::kInt8, {.ranges = MatrixView(ranges), .calibration_embeddings = {}});
  quantize_embeddings(few, Precision::kInt8, {.ranges = {}, .calibration_embeddings = MatrixView(few)});
  quantize_embeddings(few, Precision::kBinary);
  quantize_embeddings(few, Precision::kFloat32);
  EXPECT_TRUE(log.warnings().empty());
}

TEST(QuantizationTest, RefusesRangesThatDoNotFit) {
  const FloatMatrix vectors(3, 4), narrow(2, 3), three_rows(3, 4), none(0, 4);
  auto with_ranges = [&](const FloatMatrix& ranges) {
    return message_of<InvalidArgumentError>(
        [&] { int8_of(vectors, {.ranges = MatrixView(ranges), .calibration_embeddings = {}}); });
  };
  auto with_calibration = [&](const FloatMatrix& calibration) {
    return message_of<InvalidArgumentError>(
        [&] { int8_of(vectors, {.ranges = {}, .calibration_embeddings = MatrixView(calibration)}); });
  };
  EXPECT_EQ(with_ranges(narrow), "cannot quantize vectors of 4 dimensions: the ranges have 3");
  EXPECT_EQ(with_ranges(three_rows), "ranges must be two rows, the minima and the maxima; found 3 rows");
  EXPECT_EQ(with_calibration(narrow), "cannot quantize vectors of 4 dimensions: the calibration embeddings have 3");
  EXPECT_EQ(with_calibration(none), "no calibration embeddings given");
}

TEST(QuantizationTest, NamesAreParsed) {
  for (const Precision precision :
       {Precision::kFloat32, Precision::kInt8, Precision::kUint8, Precision::kBinary, Precision::kUbinary}) {
    EXPECT_EQ(parse_precision(precision_name(precision)), precision);
  }
  EXPECT_EQ(message_of<InvalidArgumentError>([] { parse_precision("int4"); }),
            "precision 'int4' is not known; known: float32, int8, uint8, binary, ubinary");
}

}  // namespace
}  // namespace sbert
