#include "formats/safetensors.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "common/text.h"
#include "formats/crafted.h"
#include "formats/weight_file.h"

// The accepted and refused files are those of the safetensors library; tests/parity/safetensors_parity.py compares far
// more of them with it.
namespace sbert::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Owns the bytes in a block of exactly their size, so that the sanitizer sees a read beyond them.
struct Parsed {
  explicit Parsed(std::string_view file) : bytes(file.size()) {
    std::transform(file.begin(), file.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
    content = parse_safetensors(bytes, "m.safetensors");
  }
  std::vector<std::byte> bytes;
  SafetensorsContent content;
};

std::string refusal(std::string_view file) {
  const std::string message = message_of<InvalidModelError>([&] { Parsed parsed(file); });
  EXPECT_THAT(message, HasSubstr("'m.safetensors'")) << common::quote(file);
  EXPECT_LT(message.size(), 1000u);
  return message;
}

std::string refusal(std::string_view header, std::string_view data) {
  return refusal(safetensors_bytes(header, data));
}

std::string header_of(std::initializer_list<std::string> entries) {
  std::string header = "{";
  for (const std::string& text : entries) header += (header.size() > 1 ? "," : "") + text;
  return header + "}";
}

std::string one(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return header_of({entry("w", dtype, shape, offsets)});
}

const std::string& valid_file() {
  static const std::string file =
      safetensors_bytes(header_of({R"("__metadata__":{"format":"pt"})", entry("b", "F16", "[2,1]", "[4,8]"),
                                   entry("a", "F32", "[]", "[0,4]"), entry("c", "U8", "[3]", "[8,11]"),
                                   entry("e", "F32", "[0,7]", "[11,11]")}),
                        std::string_view("\0\0\x80?\0<\0@\1\2\3", 11));
  return file;
}

TEST(Safetensors, ListsTensorsInOrderOfTheFile) {
  const Parsed parsed(valid_file());
  const auto& tensors = parsed.content.tensors;
  ASSERT_THAT(tensors, SizeIs(4));
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_THAT(tensors[0].shape, IsEmpty());
  EXPECT_THAT(read_floats(tensors[0]), ElementsAre(1));
  EXPECT_EQ(tensors[1].name, "b");
  EXPECT_EQ(tensors[1].dtype, DType::kF16);
  EXPECT_THAT(tensors[1].shape, ElementsAre(2, 1));
  EXPECT_THAT(read_floats(tensors[1]), ElementsAre(1, 2));
  EXPECT_EQ(tensors[2].name, "c");
  EXPECT_EQ(tensors[2].bytes.back(), std::byte{3});
  EXPECT_EQ(tensors[3].name, "e");
  EXPECT_THAT(tensors[3].shape, ElementsAre(0, 7));
  EXPECT_EQ(tensors[3].num_elements(), 0u);
  EXPECT_EQ(tensors[3].file, "m.safetensors");
  EXPECT_THAT(parsed.content.metadata, ElementsAre(testing::Pair("format", "pt")));
}

TEST(Safetensors, AcceptsWhatTheReferenceAccepts) {
  const std::string w = entry("w", "F32", "[1]", "[0,4]");
  const std::string fields = w.substr(0, w.size() - 1);
  const auto accepted = [](const std::string& header, std::string_view data = "1234") {
    return Parsed(safetensors_bytes(header, data)).content.tensors;
  };
  EXPECT_THAT(accepted("{}", ""), IsEmpty());
  EXPECT_THAT(accepted(" \n\t\r{" + w + "} \n\t\r   "), SizeIs(1));
  EXPECT_THAT(accepted("{" + fields + R"(,"x":{"y":[1,null,-2.5e3,"z"]}}})"), SizeIs(1));
  EXPECT_THAT(accepted(R"({"__metadata__":null,)" + w + "}"), SizeIs(1));
  EXPECT_EQ(accepted(header_of({entry("", "F32", "[1]", "[0,4]")}))[0].name, "");
  EXPECT_EQ(accepted(header_of({entry(R"(a\u0000b)", "F32", "[1]", "[0,4]")}))[0].name, std::string("a\0b", 3));
  EXPECT_EQ(accepted(header_of({entry("../../etc/passwd", "F32", "[1]", "[0,4]")}))[0].name, "../../etc/passwd");
  // an empty tensor may share its begin with the next one, and its other dimensions are free
  EXPECT_THAT(accepted(header_of({entry("e", "F32", "[0,4294967296,4294967296]", "[0,0]"), w})), SizeIs(2));
  // 2 levels of our own and 125 of theirs
  EXPECT_THAT(accepted("{" + fields + R"(,"x":)" + std::string(125, '[') + std::string(125, ']') + "}}"), SizeIs(1));
  for (const char* dtype : {"F4", "F6_E2M3", "F6_E3M2"}) {
    const size_t bytes = dtype_bits(*parse_dtype(dtype));  // of 8 elements
    const std::string header = one(dtype, "[8]", "[0," + std::to_string(bytes) + "]");
    EXPECT_EQ(accepted(header, std::string(bytes, 'x'))[0].num_elements(), 8u) << dtype;
  }
}

TEST(Safetensors, S1ChecksTheHeaderLengthFirst) {
  const std::string header = one("F32", "[1]", "[0,4]");
  for (int64_t k = 1; k <= 16; ++k) {
    std::string file = safetensors_bytes(header, "1234");
    const uint64_t length = std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(k) + 1;
    std::memcpy(file.data(), &length, sizeof(length));
    EXPECT_THAT(refusal(file), HasSubstr(std::to_string(length))) << k;
  }
  EXPECT_THAT(refusal(safetensors_bytes(header, "1234", 100000001)), HasSubstr("at most 100000000"));
  EXPECT_THAT(refusal(safetensors_bytes(header, "1234", 100000000)), HasSubstr("cut off"));
  EXPECT_THAT(refusal(safetensors_bytes(header, "1234", static_cast<int64_t>(header.size()) + 5)),
              HasSubstr("cut off"));
  EXPECT_THAT(refusal(safetensors_bytes(header, "1234", 0)), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal(std::string(7, 'x')), HasSubstr("this one has 7"));
  EXPECT_THAT(refusal(""), HasSubstr("this one has 0"));
  EXPECT_THAT(refusal(std::string(8, '\0')), HasSubstr("not valid JSON"));
}

TEST(Safetensors, S2S3RefusesProductsThatOverflow) {
  EXPECT_THAT(refusal(one("F32", "[4194305,4194305,211106198978564]", "[0,16]"), std::string(16, 'x')),
              AllOf(HasSubstr("tensor 'w'"), HasSubstr("[4194305, 4194305, 211106198978564]"), HasSubstr("64 bits")));
  EXPECT_THAT(refusal(one("I8", "[4294967296,4294967296]", "[0,0]"), ""), HasSubstr("64 bits"));
  EXPECT_THAT(refusal(one("I8", "[4294967296,4294967296,0]", "[0,0]"), ""), HasSubstr("64 bits"));
  EXPECT_THAT(refusal(one("I8", "[2,18446744073709551614]", "[0,4]"), "1234"), HasSubstr("18446744073709551614"));
  EXPECT_THAT(refusal(one("F64", "[2305843009213693952]", "[0,0]"), ""), HasSubstr("64 bits"));
  EXPECT_THAT(refusal(one("U8", "[0,18446744073709551615]", "[0,0]"), ""), HasSubstr("dimension"));
  for (const char* shape : {"[-4]", "[4.0]", "[1e19]", "[1.5]", "[null]", "[\"4\"]", "[[4]]", "[true]"}) {
    EXPECT_THAT(refusal(one("U8", shape, "[0,4]"), "1234"), HasSubstr("non-negative integer is expected")) << shape;
  }
  EXPECT_THAT(refusal(one("U8", "[18446744073709551616]", "[0,4]"), "1234"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal(one("U8", "4", "[0,4]"), "1234"), HasSubstr("not an array"));
}

TEST(Safetensors, S4RefusesBadOffsets) {
  const auto message = [](std::string_view offsets) { return refusal(one("F32", "[1]", offsets), "1234"); };
  for (const char* offsets : {"[]", "[0]", "[0,4,4]", "4", "null", R"({"0":0})"}) {
    EXPECT_THAT(message(offsets), HasSubstr("two data_offsets")) << offsets;
  }
  for (const char* offsets : {"[-4,0]", "[0,4.0]", "[0,\"4\"]"}) {
    EXPECT_THAT(message(offsets), HasSubstr("non-negative integer is expected")) << offsets;
  }
  EXPECT_THAT(message("[16,0]"), HasSubstr("ends before it begins"));
  EXPECT_THAT(message("[0,9223372036854775808]"), HasSubstr("beyond the end of the file"));
  EXPECT_THAT(message("[0,18446744073709551615]"), HasSubstr("beyond the end of the file"));
  EXPECT_THAT(message("[18446744073709551612,18446744073709551615]"), HasSubstr("leaves a gap"));
  // also where the dtype is unknown
  EXPECT_THAT(refusal(one("F33", "[1]", "[18446744073709551612,0]"), "1234"), HasSubstr("unknown dtype 'F33'"));
}

TEST(Safetensors, S5RefusesShapesThatDoNotFitTheirBytes) {
  EXPECT_THAT(refusal(one("F32", "[1000,1000]", "[0,4]"), "1234"),
              HasSubstr("of type F32 and shape [1000, 1000] needs 4000000 bytes, its data_offsets hold 4"));
  EXPECT_THAT(refusal(one("F64", "[4]", "[0,16]"), std::string(16, 'x')), HasSubstr("needs 32 bytes"));
  EXPECT_THAT(refusal(one("F4", "[3]", "[0,2]"), "12"), HasSubstr("whole bytes"));
  std::string ones = "[1";
  for (int i = 0; i < 1000; ++i) ones += ",1";
  EXPECT_THAT(refusal(one("F32", ones + "]", "[0,3]"), "123"), HasSubstr("1, ...]"));
}

TEST(Safetensors, S6RefusesGapsOverlapsAndRests) {
  const auto two = [](const char* a, const char* b) {
    return refusal(header_of({entry("a", "U8", "[4]", a), entry("b", "U8", "[4]", b)}), "12345678");
  };
  EXPECT_THAT(two("[0,4]", "[0,4]"), HasSubstr("overlaps"));
  EXPECT_THAT(two("[0,4]", "[3,7]"), AllOf(HasSubstr("tensor 'b'"), HasSubstr("overlaps")));
  EXPECT_THAT(two("[0,4]", "[5,9]"), HasSubstr("gap"));
  EXPECT_THAT(two("[4,8]", "[1,5]"), AllOf(HasSubstr("tensor 'b'"), HasSubstr("gap")));
  EXPECT_THAT(refusal(one("U8", "[4]", "[0,4]"), "12345"), HasSubstr("5 bytes of data"));
  EXPECT_THAT(refusal(one("U8", "[4]", "[0,4]"), "123"), HasSubstr("cut off"));
  EXPECT_THAT(refusal("{}", "1"), HasSubstr("1 bytes of data"));
  EXPECT_THAT(refusal(header_of({entry("a", "U8", "[4]", "[0,4]"), entry("e", "U8", "[0]", "[2,2]")}), "1234"),
              HasSubstr("overlaps"));
  EXPECT_THAT(refusal(one("U8", "[0]", "[9,9]"), ""), HasSubstr("gap"));

  std::string many = "{";
  for (int i = 0; i < 100000; ++i) {
    many += (i > 0 ? "," : "") + entry("t" + std::to_string(i), "F32", "[4]", "[0,16]");
  }
  EXPECT_THAT(refusal(many + "}", std::string(16, 'x')), HasSubstr("overlaps"));
}

TEST(Safetensors, S7RefusesDuplicateKeysAtEveryLevel) {
  const std::string w = entry("w", "F32", "[1]", "[0,4]");
  const std::string fields = w.substr(0, w.size() - 1);
  const auto twice = [](const std::string& header) {
    EXPECT_THAT(refusal(header, "1234"), HasSubstr("twice")) << header;
  };
  twice(header_of({w, w}));
  twice(header_of({w, entry(R"(\u0077)", "F32", "[1]", "[0,4]")}));
  twice(header_of({entry("w", "F32", "[4]", "[0,16]"), w}));
  twice(header_of({R"("__metadata__":{})", R"("__metadata__":{})", w}));
  twice(header_of({R"("__metadata__":{"k":"1","k":"1"})", w}));
  for (const char* more : {R"("dtype":"F32")", R"("shape":[1])", R"("data_offsets":[0,4])", R"("x":1,"x":1)",
                           R"("x":{"y":1,"y":1})", R"("x":[[{"y":1,"y":1}]])"}) {
    twice("{" + fields + "," + more + "}}");
  }
}

TEST(Safetensors, S7RefusesWhatIsNotAHeader) {
  const std::string w = entry("w", "F32", "[1]", "[0,4]");
  for (const std::string& header :
       {std::string("\xff"), std::string("{"), std::string("}"), std::string("{\"w\":"), "\xef\xbb\xbf{" + w + "}",
        "{" + w + ",}", "{" + w + "}x", "{" + w + "}" + '\0', header_of({entry("\xc0\x80", "F32", "[1]", "[0,4]")}),
        header_of({entry("\xed\xa0\x80", "F32", "[1]", "[0,4]")}), header_of({entry("a\nb", "F32", "[1]", "[0,4]")}),
        header_of({entry(R"(\ud800)", "F32", "[1]", "[0,4]")}),
        header_of({entry(R"(\udc00)", "F32", "[1]", "[0,4]")})}) {
    EXPECT_THAT(refusal(header, "1234"), HasSubstr("not valid JSON")) << common::quote(header);
  }
  for (const char* header : {"[]", "null", "1", "\"w\""})
    EXPECT_THAT(refusal(header, "1234"), HasSubstr("JSON object"));
  for (const char* value : {"[]", "1", "\"x\""}) {
    EXPECT_THAT(refusal(header_of({std::string(R"("__metadata__":)") + value, w}), "1234"),
                HasSubstr("must be an object"));
  }
  for (const char* value : {"1", "null", "{}", "[\"v\"]"}) {
    EXPECT_THAT(refusal(header_of({R"("__metadata__":{"key":)" + std::string(value) + "}", w}), "1234"),
                AllOf(HasSubstr("'key'"), HasSubstr("must hold a string")));
  }
  for (const char* value : {"null", "1", R"(["F32",[1],[0,4]])"}) {
    EXPECT_THAT(refusal(std::string(R"({"w":)") + value + "}", "1234"), HasSubstr("tensor 'w' must be an object"));
  }
  EXPECT_THAT(refusal(R"({"w":{"shape":[1],"data_offsets":[0,4]}})", "1234"), HasSubstr("has no dtype"));
  EXPECT_THAT(refusal(R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", "1234"), HasSubstr("has no shape"));
  EXPECT_THAT(refusal(R"({"w":{"dtype":"F32","shape":[1]}})", "1234"), HasSubstr("has no data_offsets"));
  EXPECT_THAT(refusal(R"({"w":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}})", "1234"),
              HasSubstr("not a string"));
}

TEST(Safetensors, S7ShortensNamesInMessages) {
  const std::string message = refusal(one("F32", "[1]", "[0,4]").replace(2, 1, std::string(10000000, 'n')), "123");
  EXPECT_THAT(message, HasSubstr("tensor 'nnn"));
  const std::string control = refusal(header_of({entry(R"(\u001b[31m\n)", "F32", "[1]", "[0,4]")}), "123");
  EXPECT_TRUE(std::none_of(control.begin(), control.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      << control;
}

TEST(Safetensors, J1RefusesDeepNesting) {
  const std::string w = entry("w", "F32", "[1]", "[0,4]");
  for (const int depth : {126, 127, 128, 1000, 100000}) {
    const auto size = static_cast<size_t>(depth);
    const std::string arrays = std::string(size, '[') + std::string(size, ']');
    EXPECT_NE(refusal("{" + w.substr(0, w.size() - 1) + R"(,"x":)" + arrays + "}}", "1234"), "") << depth;
    EXPECT_NE(refusal(arrays, "1234"), "") << depth;
    EXPECT_NE(refusal(std::string(size, '['), "1234"), "") << depth;
  }
}

TEST(Safetensors, RefusesEveryTruncation) {
  for (size_t size = 0; size < valid_file().size(); ++size) {
    EXPECT_NE(refusal(std::string_view(valid_file()).substr(0, size)), "") << size;
  }
}

TEST(Safetensors, SurvivesEverySingleByteChange) {
  size_t accepted = 0;
  size_t refused = 0;
  for (size_t at = 0; at < valid_file().size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string file = valid_file();
      file[at] = static_cast<char>(value);
      try {
        const Parsed parsed(file);
        size_t bytes = 0;
        for (const TensorView& tensor : parsed.content.tensors) {
          bytes += tensor.bytes.size();
          if (is_float(tensor.dtype)) {
            EXPECT_EQ(read_floats(tensor).size(), tensor.num_elements());
          }
        }
        EXPECT_EQ(bytes, 11u) << at << " " << value;
        ++accepted;
      } catch (const InvalidModelError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(accepted, valid_file().size());  // the unchanged ones, names, metadata and data
  EXPECT_GT(refused, accepted);
}

TEST(Safetensors, OpensFilesBothWays) {
  const TempFolder folder;
  const auto path = folder.write("m.safetensors", valid_file());
  for (const auto access : {common::FileAccess::kMap, common::FileAccess::kCopy}) {
    WeightFile opened = open_weight_file(path, access);
    const TensorView* address = opened.tensors.data();
    const WeightFile moved = std::move(opened);
    EXPECT_EQ(moved.tensors.data(), address);
    EXPECT_THAT(read_floats(moved.tensors.at(1)), ElementsAre(1, 2));
    EXPECT_EQ(moved.tensors.at(1).file, path.string());
  }
  EXPECT_THAT(message_of<InvalidModelError>(
                  [&] { open_weight_file(folder.path() / "absent.safetensors", common::FileAccess::kMap); }),
              HasSubstr("is missing"));
  EXPECT_THAT(message_of<IoError>([&] { open_weight_file(folder.path(), common::FileAccess::kMap); }),
              HasSubstr("not a regular file"));
}

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t size = 0;
  size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

// Cold start: opening a model must not read its weights. The data is a hole of 1 GiB.
TEST(Safetensors, MappedDataIsNotRead) {
  if (resident_bytes() == 0) GTEST_SKIP() << "needs /proc/self/statm";
  const TempFolder folder;
  const size_t data = size_t{1} << 30;
  const std::string header = one("F32", "[16384,16384]", "[0,1073741824]");
  const auto path = folder.write("m.safetensors", safetensors_bytes(header, ""));
  std::filesystem::resize_file(path, 8 + header.size() + data);
  const size_t before = resident_bytes();
  const WeightFile file = open_weight_file(path, common::FileAccess::kMap);
  EXPECT_EQ(file.tensors.at(0).bytes.size(), data);
  EXPECT_LT(resident_bytes(), before + (size_t{16} << 20));
}

TEST(Safetensors, OversizedHeaderCostsNothing) {
  const TempFolder folder;
  const auto path = folder.write("m.safetensors", safetensors_bytes("", "", 100000001));
  std::filesystem::resize_file(path, 200000000);
  const size_t before = resident_bytes();
  EXPECT_THAT(message_of<InvalidModelError>([&] { open_weight_file(path, common::FileAccess::kMap); }),
              HasSubstr("at most 100000000"));
  EXPECT_LT(resident_bytes(), before + (size_t{16} << 20));
}

}  // namespace
}  // namespace sbert::formats
