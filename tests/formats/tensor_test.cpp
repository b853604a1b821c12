#include "formats/tensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <map>

#include "formats/crafted.h"

namespace sbert::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Element>
TensorView view_of(DType dtype, const std::vector<Element>& elements) {
  return {
      "weight", dtype, {static_cast<int64_t>(elements.size())}, std::as_bytes(std::span(elements)), "w.safetensors"};
}

// The definition of binary16, in double arithmetic.
double half_value(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int mantissa = half & 1023;
  const double sign = half >> 15 != 0 ? -1 : 1;
  if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  return sign * (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
}

TEST(Tensor, WidensEveryF16Exactly) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  const std::vector<float> floats = read_floats(view_of(DType::kF16, halves));
  for (size_t i = 0; i < halves.size(); ++i) {
    const double expected = half_value(halves[i]);
    const auto bits = std::bit_cast<uint32_t>(floats[i]);
    ASSERT_EQ(bits >> 31, halves[i] >> 15) << i;
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(floats[i])) << i;
      ASSERT_EQ(bits >> 13 & 1023, halves[i] & 1023) << i;  // the payload
    } else {
      ASSERT_EQ(static_cast<double>(floats[i]), expected) << i;
    }
  }
}

TEST(Tensor, WidensEveryBf16Exactly) {
  std::vector<uint16_t> values(65536);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint16_t>(i);
  const std::vector<float> floats = read_floats(view_of(DType::kBF16, values));
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(std::bit_cast<uint32_t>(floats[i]), uint32_t{values[i]} << 16);
}

TEST(Tensor, RoundsF64ToNearestEven) {
  const double halfway = 1 + std::ldexp(1.0, -24);  // between 1 and the next float
  const std::vector<double> values{0.1,          halfway, std::nextafter(halfway, 2), -0.0, 1e300, -1e300, 1e-300,
                                   std::nan(""), 1e-45};
  const std::vector<float> floats = read_floats(view_of(DType::kF64, values));
  EXPECT_EQ(floats[0], 0.1f);
  EXPECT_EQ(floats[1], 1.0f);
  EXPECT_EQ(floats[2], std::nextafter(1.0f, 2.0f));
  EXPECT_TRUE(floats[3] == 0 && std::signbit(floats[3]));
  EXPECT_EQ(floats[4], std::numeric_limits<float>::infinity());
  EXPECT_EQ(floats[5], -std::numeric_limits<float>::infinity());
  EXPECT_EQ(floats[6], 0.0f);
  EXPECT_TRUE(std::isnan(floats[7]));
  EXPECT_EQ(floats[8], std::numeric_limits<float>::denorm_min());
}

TEST(Tensor, KeepsEveryBitOfF32) {
  const std::vector<uint32_t> bits{0, 1, 0x80000000, 0x3f800000, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f7fffff};
  const std::vector<float> floats = read_floats(view_of(DType::kF32, bits));
  for (size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(std::bit_cast<uint32_t>(floats[i]), bits[i]);
}

TEST(Tensor, ReadsUnalignedBytesAndParts) {
  const std::vector<double> doubles{1, 2, 3, 4};
  const std::vector<float> singles{1, 2, 3, 4};
  const std::vector<uint16_t> halves{0x3c00, 0x4000, 0x4200, 0x4400};
  const std::vector<uint16_t> brains{0x3f80, 0x4000, 0x4040, 0x4080};
  for (TensorView tensor : {view_of(DType::kF64, doubles), view_of(DType::kF32, singles), view_of(DType::kF16, halves),
                            view_of(DType::kBF16, brains)}) {
    for (size_t shift = 0; shift < 8; ++shift) {
      std::vector<std::byte> moved(shift + tensor.bytes.size());
      std::memcpy(moved.data() + shift, tensor.bytes.data(), tensor.bytes.size());
      TensorView shifted = tensor;
      shifted.bytes = std::span(moved).subspan(shift);
      EXPECT_THAT(read_floats(shifted), ElementsAre(1, 2, 3, 4)) << dtype_name(tensor.dtype) << " shift " << shift;
      std::vector<float> part(2);
      read_floats(shifted, 1, part);
      EXPECT_THAT(part, ElementsAre(2, 3));
      read_floats(shifted, 4, {});
    }
  }
}

TEST(Tensor, RefusesOtherTypesAndElementsThatAreNotThere) {
  const std::vector<int32_t> integers{1, 2};
  EXPECT_THAT(
      message_of<InvalidModelError>([&] { read_floats(view_of(DType::kI32, integers)); }),
      AllOf(HasSubstr("'w.safetensors'"), HasSubstr("'weight'"), HasSubstr("I32"), HasSubstr("F32, F16, BF16")));
  const std::vector<float> floats{1, 2, 3};
  const TensorView tensor = view_of(DType::kF32, floats);
  std::vector<float> out(2);
  const auto read = [&](size_t begin) {
    return message_of<InvalidModelError>([&] { read_floats(tensor, begin, out); });
  };
  EXPECT_THAT(read(2), AllOf(HasSubstr("[3]"), HasSubstr("has 3 elements; 2 from element 2")));
  EXPECT_NE(read(4), "");
  EXPECT_NE(read(std::numeric_limits<size_t>::max()), "");  // begin + size wraps
}

TEST(Tensor, ReadsTensorsWithoutElements) {
  const TensorView empty{"weight", DType::kF32, {0, 5}, {}, "w.safetensors"};
  EXPECT_EQ(empty.num_elements(), 0u);
  EXPECT_TRUE(read_floats(empty).empty());
}

TEST(Tensor, NamesAndSizesEveryDtype) {
  const std::map<std::string, size_t> bits{
      {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},   {"I8", 8},
      {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"I16", 16}, {"F8_E5M2FNUZ", 8},
      {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32}, {"F32", 32},
      {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64},
  };
  for (const auto& [name, size] : bits) {
    const auto dtype = parse_dtype(name);
    ASSERT_TRUE(dtype) << name;
    EXPECT_EQ(dtype_name(*dtype), name);
    EXPECT_EQ(dtype_bits(*dtype), size) << name;
    const bool weight = name == "F64" || name == "F32" || name == "F16" || name == "BF16";
    EXPECT_EQ(is_float(*dtype), weight) << name;
  }
  for (const char* name : {"", "f32", "F8", "F32 ", "FLOAT"}) EXPECT_FALSE(parse_dtype(name)) << name;
}

TEST(Tensor, CountsElementsOfHalfByteTypes) {
  const std::vector<uint8_t> bytes(3);
  EXPECT_EQ((TensorView{"w", DType::kF4, {6}, std::as_bytes(std::span(bytes)), "f"}.num_elements()), 6u);
  EXPECT_EQ((TensorView{"w", DType::kF6E2M3, {4}, std::as_bytes(std::span(bytes)), "f"}.num_elements()), 4u);
}

TEST(Tensor, WritesShapes) {
  EXPECT_EQ(shape_to_string({}), "[]");
  EXPECT_EQ(shape_to_string(std::vector<int64_t>{30522, 384}), "[30522, 384]");
}

}  // namespace
}  // namespace sbert::formats
