// Runs a fuzzer on files, for compilers without libFuzzer: every argument is a file or a folder of files.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(path)) {
    if (file.is_regular_file()) files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot read '%s'\n", path.c_str());
    return false;
  }
  const std::vector<char> content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::vector<uint8_t> bytes(content.begin(), content.end());
  std::fprintf(stderr, "%s\n", path.c_str());  // before it runs, so that the last line names a crash
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& path : files_of(argv[i])) {
      if (!run(path)) return 1;
      ++count;
    }
  }
  std::fprintf(stderr, "%zu files\n", count);
  return count > 0 ? 0 : 1;  // a replay of nothing would pass forever
}
