#include "output.h"

#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/temporary_folder.h"
#include "errors.h"
#include "json.h"
#include "rows.h"
#include "truncation.h"

namespace sbert::cli {
namespace {

using testing::HasSubstr;

template <typename Write>
std::string written_by(Write write) {
  const TemporaryFolder folder;
  OutputFile out(folder / "out");
  write(out);
  out.close();
  out.publish();
  return contents_of(folder / "out");
}

TEST(OutputFile, AppearsWhenItIsPublished) {
  const TemporaryFolder folder;
  folder.file("out.csv", "old");
  {
    OutputFile out(folder / "out.csv");
    out.write("new");
    out.flush();
    EXPECT_EQ(contents_of(folder / "out.csv"), "old");
    EXPECT_EQ(folder.num_entries(), 2u);
    out.close();
    out.publish();
  }
  EXPECT_EQ(contents_of(folder / "out.csv"), "new");
  EXPECT_EQ(folder.num_entries(), 1u);
}

TEST(OutputFile, LeavesNothingWhenTheCommandFails) {
  const TemporaryFolder folder;
  {
    OutputFile out(folder / "out.csv");
    out.write("half");
    out.flush();
  }
  EXPECT_EQ(folder.num_entries(), 0u);
}

TEST(OutputFile, LargeWritesArriveInOrder) {
  std::string expected;
  const std::string bytes = written_by([&](OutputFile& out) {
    for (size_t size : {1, 70'000, 3, 65'536, 65'535, 0, 200'000, 2}) {
      const std::string part(size, static_cast<char>('a' + expected.size() % 26));
      out.write(part);
      expected += part;
    }
  });
  EXPECT_TRUE(bytes == expected);
}

TEST(OutputFile, KeepsLinkAndPermissionsOfTheOldFile) {
  const TemporaryFolder folder;
  const std::string target = folder.file("target.csv", "old");
  ASSERT_EQ(::chmod(target.c_str(), 0640), 0);
  ASSERT_EQ(::symlink("target.csv", (folder / "link.csv").c_str()), 0);
  OutputFile out(folder / "link.csv");
  out.write("new");
  out.close();
  out.publish();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.csv"));
  EXPECT_EQ(contents_of(target), "new");
  struct stat status {};
  ASSERT_EQ(::stat(target.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(OutputFile, ErrorsAreNoticedEarlyAndNamed) {
  const TemporaryFolder folder;
  const auto error_of = [](const std::string& path) { return message_of<RunError>([&] { OutputFile out(path); }); };
  EXPECT_EQ(error_of("/nowhere/x.csv"), "cannot write '/nowhere/x.csv': No such file or directory");
  EXPECT_THAT(error_of(folder.path()), HasSubstr("Is a directory"));
  EXPECT_THAT(error_of(folder / std::string(300, 'x')), HasSubstr("File name too long"));
}

TEST(OutputFile, AFullDiskIsAnError) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this system has no /dev/full";
  const TemporaryFolder folder;
  ASSERT_EQ(::symlink("/dev/full", (folder / "out.csv").c_str()), 0);
  OutputFile out(folder / "out.csv");  // a device: written directly, never replaced
  out.write("x");
  EXPECT_THAT(message_of<RunError>([&] { out.close(); }), HasSubstr("No space left on device"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "out.csv"));
}

// A signal must remove the hidden file and leave the old one; the process then dies of the signal.
TEST(OutputFile, ASignalLeavesNoHalfFile) {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    ASSERT_EQ(::sigaction(signal_number, nullptr, &action), 0);
    if (action.sa_handler == SIG_IGN) continue;  // the tests run under nohup
    const TemporaryFolder folder;
    folder.file("out.csv", "old");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      OutputFile out(folder / "out.csv");
      OutputFile report(folder / "report.jsonl");
      out.write("half");
      out.flush();
      if (folder.num_entries() == 3) ::raise(signal_number);
      ::_exit(99);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), signal_number);
    EXPECT_EQ(contents_of(folder / "out.csv"), "old");
    EXPECT_EQ(folder.num_entries(), 1u);
  }
}

TEST(Rows, Formats) {
  const float values[] = {0.5f, -1, 2.25f, 1e-10f};
  const auto rows = [&](OutputFormat format) {
    return written_by([&](OutputFile& out) {
      write_matrix_header<float>(out, format, 2, 2);
      write_rows<float>(out, format, values, 2);
    });
  };
  EXPECT_EQ(rows(OutputFormat::kJsonLines), "[0.5, -1]\n[2.25, 1e-10]\n");
  EXPECT_EQ(rows(OutputFormat::kCsv), "0.5,-1\n2.25,1e-10\n");
  const std::string raw(reinterpret_cast<const char*>(values), sizeof values);
  EXPECT_EQ(rows(OutputFormat::kNpy), npy_header("<f4", {2, 2}) + raw);

  const auto scores = [&](OutputFormat format) {
    return written_by([&](OutputFile& out) { write_values(out, format, values); });
  };
  EXPECT_EQ(scores(OutputFormat::kJsonLines), "0.5\n-1\n2.25\n1e-10\n");
  EXPECT_EQ(scores(OutputFormat::kCsv), scores(OutputFormat::kJsonLines));
  EXPECT_EQ(scores(OutputFormat::kNpy), npy_header("<f4", {4}) + raw);

  const int8_t small[] = {-128, 127};
  EXPECT_EQ(written_by([&](OutputFile& out) { write_rows<int8_t>(out, OutputFormat::kJsonLines, small, 2); }),
            "[-128, 127]\n");
}

TEST(Rows, TheSuffixNamesTheFormat) {
  EXPECT_EQ(output_format("a/b.npy"), OutputFormat::kNpy);
  EXPECT_EQ(output_format("x.JSONL"), OutputFormat::kJsonLines);
  EXPECT_EQ(output_format(".csv"), OutputFormat::kCsv);
  for (const std::string path : {"x", "x.npz", "x.npy.gz", "x.npy/", "a.npy/x", ""}) {
    EXPECT_THAT(message_of<UsageError>([&] { output_format(path); }), HasSubstr("must end with .npy, .jsonl or .csv"));
  }
}

TEST(Rows, VectorsMustBeFinite) {
  const float values[] = {0, 1, 2, std::nanf("")};
  EXPECT_THAT(message_of<RunError>([&] { check_finite(values, 2, "vector"); }), HasSubstr("the vector of text 1 "));
  EXPECT_NO_THROW(check_finite(std::span(values, 3), 3, "vector"));
}

TEST(Json, StringsAreEscaped) {
  const auto json = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  EXPECT_EQ(json("##ing"), "\"##ing\"");
  EXPECT_EQ(json("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json("\n\x01"), R"("\n\u0001")");
  EXPECT_EQ(json("\xC3\xA9"), "\"\xC3\xA9\"");
  EXPECT_EQ(json("\xFF"), "\"\xEF\xBF\xBD\"");
}

class TruncationReportTest : public testing::Test {
 protected:
  /// What a report of these counts prints.
  std::string warning(const std::vector<std::string>& arguments, bool quiet = false) {
    TruncationReport report;
    ArgumentParser parser("encode", "", "");
    report.add_options(parser);
    parser.parse(arguments);
    report.check(std::nullopt);
    report.open();
    testing::internal::CaptureStderr();
    report.add(std::vector<TokenCount>{{5, 5}, {300, 256}});
    report.add(std::vector<TokenCount>{{257, 256}});
    report.close(quiet);
    report.publish();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(TruncationReportTest, WarnsOnce) {
  EXPECT_EQ(warning({}), "sbert: warning: 2 of 3 texts were cut to 256 tokens\n");
  EXPECT_EQ(warning({"--truncation", "silent"}), "");
  EXPECT_EQ(warning({}, true), "");
}

TEST_F(TruncationReportTest, WritesALineForEachText) {
  const TemporaryFolder folder;
  warning({"--report", folder / "r.jsonl"});
  EXPECT_EQ(contents_of(folder / "r.jsonl"),
            "{\"tokens\": 5, \"used\": 5}\n{\"tokens\": 300, \"used\": 256}\n{\"tokens\": 257, \"used\": 256}\n");
}

TEST_F(TruncationReportTest, ReportIsAFileOfItsOwn) {
  const auto check = [](const std::string& path) {
    TruncationReport report;
    ArgumentParser parser("encode", "", "");
    report.add_options(parser);
    parser.parse({"--report", path});
    report.check("out.jsonl");
  };
  EXPECT_THROW(check("out.jsonl"), UsageError);
  EXPECT_THROW(check("out.csv"), UsageError);
  EXPECT_NO_THROW(check("other.jsonl"));
}

}  // namespace
}  // namespace sbert::cli
