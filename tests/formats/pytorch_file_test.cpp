#include "formats/pytorch_file.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "formats/crafted.h"
#include "formats/crafted_zip.h"
#include "formats/weight_file.h"

// data/*.bin are of the real torch.save (make_pytorch_files.py). tests/parity/pytorch_parity.py compares many random
// files with torch.load.
namespace sbert::formats {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::filesystem::path kData = std::filesystem::path(SBERT_TEST_DIR) / "formats/data";

// Owns the bytes in a block of exactly their size, so that the sanitizer sees a read beyond them.
struct Parsed {
  explicit Parsed(std::string_view file) : bytes(file.begin(), file.end()) {
    content = parse_pytorch(std::as_bytes(std::span(bytes)), "f.bin");
  }
  const TensorView& tensor(std::string_view name) const {
    const auto found = std::find_if(content.tensors.begin(), content.tensors.end(),
                                    [&](const TensorView& tensor) { return tensor.name == name; });
    if (found == content.tensors.end()) throw std::runtime_error("no tensor " + std::string(name));
    return *found;
  }
  bool is_inside(const TensorView& tensor) const {
    const auto file = std::as_bytes(std::span(bytes));
    return tensor.bytes.data() >= file.data() && tensor.bytes.data() < file.data() + file.size();
  }
  std::vector<char> bytes;
  PytorchContent content;
};

template <typename E = InvalidModelError>
std::string refusal(const std::string& file) {
  return message_of<E>([&] { Parsed{file}; });
}

/// An archive of torch.save with this pickle and one storage "0" of 16 bytes.
std::string archive(const std::string& pickle, const std::string& byteorder = "little") {
  return crafted_zip({{.name = "m/data.pkl", .data = pickle},
                      {.name = "m/byteorder", .data = byteorder},
                      {.name = "m/data/0", .data = std::string(16, '\0')}});
}

std::string integer(int64_t value) {
  return "\x8a\x08" + little_endian(value);  // LONG1
}

std::string text(const std::string& value) {
  return "X" + little_endian(static_cast<uint32_t>(value.size())) + value;
}

std::string tuple(const std::vector<int64_t>& values) {
  std::string pickle = "(";
  for (const int64_t value : values) pickle += integer(value);
  return pickle + "t";
}

struct CraftedTensor {
  int64_t elements = 4;
  int64_t offset = 0;
  std::vector<int64_t> shape = {4};
  std::vector<int64_t> stride = {1};
  std::string storage = "torch\nFloatStorage\n";
};

/// The pickle of {"w": tensor}.
std::string pickle_of(const CraftedTensor& tensor) {
  return "\x80\x02}" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "c" + tensor.storage +
         text("0") + text("cpu") + integer(tensor.elements) + "tQ" + integer(tensor.offset) + tuple(tensor.shape) +
         tuple(tensor.stride) + "\x89}tRs.";
}

TEST(PytorchFile, ReadsBothFormsOfTorchSave) {
  for (const char* name : {"zip.bin", "legacy.bin"}) {
    SCOPED_TRACE(name);
    const Parsed file(test::contents_of(kData / name));
    EXPECT_THAT(file.content.tensors, SizeIs(13));  // not: number, text, size, extra
    EXPECT_EQ(file.content.tensors[0].name, "f32");
    EXPECT_EQ(file.tensor("f32").file, "f.bin");
    EXPECT_THAT(file.tensor("f32").shape, ElementsAre(2, 2));
    EXPECT_THAT(read_floats(file.tensor("f32")), ElementsAre(1.5f, -2, 3, 4));
    EXPECT_EQ(file.tensor("f16").dtype, DType::kF16);
    EXPECT_THAT(read_floats(file.tensor("f16")), ElementsAre(1, 65504));
    EXPECT_EQ(file.tensor("bf16").dtype, DType::kBF16);
    EXPECT_THAT(read_floats(file.tensor("bf16")), ElementsAre(1, -0.5f));
    EXPECT_EQ(file.tensor("f64").dtype, DType::kF64);
    EXPECT_THAT(read_floats(file.tensor("f64")), ElementsAre(0.1f));
    EXPECT_EQ(file.tensor("i64").dtype, DType::kI64);
    EXPECT_THAT(file.tensor("i64").shape, ElementsAre());
    EXPECT_EQ(file.tensor("i64").bytes[0], std::byte{0xf9});
    EXPECT_EQ(file.tensor("bool").dtype, DType::kBool);
    EXPECT_THAT(file.tensor("empty").shape, ElementsAre(0, 3));
    EXPECT_THAT(file.tensor("empty").bytes, SizeIs(0));
    EXPECT_THAT(read_floats(file.tensor("parameter")), ElementsAre(9));
  }
}

TEST(PytorchFile, SharesStoragesAndCopiesOnlyStrides) {
  for (const char* name : {"zip.bin", "legacy.bin"}) {
    SCOPED_TRACE(name);
    const Parsed file(test::contents_of(kData / name));
    EXPECT_EQ(file.tensor("tied").bytes.data(), file.tensor("base").bytes.data());
    EXPECT_TRUE(file.is_inside(file.tensor("base")));
    EXPECT_TRUE(file.is_inside(file.tensor("row")));
    EXPECT_THAT(read_floats(file.tensor("row")), ElementsAre(8, 9, 10, 11));
    EXPECT_FALSE(file.is_inside(file.tensor("transposed")));
    EXPECT_THAT(file.tensor("transposed").shape, ElementsAre(4, 3));
    EXPECT_THAT(read_floats(file.tensor("transposed")), ElementsAre(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    EXPECT_THAT(read_floats(file.tensor("slice")), ElementsAre(5, 6, 9, 10));
    EXPECT_THAT(file.content.copies, SizeIs(2));
  }
}

TEST(PytorchFile, ReadsTypesWithoutAStorageClassAndNewerProtocols) {
  const Parsed file(test::contents_of(kData / "float8.bin"));
  EXPECT_EQ(file.tensor("f8").dtype, DType::kF8E4M3);
  EXPECT_THAT(file.tensor("f8").bytes, ElementsAre(std::byte{0x38}, std::byte{0xc0}));
  EXPECT_EQ(file.tensor("u16").dtype, DType::kU16);
  EXPECT_THAT(file.tensor("u16").shape, ElementsAre(2));
  const Parsed newer(test::contents_of(kData / "protocol4.bin"));
  EXPECT_THAT(read_floats(newer.tensor("w")), ElementsAre(1, 2));
}

// What Python 2 wrote: an OrderedDict made of pairs, names as byte strings, a storage on a GPU, a view of a storage.
TEST(PytorchFile, ReadsOldSpellings) {
  const std::string tensor =
      "ctorch._utils\n_rebuild_tensor\n((U\7storagectorch.cuda\nFloatStorage\nU\0010U\6cuda:0K\4tQK\1K\2\x85K\1\x85tR";
  const Parsed file(archive("\x80\2ccollections\nOrderedDict\n](](U\1w" + tensor + "ee\x85R."));
  EXPECT_THAT(file.tensor("w").shape, ElementsAre(2));
  EXPECT_EQ(file.tensor("w").dtype, DType::kF32);
}

TEST(PytorchFile, ReadsViewsOfTheOldForm) {
  std::string file = test::contents_of(kData / "legacy.bin").substr(0, 137);  // magic number, version, system
  file += std::string("\x80\2}U\1wctorch._utils\n_rebuild_tensor_v2\n((U\7storagectorch\nFloatStorage\nU\1kU\3cpuK\4") +
          "U\1vK\1K\2\x87tQ" + std::string("K\0K\2\x85K\1\x85\x89}tRs.", 14) + "\x80\2]U\1ka." +
          little_endian<uint64_t>(4);
  for (const float value : {1.0f, 2.0f, 3.0f, 4.0f}) file += little_endian(value);
  EXPECT_THAT(read_floats(Parsed(file).tensor("w")), ElementsAre(2, 3));
  const size_t view = file.find("U\1vK\1K\2") + 4;
  EXPECT_THAT(refusal(file.replace(view, 1, "\3")), HasSubstr("has a view that reaches outside it"));
}

TEST(PytorchFile, P1NamesWhatItNeverRuns) {
  const auto refused = [](const std::string& pickle) { return refusal<UnsupportedError>(archive(pickle)); };
  const std::string legacy = test::contents_of(kData / "legacy.bin").substr(0, 137);
  for (const std::string name :
       {"os\nsystem\n", "posix\nsystem\n", "builtins\neval\n", "torch._utils\n_rebuild_qtensor\n"}) {
    std::string shown = name.substr(0, name.size() - 1);
    shown.replace(shown.find('\n'), 1, ".");
    const auto names_it = AllOf(HasSubstr("'f.bin'"), HasSubstr("'" + shown + "'"), HasSubstr("is never run"));
    const std::string call = "\x80\2}U\1wc" + name + "U\6rm -rf\x85Rs.";
    EXPECT_THAT(refused(call), names_it);
    EXPECT_THAT(refusal<UnsupportedError>(legacy + call), names_it);
    EXPECT_THAT(refusal<UnsupportedError>(call), names_it);  // in place of the magic number
    EXPECT_THAT(refused("\x80\2(U\1xi" + name + "."), names_it);
    const size_t end = name.find('\n');
    EXPECT_THAT(refused("\x80\4U" + std::string(1, static_cast<char>(end)) + name.substr(0, end) + "U" +
                        std::string(1, static_cast<char>(name.size() - end - 2)) +
                        name.substr(end + 1, name.size() - end - 2) + "\x93."),
                names_it);
  }
  for (const char* opcode : {"\x81", "\x92", "o"}) {
    EXPECT_THAT(refused("\x80\2(ctorch\nSize\n)" + std::string(opcode) + "."), HasSubstr("an object"));
  }
  EXPECT_THAT(refused("\x80\2ctorch\nSize\n)R}b."), HasSubstr("sets attributes of an object"));
  EXPECT_THAT(refused("\x80\2\x82\1."), HasSubstr("uses the opcode 130"));  // EXT1
  EXPECT_THAT(refused("\x80\2P1\n."), HasSubstr("uses the opcode 80"));     // PERSID
}

TEST(PytorchFile, P1RefusesBrokenPickles) {
  const auto refused = [](const std::string& pickle) { return refusal(archive(pickle)); };
  EXPECT_THAT(refused("\x80\2]K\1K\1s."), HasSubstr("not a dictionary"));
  EXPECT_THAT(refused("\x80\2}K\1a."), HasSubstr("not a list"));
  EXPECT_THAT(refused("\x80\2}(K\1u."), HasSubstr("without a value"));
  EXPECT_THAT(refused("\x80\2U\1aU\1bR."), HasSubstr("not a function"));
  EXPECT_THAT(refused("\x80\2R."), HasSubstr("not there"));
  EXPECT_THAT(refused("\x80\2(t(."), HasSubstr("not there"));
  EXPECT_THAT(refused("\x80\2u."), HasSubstr("not there"));
  EXPECT_THAT(refused("\x80\2h\1."), HasSubstr("not seen"));
  EXPECT_THAT(refused("\x80\2q\1."), HasSubstr("not there"));
  EXPECT_THAT(refused("\x80\2}}."), HasSubstr("unused objects"));
  EXPECT_THAT(refused("\x80\2X\xff\xff\xff\xff"), HasSubstr("cut off"));
  EXPECT_THAT(refused("\x80\2U\1\xff."), HasSubstr("UTF-8"));
  EXPECT_THAT(refused("\x80\x09."), HasSubstr("protocol 9"));
  EXPECT_THAT(refused("\x80\2]."), HasSubstr("holds no state dict"));
  EXPECT_THAT(refused("\x80\2}K\1K\1s."), HasSubstr("keys are not all names"));
  EXPECT_THAT(refused("\x80\2}(U\1aNU\1aNu."), HasSubstr("'a' is there twice"));
  EXPECT_THAT(refused("\x80\2}U\12state_dict}s."), HasSubstr("a dictionary 'state_dict'"));
}

TEST(PytorchFile, P1RefusesTensorsOutsideTheirStorage) {
  EXPECT_NO_THROW(Parsed(archive(pickle_of({}))));
  const auto refused = [](const CraftedTensor& tensor) { return refusal(archive(pickle_of(tensor))); };
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto outside = AllOf(HasSubstr("'f.bin': tensor 'w'"), HasSubstr("reaches outside its storage of 4 elements"));
  EXPECT_THAT(refused({.elements = 5}), HasSubstr("'m/data/0' has 16 bytes, its storage 20"));
  EXPECT_THAT(refused({.elements = kMax}), HasSubstr("storage of"));
  EXPECT_THAT(refused({.elements = -1}), HasSubstr("not described as torch.save does"));
  EXPECT_THAT(refused({.shape = {5}}), outside);
  EXPECT_THAT(refused({.offset = 1}), outside);
  EXPECT_THAT(refused({.offset = kMax}), outside);
  EXPECT_THAT(refused({.stride = {2}}), outside);
  EXPECT_THAT(refused({.shape = {3, 1}, .stride = {kMax, 1}}), outside);
  EXPECT_THAT(refused({.shape = {int64_t{1} << 62, 8}, .stride = {0, 0}}), outside);
  EXPECT_THAT(refused({.offset = -1}), HasSubstr("storage offset"));
  EXPECT_THAT(refused({.stride = {-1}}), HasSubstr("not a count"));
  EXPECT_THAT(refused({.shape = {-4}}), HasSubstr("not a count"));
  EXPECT_THAT(refused({.shape = {2, 2}}), HasSubstr("different length"));
  EXPECT_THAT(refused({.shape = std::vector<int64_t>(65, 1), .stride = std::vector<int64_t>(65, 1)}),
              HasSubstr("64 dimensions"));
  EXPECT_THAT(refused({.storage = "torch\nSize\n"}), HasSubstr("storage of the type 'torch.Size'"));
  // Four bytes that would be terabytes, and elements that the file repeats within its own size.
  EXPECT_THAT(refused({.shape = {1 << 20, 1 << 20}, .stride = {0, 0}}), HasSubstr("more memory than the file"));
  EXPECT_THAT(Parsed(archive(pickle_of({.shape = {2, 4}, .stride = {0, 1}}))).tensor("w").bytes, SizeIs(32));
}

TEST(PytorchFile, RefusesOtherFiles) {
  EXPECT_THAT(refusal(""), HasSubstr("not a file of torch.save"));
  EXPECT_THAT(refusal("version https://git-lfs"), HasSubstr("not a file of torch.save"));
  EXPECT_THAT(refusal("\x80\2K\1."), HasSubstr("magic number"));
  EXPECT_THAT(refusal<UnsupportedError>(archive(pickle_of({}), "big")), HasSubstr("big-endian"));
  EXPECT_THAT(refusal(archive(pickle_of({}), "pdp")), HasSubstr("byte order 'pdp'"));
  EXPECT_THAT(refusal(crafted_zip({{.name = "m/x", .data = ""}})), HasSubstr("no zip entry 'm/data.pkl'"));
  EXPECT_THAT(refusal(crafted_zip({{.name = "m/data.pkl", .data = pickle_of({})}})),
              HasSubstr("no zip entry 'm/data/0'"));
  EXPECT_THAT(refusal<UnsupportedError>(
                  crafted_zip({{.name = "m/constants.pkl", .data = ""}, {.name = "m/data.pkl", .data = ""}})),
              HasSubstr("TorchScript"));
  std::string tar(1024, '\0');
  tar.replace(0, 6, "pickle").replace(257, 5, "ustar");
  EXPECT_THAT(refusal<UnsupportedError>(tar), HasSubstr("tar archive"));
}

TEST(PytorchFile, P1RefusesEveryTruncation) {
  for (const char* name : {"zip.bin", "legacy.bin"}) {
    const std::string file = test::contents_of(kData / name);
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_THAT(refusal(file.substr(0, size)), HasSubstr("'f.bin'")) << name << " cut to " << size;
    }
  }
}

TEST(PytorchFile, P1SurvivesAnyByte) {
  for (const char* name : {"zip.bin", "legacy.bin"}) {
    const std::string valid = test::contents_of(kData / name);
    size_t accepted = 0;
    size_t refused = 0;
    for (size_t at = 0; at < valid.size(); ++at) {
      for (const int value : {0, 1, 40, 82, 128, 255}) {
        std::string file = valid;
        file[at] = static_cast<char>(value);
        try {
          const Parsed parsed(file);
          for (const TensorView& tensor : parsed.content.tensors) {
            if (is_float(tensor.dtype)) read_floats(tensor);
          }
          ++accepted;
        } catch (const Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("'f.bin'"));
          ++refused;
        }
      }
    }
    EXPECT_GT(accepted, valid.size() / 4);
    EXPECT_GT(refused, valid.size() / 4);
  }
}

// A line of /proc/self/status, which gives kB; 0 where there is none.
size_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoul(line.substr(field.size())) * 1024;
  }
  return 0;
}

// How far the resident memory rises while `run` runs.
template <typename Run>
size_t peak_growth(Run&& run) {
#ifdef __GLIBC__
  ::malloc_trim(0);  // else freed memory hides the growth
#endif
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
  const size_t before = status_bytes("VmRSS:");
  run();
  return status_bytes("VmHWM:") - before;
}

// Each of these makes objects, references or names out of one or two bytes.
TEST(PytorchFile, P1FloodsCostLittle) {
  const auto repeated = [](const std::string& piece, size_t times) {
    std::string result;
    result.reserve(piece.size() * times);
    for (size_t i = 0; i < times; ++i) result += piece;
    return result;
  };
  const std::string dict = "\x80\2ccollections\nOrderedDict\nq\3";
  const std::vector<std::string> files = {
      archive("\x80\2" + std::string(4000000, '(')),
      archive("\x80\2" + std::string(4000000, ']')),
      archive("\x80\2" + std::string(4000000, 'N')),
      archive("\x80\2)" + std::string(4000000, '\x85')),
      archive("\x80\2)" + repeated("q\1h\1\x86", 1000000) + "."),
      archive("\x80\2)q\1" + repeated("h\1", 4000000)),
      archive("\x80\2]q\1}(" + repeated("h\1", 1900000) + "u."),
      archive("\x80\2}" + repeated("U\1aNs", 600000) + "."),
      archive(std::string("\x80\2)r\xff\xff\xff\xff.")),
      archive(dict + "](" + repeated("U\1aN\x86", 100000) + "e\x85q\4" + repeated("h\3h\4R", 100000) + "."),
      archive("\x80\2X" + little_endian<uint32_t>(1 << 20) + std::string(1 << 20, 'a') + "q\1}(" +
              repeated("h\1N", 100000) + "u."),
  };
  size_t worst = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    worst = std::max(worst, peak_growth([&] {
                       EXPECT_THROW(parse_pytorch(std::as_bytes(std::span(files[i])), "f.bin"), InvalidModelError) << i;
                     }));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << i;
  }
  RecordProperty("peak_growth_mib", static_cast<int>(worst >> 20));
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(worst, size_t{64} << 20);
#endif
}

TEST(PytorchFile, OpensThroughWeightFiles) {
  for (const auto access : {common::FileAccess::kMap, common::FileAccess::kCopy}) {
    WeightFile opened = open_weight_file(kData / "zip.bin", access);
    const WeightFile moved = std::move(opened);
    EXPECT_THAT(read_floats(moved.tensors.at(0)), ElementsAre(1.5f, -2, 3, 4));
    EXPECT_EQ(moved.tensors.at(0).file, (kData / "zip.bin").string());
    EXPECT_THAT(read_floats(moved.tensors.at(9)), ElementsAre(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
  }
}

}  // namespace
}  // namespace sbert::formats
