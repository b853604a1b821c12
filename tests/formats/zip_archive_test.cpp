#include "formats/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/crafted.h"
#include "formats/crafted_zip.h"

// Archives that torch.save wrote are in pytorch_file_test and tests/parity/pytorch_parity.py.
namespace sbert::formats {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string text_of(const ZipArchive::Entry& entry) {
  return {reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()};
}

template <typename E = InvalidModelError>
std::string refusal(const std::string& file) {
  return message_of<E>([&] { ZipArchive::parse(std::as_bytes(std::span(file)), "f.bin"); });
}

TEST(ZipArchive, ReadsStoredEntries) {
  for (const bool zip64 : {false, true}) {
    const std::string file = crafted_zip({{.name = "m/b", .data = "two", .zip64 = zip64},
                                          {.name = "m/a", .data = "one"},
                                          {.name = "m/empty", .data = "", .zip64 = zip64},
                                          {.name = "m/folder/", .data = ""}},
                                         zip64);
    const ZipArchive zip = ZipArchive::parse(std::as_bytes(std::span(file)), "f.bin");
    EXPECT_EQ(zip.first_name(), "m/b");
    ASSERT_EQ(zip.entries().size(), 4u);
    EXPECT_EQ(text_of(*zip.find("m/a")), "one");
    EXPECT_EQ(text_of(*zip.find("m/b")), "two");
    EXPECT_EQ(text_of(*zip.find("m/empty")), "");
    EXPECT_EQ(zip.find("m/c"), nullptr);
    EXPECT_EQ(zip.find(""), nullptr);
  }
}

TEST(ZipArchive, P1RefusesNamesThatLeaveTheArchive) {
  for (const char* name : {"../x", "m/../../x", "..", "/etc/passwd", "m\\x", "C:x"}) {
    EXPECT_THAT(refusal(crafted_zip({{.name = name, .data = "x"}})),
                AllOf(HasSubstr("'f.bin'"), HasSubstr("zip entry '" + std::string(name) + "'")));
  }
  EXPECT_THAT(refusal(crafted_zip({{.name = std::string("a\0b", 3), .data = ""}})), HasSubstr("NUL"));
}

TEST(ZipArchive, P1RefusesEntriesThatAreNotPlainBytes) {
  EXPECT_THAT(refusal<UnsupportedError>(crafted_zip({{.name = "m/x", .data = "x", .method = 8}})),
              HasSubstr("'m/x' is compressed (method 8)"));
  EXPECT_THAT(refusal<UnsupportedError>(crafted_zip({{.name = "m/x", .data = "x", .flags = 1}})),
              HasSubstr("is encrypted"));
}

TEST(ZipArchive, P1RefusesContradictions) {
  EXPECT_THAT(refusal(crafted_zip({{.name = "a", .data = "1"}, {.name = "a", .data = "2"}})),
              HasSubstr("'a' is there twice"));
  EXPECT_THAT(refusal(crafted_zip({{.name = "a", .data = "1", .local_name = "b"}})), HasSubstr("another name"));
  // The second entry begins inside the first one's data, which looks like a header.
  const std::string inner = crafted_zip({{.name = "b", .data = "12"}}).substr(0, 33);
  EXPECT_THAT(
      refusal(crafted_zip({{.name = "a", .data = inner}, {.name = "b", .data = "12", .overlap_with_before = 33}})),
      HasSubstr("overlaps the entry 'a'"));
  EXPECT_THAT(refusal(crafted_zip({})), HasSubstr("is empty"));
  EXPECT_THAT(refusal(crafted_zip({{.name = "a", .data = "1"}}) + "x"), HasSubstr("something was appended"));
}

TEST(ZipArchive, P1RefusesEveryTruncation) {
  for (const bool zip64 : {false, true}) {
    const std::string file = crafted_zip({{.name = "m/a", .data = "one", .zip64 = zip64}}, zip64);
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_THAT(refusal(file.substr(0, size)), HasSubstr("'f.bin'")) << size;
      EXPECT_THAT(refusal(file.substr(file.size() - size)), HasSubstr("'f.bin'")) << size;
    }
  }
}

// Every field of the directory with every kind of lie: an answer or an error, and never a byte outside the file (the
// sanitizer would see it).
TEST(ZipArchive, P1SurvivesAnyByte) {
  for (const bool zip64 : {false, true}) {
    const std::string valid =
        crafted_zip({{.name = "m/a", .data = "one", .zip64 = zip64}, {.name = "m/b", .data = "two"}}, zip64);
    size_t refused = 0;
    for (size_t at = 0; at < valid.size(); ++at) {
      for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
        std::vector<char> file(valid.begin(), valid.end());
        file[at] = static_cast<char>(value);
        try {
          const ZipArchive zip = ZipArchive::parse(std::as_bytes(std::span(file)), "f.bin");
          for (const ZipArchive::Entry& entry : zip.entries()) EXPECT_LE(text_of(entry).size(), valid.size());
        } catch (const Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("'f.bin'"));
          ++refused;
        }
      }
    }
    EXPECT_GT(refused, valid.size());
  }
}

}  // namespace
}  // namespace sbert::formats
