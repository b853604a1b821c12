#include <algorithm>
#include <array>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/atomic_file.h"
#include "formats/config_writer.h"
#include "formats/crafted.h"
#include "formats/model_configs.h"
#include "formats/safetensors.h"
#include "formats/safetensors_writer.h"
#include "formats/weight_file.h"

namespace sbert::formats {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path kTests = SBERT_TEST_DIR;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TensorView floats(const std::string& name, std::vector<int64_t> shape, std::span<const float> values) {
  return {.name = name, .dtype = DType::kF32, .shape = std::move(shape), .bytes = std::as_bytes(values), .file = ""};
}

// While it lives, a file ends at `bytes`, as it would on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

// data/saved.safetensors is of the real library (make_safetensors_file.py).
TEST(WriteSafetensors, WritesTheBytesOfTheReference) {
  const fs::path reference = kTests / "formats/data/saved.safetensors";
  const WeightFile file = open_weight_file(reference, common::FileAccess::kMap);
  std::vector<TensorView> tensors = file.tensors;
  std::reverse(tensors.begin(), tensors.end());
  const TempFolder folder;
  write_safetensors(folder / "m.safetensors", tensors);
  EXPECT_EQ(test::contents_of(folder / "m.safetensors"), test::contents_of(reference));
  EXPECT_THAT(names_in(folder.path()), ElementsAre("m.safetensors"));
}

TEST(WriteSafetensors, WritesNothingAtAll) {
  const TempFolder folder;
  write_safetensors(folder / "m.safetensors", {});
  const std::string bytes = test::contents_of(folder / "m.safetensors");
  const SafetensorsContent content = parse_safetensors(std::as_bytes(std::span(bytes)), "m");
  EXPECT_THAT(content.tensors, IsEmpty());
  EXPECT_EQ(content.metadata.at("format"), "pt");
  EXPECT_EQ(bytes.size() % 8, 0u);
}

TEST(WriteSafetensors, ReplacesAFileThatIsInUse) {
  const TempFolder folder;
  const std::vector<float> old_values{1, 2};
  const std::vector<float> new_values{3, 4};
  write_safetensors(folder / "m.safetensors", std::array{floats("w", {2}, old_values)});
  const WeightFile opened = open_weight_file(folder / "m.safetensors", common::FileAccess::kMap);
  write_safetensors(folder / "m.safetensors", std::array{floats("w", {2}, new_values)});
  EXPECT_THAT(read_floats(opened.tensors.at(0)), ElementsAre(1, 2));  // still mapped
  EXPECT_THAT(read_floats(open_weight_file(folder / "m.safetensors", common::FileAccess::kMap).tensors.at(0)),
              ElementsAre(3, 4));
}

TEST(WriteSafetensors, RefusesWhatCouldNotBeReadBack) {
  const TempFolder folder;
  const std::vector<float> values{1, 2};
  const auto refusal = [&](const std::vector<TensorView>& tensors) {
    return message_of<InvalidArgumentError>([&] { write_safetensors(folder / "m.safetensors", tensors); });
  };
  EXPECT_THAT(refusal({floats("w", {2}, values), floats("w", {2}, values)}),
              HasSubstr("two tensors have the name 'w'"));
  EXPECT_THAT(refusal({floats("w", {3}, values)}), AllOf(HasSubstr("'w'"), HasSubstr("does not fit its 8 bytes")));
  EXPECT_THAT(refusal({floats("w", {-2}, values)}), HasSubstr("does not fit"));
  EXPECT_THAT(refusal({floats("w", {int64_t{1} << 62, 8}, values)}), HasSubstr("does not fit"));
  EXPECT_THAT(refusal({floats("__metadata__", {2}, values)}), HasSubstr("possible name"));
  EXPECT_THAT(refusal({floats("\xff", {2}, values)}), HasSubstr("possible name"));
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(AtomicFile, LeavesNothingHalfWritten) {
  const TempFolder folder;
  folder.write("f", "old");
  {
    AtomicFile file(folder / "f");
    file.write("new");
    EXPECT_EQ(test::contents_of(folder / "f"), "old");
  }  // without a commit
  EXPECT_EQ(test::contents_of(folder / "f"), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
  AtomicFile file(folder / "f");
  file.write("new");
  file.write(" text");
  file.commit();
  EXPECT_EQ(test::contents_of(folder / "f"), "new text");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
  struct stat info {};
  ::stat((folder / "f").c_str(), &info);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(info.st_mode & 0777, 0666 & ~mask);  // as any other file, not as a private temporary one
}

TEST(AtomicFile, SaysWhyItCannotWrite) {
  const TempFolder folder;
  const auto refusal = [](const fs::path& path) {
    return message_of<IoError>([&] {
      AtomicFile file(path);
      file.write("x");
      file.commit();
    });
  };
  EXPECT_THAT(refusal(folder / "absent/f"),
              AllOf(HasSubstr("cannot write"), HasSubstr("absent/f"), HasSubstr("No such file")));
  fs::create_directory(folder / "folder");
  EXPECT_THAT(refusal(folder / "folder"), HasSubstr("directory"));
  if (::geteuid() != 0) {
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(refusal(folder / "f"), HasSubstr("Permission denied"));
    fs::permissions(folder.path(), fs::perms::owner_all);
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("folder"));
}

TEST(AtomicFile, AFullDiskIsAnErrorAndLeavesTheOldFile) {
  const TempFolder folder;
  folder.write("m.safetensors", "old");
  const std::vector<float> values(100000);
  std::string message;
  {
    const FileSizeLimit limit(8192);
    message = message_of<IoError>(
        [&] { write_safetensors(folder / "m.safetensors", std::array{floats("w", {100000}, values)}); });
  }
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write"), HasSubstr("m.safetensors"), HasSubstr("too large")));
  EXPECT_EQ(test::contents_of(folder / "m.safetensors"), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("m.safetensors"));
}

TEST(WriteJson, LooksAsPythonWritesIt) {
  const TempFolder folder;
  nlohmann::ordered_json value;
  value["z"] = 1;
  value["a"] = {{"list", {1, nullptr, true}}, {"empty", nlohmann::ordered_json::object()}};
  value["text"] = "\"\\\n\x01 \xc3\xa9\xf0\x9f\x98\x80";
  write_json_file(folder / "c.json", value);
  EXPECT_EQ(test::contents_of(folder / "c.json"), R"({
  "z": 1,
  "a": {
    "list": [
      1,
      null,
      true
    ],
    "empty": {}
  },
  "text": "\"\\\n\u0001 \u00e9\ud83d\ude00"
})");
  value["text"] = "\xff";
  EXPECT_THAT(message_of<InvalidArgumentError>([&] { write_json_file(folder / "c.json", value); }),
              HasSubstr("c.json"));
}

// The files of models that the real SentenceTransformer.save wrote, read and written again: the same bytes.
TEST(WriteConfigs, WritesTheFilesOfTheReference) {
  size_t files = 0;
  for (const fs::directory_entry& golden : fs::directory_iterator(kTests / "goldens/data")) {
    if (!golden.path().filename().string().starts_with("v6-")) continue;
    SCOPED_TRACE(golden.path());
    const fs::path model = golden.path() / "model";
    const TempFolder folder;
    write_modules_json(folder.path(), read_modules_json(model).value());
    EXPECT_EQ(test::contents_of(folder / "modules.json"), test::contents_of(model / "modules.json"));

    write_sentence_transformers_config(folder.path(), read_sentence_transformers_config(model));
    auto reference = nlohmann::ordered_json::parse(test::contents_of(model / "config_sentence_transformers.json"));
    reference["__version__"].erase("transformers");  // packages that take no part here
    reference["__version__"].erase("pytorch");
    EXPECT_EQ(test::contents_of(folder / "config_sentence_transformers.json"), reference.dump(2, ' ', true));
    ++files;
  }
  EXPECT_GE(files, 4u);
}

TEST(WriteConfigs, WritesEveryField) {
  const TempFolder folder;
  SentenceTransformersConfig config;
  config.version = "6.0.1";
  config.model_type = "CrossEncoder";
  config.prompts = {{"query", "q: "}, {"document", ""}};
  config.default_prompt_name = "query";
  config.similarity_fn_name = "dot";
  config.truncate_dim = 64;
  config.activation_fn = "torch.nn.modules.linear.Identity";
  config.requirements = {{"torch", ">2"}};
  write_sentence_transformers_config(folder.path(), config);
  const SentenceTransformersConfig read = read_sentence_transformers_config(folder.path());
  EXPECT_EQ(read.version, config.version);
  EXPECT_EQ(read.model_type, config.model_type);
  EXPECT_EQ(read.prompts, config.prompts);
  EXPECT_EQ(read.default_prompt_name, config.default_prompt_name);
  EXPECT_EQ(read.similarity_fn_name, config.similarity_fn_name);
  EXPECT_EQ(read.truncate_dim, config.truncate_dim);
  EXPECT_EQ(read.activation_fn, config.activation_fn);
  EXPECT_THAT(read.requirements, IsEmpty());  // never written
  write_sentence_transformers_config(folder.path(), {});
  EXPECT_EQ(test::contents_of(folder / "config_sentence_transformers.json"),
            "{\n  \"default_prompt_name\": null,\n  \"prompts\": {}\n}");
  write_modules_json(folder.path(),
                     std::array{ModuleEntry{.idx = 0, .name = "0", .path = "", .type = "T", .kwargs = {"task"}}});
  EXPECT_THAT(read_modules_json(folder.path()).value().at(0).kwargs, ElementsAre("task"));
}

}  // namespace
}  // namespace sbert::formats
