#include "line_stream.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace sbert::cli {
namespace {

struct Pipe {
  int ends[2];
  Pipe() {
    if (::pipe(ends) != 0) std::abort();
  }
  ~Pipe() {
    close_writer();
    ::close(ends[0]);
  }
  void write(const std::string& bytes) {
    ASSERT_EQ(::write(ends[1], bytes.data(), bytes.size()), ssize_t(bytes.size()));
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
};

std::string next(LineStream& stream) {
  std::string lines;
  return stream.next(lines) ? lines : "(end)";
}

TEST(LineStream, WhatIsWaitingIsOneBatch) {
  Pipe pipe;
  LineStream stream(pipe.ends[0], "a pipe");
  pipe.write("one\n");
  EXPECT_EQ(next(stream), "one\n");  // the writer is still there, and has nothing to say
  pipe.write("two\n");
  pipe.write("three\nfo");
  EXPECT_EQ(next(stream), "two\nthree\n");
  pipe.write("ur\n\nfive");
  EXPECT_EQ(next(stream), "four\n\n");
  pipe.close_writer();
  EXPECT_EQ(next(stream), "five");
  EXPECT_EQ(next(stream), "(end)");
  EXPECT_EQ(next(stream), "(end)");
}

TEST(LineStream, AnEmptyInputHasNoLines) {
  Pipe pipe;
  LineStream stream(pipe.ends[0], "a pipe");
  pipe.close_writer();
  EXPECT_EQ(next(stream), "(end)");
}

TEST(LineStream, WaitsForTheEndOfALine) {
  Pipe pipe;
  LineStream stream(pipe.ends[0], "a pipe");
  pipe.write("begin");
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pipe.write(" end\n");
  });
  EXPECT_EQ(next(stream), "begin end\n");
  writer.join();
}

TEST(LineStream, NoLineIsLostInManyOrInLongOnes) {
  Pipe pipe;
  LineStream stream(pipe.ends[0], "a pipe");
  std::string sent;
  for (int i = 0; i < 20'000; ++i) sent += std::to_string(i) + "\n";
  sent += std::string(10'000'000, 'x') + "\nlast\n";
  std::thread writer([&] {
    for (size_t i = 0; i < sent.size();) {
      const ssize_t count = ::write(pipe.ends[1], sent.data() + i, std::min<size_t>(sent.size() - i, 50'000));
      ASSERT_GT(count, 0);
      i += static_cast<size_t>(count);
    }
    pipe.close_writer();
  });
  std::string received, lines;
  while (stream.next(lines)) {
    EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), ptrdiff_t(LineStream::kMaxBatchLines));
    EXPECT_EQ(lines.back(), '\n');
    received += lines;
  }
  writer.join();
  EXPECT_TRUE(received == sent);
}

}  // namespace
}  // namespace sbert::cli
