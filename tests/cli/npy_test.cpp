#include "npy.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "cli/temporary_folder.h"
#include "errors.h"
#include "number.h"

namespace sbert::cli {
namespace {

using testing::HasSubstr;

template <typename T>
std::string bytes_of(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

/// A file of version 1.0 with this header text.
std::string file_of(std::string dict, const std::string& values) {
  dict += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(dict.size() & 0xFF) +
         static_cast<char>(dict.size() >> 8) + dict + values;
}

std::string error_of(const std::string& bytes) {
  return message_of<RunError>([&] { parse_npy(bytes, "'x.npy'"); });
}

const std::string kValues = bytes_of<float>({1, 2, 3, 4, 5, 6});

// Byte for byte what numpy.save of NumPy 2 writes.
TEST(Npy, HeaderIsThatOfNumpy) {
  const std::string expected =
      std::string("\x93NUMPY\x01\x00v\x00", 10) + "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 384), }";
  const std::string header = npy_header(npy_type<float>(), {2, 384});
  EXPECT_EQ(header.size(), 128u);
  EXPECT_EQ(header.substr(0, expected.size()), expected);
  EXPECT_EQ(header.find_first_not_of(' ', expected.size()), 127u);
  EXPECT_EQ(header.back(), '\n');
  EXPECT_THAT(npy_header(npy_type<int8_t>(), {5}),
              HasSubstr("{'descr': '|i1', 'fortran_order': False, 'shape': (5,), }"));
  EXPECT_THAT(npy_header(npy_type<uint8_t>(), {0, 48}),
              HasSubstr("'|u1', 'fortran_order': False, 'shape': (0, 48), }"));
  for (const size_t size : {size_t{0}, size_t{1'000'000}, std::numeric_limits<size_t>::max()}) {
    EXPECT_EQ(npy_header(npy_type<float>(), {size, size}).size() % 64, 0u);
  }
}

TEST(Npy, WhatIsWrittenIsRead) {
  const FloatMatrix matrix = parse_npy(npy_header(npy_type<float>(), {2, 3}) + kValues, "'x.npy'");
  ASSERT_EQ(matrix.rows(), 2u);
  ASSERT_EQ(matrix.cols(), 3u);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(matrix.values()[i], float(i + 1));
  EXPECT_EQ(parse_npy(npy_header(npy_type<float>(), {0, 3}), "'x.npy'").cols(), 3u);
}

TEST(Npy, ReadsOtherFloatsAndOrders) {
  const FloatMatrix wide = parse_npy(
      file_of("{'shape': (1, 2), 'descr': \"<f8\", 'fortran_order': False}", bytes_of<double>({0.5, -1.0 / 3})),
      "'x.npy'");
  EXPECT_EQ(wide(0, 1), -1.0f / 3);
  const FloatMatrix half = parse_npy(file_of("{'descr': '<f2', 'fortran_order': False, 'shape': (1, 6), }",
                                             bytes_of<uint16_t>({0x3C00, 0xC000, 0x3555, 0x0001, 0x8000, 0x7BFF})),
                                     "'x.npy'");
  EXPECT_EQ(half(0, 0), 1.0f);
  EXPECT_EQ(half(0, 1), -2.0f);
  EXPECT_EQ(half(0, 2), 0.333251953125f);
  EXPECT_EQ(half(0, 3), 5.9604644775390625e-8f);
  EXPECT_TRUE(std::signbit(half(0, 4)));
  EXPECT_EQ(half(0, 5), 65504.0f);
  const FloatMatrix fortran =
      parse_npy(file_of("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", kValues), "'x.npy'");
  EXPECT_EQ(fortran(0, 1), 3.0f);
  EXPECT_EQ(fortran(1, 2), 6.0f);
}

TEST(Npy, ReadsVersions2And3) {
  const std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  for (const char version : {'\x02', '\x03'}) {
    const std::string file = std::string("\x93NUMPY") + version + std::string("\0", 1) +
                             bytes_of<uint32_t>({static_cast<uint32_t>(dict.size())}) + dict + kValues;
    EXPECT_EQ(parse_npy(file, "'x.npy'")(1, 2), 6.0f);
  }
}

TEST(Npy, BrokenFilesAreErrors) {
  const auto dict_error = [](const std::string& dict) { return error_of(file_of(dict, kValues)); };
  EXPECT_THAT(error_of(""), HasSubstr("'x.npy' is not a .npy file that can be used: it does not begin as one"));
  EXPECT_THAT(error_of("\x93NUMPY"), HasSubstr("cut short"));
  EXPECT_THAT(error_of(std::string("\x93NUMPY\x01\x00\xFF\xFF{", 11)), HasSubstr("cut short"));
  EXPECT_THAT(error_of(std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12)), HasSubstr("cut short"));
  EXPECT_THAT(error_of(std::string("\x93NUMPY\x04\x00\x00\x00\x00\x00", 12)), HasSubstr("format version is 4"));
  EXPECT_THAT(dict_error(""), HasSubstr("its header is broken"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False}"), HasSubstr("its header is broken"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x"), HasSubstr("header is broken"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}"),
              HasSubstr("unexpected key 'descr'"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}"), HasSubstr("header is broken"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}"), HasSubstr("header is broken"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3"), HasSubstr("header is broken"));
  EXPECT_THAT(dict_error("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}"), HasSubstr("records"));
  EXPECT_THAT(dict_error("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}"), HasSubstr("values are '|O'"));
  EXPECT_THAT(dict_error("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}"), HasSubstr("values are '>f4'"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}"), HasSubstr("1 dimensions"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': ()}"), HasSubstr("0 dimensions"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}"),
              HasSubstr("its shape (2, 2) of '<f4' does not fit its 24 bytes"));
  // products that wrap to 24 bytes, or to nothing
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387910, 1)}"),
              HasSubstr("does not fit"));
  EXPECT_THAT(error_of(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "")),
              HasSubstr("does not fit"));
  EXPECT_THAT(dict_error("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1)}"),
              HasSubstr("header is broken"));
}

TEST(Npy, RowsWithoutColumnsCostNothing) {
  const FloatMatrix matrix =
      parse_npy(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 0)}", ""), "'x.npy'");
  EXPECT_EQ(matrix.cols(), 0u);
}

TEST(Npy, ValuesMustBeFinite) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const float value : {infinity, -infinity, nan}) {
    EXPECT_THAT(error_of(npy_header(npy_type<float>(), {1, 2}) + bytes_of<float>({0, value})),
                HasSubstr("the value at row 0, column 1 is not a finite float32"));
  }
  EXPECT_THAT(error_of(file_of("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}", bytes_of<double>({1e300}))),
              HasSubstr("not a finite float32"));
}

// Any bytes: an array or a RunError, nothing else. Mutations of a good file reach behind the first checks.
TEST(Npy, ChangedFilesAreReadOrRefused) {
  const std::string good = npy_header(npy_type<float>(), {2, 3}) + kValues;
  std::mt19937 random(7);
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good.substr(0, round % 4 == 0 ? random() % good.size() : good.size());
    for (unsigned i = 0; i < 1 + random() % 3 && !bytes.empty(); ++i) {
      bytes[random() % std::min<size_t>(bytes.size(), 72)] = static_cast<char>(random());
    }
    try {
      parse_npy(bytes, "'x.npy'");
    } catch (const RunError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000u);
}

std::string number(float value) {
  std::string text;
  append_number(text, value);
  return text;
}

TEST(Number, IsTheShortestThatReadsBack) {
  EXPECT_EQ(number(0.1f), "0.1");
  EXPECT_EQ(number(1.0f), "1");
  EXPECT_EQ(number(-0.0f), "-0.0");
  EXPECT_EQ(number(1.0f / 3), "0.33333334");
  EXPECT_EQ(number(1e-10f), "1e-10");
  EXPECT_EQ(number(std::numeric_limits<float>::max()), "3.4028235e+38");
  EXPECT_EQ(number(std::numeric_limits<float>::denorm_min()), "1e-45");
}

TEST(Number, AnyFloatReadsBackAsItself) {
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = static_cast<uint32_t>(random());
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const float read = std::strtof(number(value).c_str(), nullptr);
    ASSERT_EQ(std::memcmp(&read, &value, sizeof value), 0) << number(value);
  }
}

TEST(Number, WhatJsonCannotSayIsAnError) {
  EXPECT_THROW(number(std::numeric_limits<float>::infinity()), RunError);
  EXPECT_THROW(number(std::numeric_limits<float>::quiet_NaN()), RunError);
}

}  // namespace
}  // namespace sbert::cli
