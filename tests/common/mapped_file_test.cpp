#include "common/mapped_file.h"

#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <sbert/error.h>

#include "support/errors.h"
#include "support/temporary_folder.h"

namespace sbert::common {
namespace {

using test::message_of;

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

class MappedFileTest : public testing::TestWithParam<FileAccess> {
 protected:
  test::TemporaryFolder folder;
};

TEST_P(MappedFileTest, HasTheBytesOfTheFile) {
  const std::string content = std::string("any\0bytes\xff", 10) + std::string(10000, 'x');
  const auto path = folder.write("a file", content);
  const MappedFile file = MappedFile::open(path, GetParam());
  EXPECT_EQ(text_of(file), content);
  EXPECT_EQ(file.path(), path);
}

TEST_P(MappedFileTest, TakesAnEmptyFile) {
  EXPECT_TRUE(MappedFile::open(folder.write("empty", ""), GetParam()).bytes().empty());
}

// Short content stands inside a std::string, whose bytes move with it.
TEST_P(MappedFileTest, Moves) {
  for (const std::string& content : {std::string("short"), std::string(5000, 'l')}) {
    MappedFile first = MappedFile::open(folder.write("first", content), GetParam());
    MappedFile second = std::move(first);
    EXPECT_EQ(text_of(second), content);
    MappedFile third = MappedFile::open(folder.write("third", "other"), GetParam());
    third = std::move(second);
    EXPECT_EQ(text_of(third), content);
    MappedFile& itself = third;
    third = std::move(itself);
    EXPECT_EQ(text_of(third), content);
  }
}

TEST_P(MappedFileTest, DroppedPagesCanBeReadAgain) {
  const std::string content(100000, 'p');
  const MappedFile file = MappedFile::open(folder.write("file", content), GetParam());
  file.drop_pages(file.bytes().subspan(1234, 50000));
  file.drop_pages({});
  file.drop_pages(file.bytes());
  EXPECT_EQ(text_of(file), content);
}

TEST_P(MappedFileTest, NamesAMissingFile) {
  const std::string name = (folder / "absent").string();
  EXPECT_EQ(message_of<InvalidModelError>([&] { MappedFile::open(name, GetParam()); }),
            "file '" + name + "' is missing");
  const std::string below_a_file = folder.write("file", "x").string() + "/config.json";
  EXPECT_EQ(message_of<InvalidModelError>([&] { MappedFile::open(below_a_file, GetParam()); }),
            "file '" + below_a_file + "' is missing");
}

TEST_P(MappedFileTest, RefusesWhatIsNoRegularFile) {
  const std::string name = folder.path().string();
  EXPECT_EQ(message_of<IoError>([&] { MappedFile::open(name, GetParam()); }),
            "cannot read '" + name + "': it is not a regular file");
  const std::string pipe = (folder / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of<IoError>([&] { MappedFile::open(pipe, GetParam()); }),
            "cannot read '" + pipe + "': it is not a regular file");
}

TEST_P(MappedFileTest, SaysWhyTheSystemRefuses) {
  std::filesystem::create_symlink("loop", folder / "loop");
  EXPECT_NE(message_of<IoError>([&] { MappedFile::open(folder / "loop", GetParam()); }).find("symbolic links"),
            std::string::npos);
  if (::geteuid() == 0) return;  // root may read everything
  const auto locked = folder.write("locked", "x");
  ASSERT_EQ(::chmod(locked.c_str(), 0), 0);
  EXPECT_EQ(message_of<IoError>([&] { MappedFile::open(locked, GetParam()); }),
            "cannot read '" + locked.string() + "': Permission denied");
}

INSTANTIATE_TEST_SUITE_P(Access, MappedFileTest, testing::Values(FileAccess::kMap, FileAccess::kCopy),
                         [](const testing::TestParamInfo<FileAccess>& access) {
                           return access.param == FileAccess::kMap ? "Map" : "Copy";
                         });

TEST(MappedFileCopyTest, OutlivesTheFile) {
  test::TemporaryFolder folder;
  const auto path = folder.write("file", std::string(100000, 'a'));
  const MappedFile copy = MappedFile::open(path, FileAccess::kCopy);
  std::filesystem::resize_file(path, 0);  // a mapped file would end the process
  EXPECT_EQ(text_of(copy), std::string(100000, 'a'));
}

TEST(ReadSmallFileTest, ReadsUpToItsLimit) {
  test::TemporaryFolder folder;
  const auto path = folder.write("config.json", "12345");
  EXPECT_EQ(read_small_file(path, 5), "12345");
  EXPECT_EQ(message_of<InvalidModelError>([&] { read_small_file(path, 4); }),
            "file '" + path.string() + "' has 5 bytes; at most 4 are expected of such a file");
  EXPECT_EQ(message_of<InvalidModelError>([&] { read_small_file(folder / "absent", 4); }),
            "file '" + (folder / "absent").string() + "' is missing");
  EXPECT_EQ(read_small_file(folder.write("empty", ""), 0), "");
}

}  // namespace
}  // namespace sbert::common
