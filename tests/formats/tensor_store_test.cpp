#include "formats/tensor_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/crafted.h"

namespace sbert::formats {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kOne("\0\0\x80?", 4);
constexpr std::string_view kTwo("\0\0\0@", 4);

std::string shard(std::string_view name, std::string_view data) {
  return safetensors_bytes("{" + entry(name, "F32", "[1]", "[0,4]") + "}", data);
}

void write_index(const TempFolder& folder, const std::string& weight_map) {
  folder.write("model.safetensors.index.json", R"({"metadata":{"total_size":8},"weight_map":)" + weight_map + "}");
}

template <typename E = InvalidModelError>
std::string refusal(const TempFolder& folder) {
  return message_of<E>([&] { TensorStore::open(folder.path()); });
}

TEST(TensorStore, OpensOneFile) {
  const TempFolder folder;
  const auto path = folder.write("model.safetensors", shard("w", kOne));
  write_index(folder, R"({"w":"absent.safetensors"})");  // of no interest beside the whole model
  for (const auto access : {common::FileAccess::kMap, common::FileAccess::kCopy}) {
    TensorStore opened = TensorStore::open(folder.path(), access);
    const TensorView* tensor = opened.find("w");
    const TensorStore store = std::move(opened);
    EXPECT_EQ(store.find("w"), tensor);
    EXPECT_THAT(read_floats(store.require("w")), ElementsAre(1));
    EXPECT_THAT(store.names(), ElementsAre("w"));
    EXPECT_THAT(store.files(), ElementsAre(path));
    store.drop_pages(*tensor);
    EXPECT_THAT(read_floats(*tensor), ElementsAre(1));
    EXPECT_EQ(store.find(""), nullptr);
    EXPECT_EQ(store.find("ww"), nullptr);
    EXPECT_THAT(message_of<InvalidModelError>([&] { store.require("x"); }),
                AllOf(HasSubstr(path.string()), HasSubstr("tensor 'x' is missing")));
  }
}

TEST(TensorStore, OpensShards) {
  const TempFolder folder;
  folder.write("model-2.safetensors", shard("a", kTwo));
  folder.write("model-1.safetensors", safetensors_bytes("{" + entry("z", "F32", "[1]", "[0,4]") + "," +
                                                            entry("extra", "U8", "[4]", "[4,8]") + "}",
                                                        std::string(kOne) + "1234"));
  write_index(folder, R"({"z":"model-1.safetensors","a":"model-2.safetensors"})");
  const TensorStore store = TensorStore::open(folder.path());
  EXPECT_THAT(store.names(), ElementsAre("a", "extra", "z"));  // tensors beyond the index load as well
  EXPECT_THAT(store.files(), ElementsAre(folder.path() / "model-1.safetensors", folder.path() / "model-2.safetensors"));
  EXPECT_THAT(read_floats(store.require("z")), ElementsAre(1));
  EXPECT_THAT(read_floats(store.require("a")), ElementsAre(2));
  store.drop_pages(store.require("a"));
  EXPECT_THAT(read_floats(store.require("a")), ElementsAre(2));
  EXPECT_THAT(message_of<InvalidModelError>([&] { store.require("x"); }),
              AllOf(HasSubstr("and its 1 sister files"), HasSubstr("'x'")));
}

TEST(TensorStore, FollowsTheLinksOfTheHubCache) {
  const TempFolder folder;
  folder.write("blobs/0123abcd", shard("w", kOne));
  std::filesystem::create_directories(folder.path() / "snapshots/main");
  std::filesystem::create_symlink("../../blobs/0123abcd", folder.path() / "snapshots/main/model.safetensors");
  EXPECT_THAT(read_floats(TensorStore::open(folder.path() / "snapshots/main").require("w")), ElementsAre(1));
}

TEST(TensorStore, S8RefusesShardsThatAreMissingOrOutside) {
  const TempFolder folder;
  folder.write("model-1.safetensors", shard("w", kOne));
  for (const char* name : {"../../etc/passwd", "/etc/passwd", "sub/../../x", "..", "..\\\\x", "C:x", "a\\u0000b"}) {
    write_index(folder, std::string(R"({"w":")") + name + "\"}");
    EXPECT_THAT(refusal(folder), AllOf(HasSubstr("model.safetensors.index.json"), HasSubstr("the path"))) << name;
  }
  write_index(folder, R"({"w":"model-1.safetensors","v":"model-2.safetensors"})");
  EXPECT_THAT(refusal(folder),
              AllOf(HasSubstr("index.json"), HasSubstr("'v'"), HasSubstr("'model-2.safetensors', which is missing")));
}

TEST(TensorStore, S8RefusesIndexesThatContradictTheShards) {
  const TempFolder folder;
  folder.write("model-1.safetensors", shard("w", kOne));
  folder.write("model-2.safetensors", shard("w", kTwo));
  folder.write("model-3.safetensors", shard("v", kTwo));
  write_index(folder, R"({"w":"model-1.safetensors","x":"model-2.safetensors"})");
  EXPECT_THAT(refusal(folder),
              AllOf(HasSubstr("tensor 'w' stands in two files"), HasSubstr("model-1"), HasSubstr("model-2")));
  write_index(folder, R"({"w":"model-1.safetensors","x":"model-1.safetensors"})");
  EXPECT_THAT(refusal(folder), AllOf(HasSubstr("'x'"), HasSubstr("'model-1.safetensors', which has no such tensor")));
  write_index(folder, R"({"w":"model-3.safetensors","v":"model-1.safetensors"})");  // each in the other's file
  EXPECT_THAT(refusal(folder), HasSubstr("which has no such tensor"));
}

TEST(TensorStore, S8RefusesBrokenIndexes) {
  const TempFolder folder;
  folder.write("model-1.safetensors", shard("w", kOne));
  for (const char* map : {"{}", "[]", "null", "\"model-1.safetensors\"", R"({"w":1})", R"({"w":null})",
                          R"({"w":["x"]})", R"({"w":"model-1.safetensors","w":"model-1.safetensors"})"}) {
    write_index(folder, map);
    EXPECT_THAT(refusal(folder), HasSubstr("model.safetensors.index.json")) << map;
  }
  folder.write("model.safetensors.index.json", "{}");
  EXPECT_THAT(refusal(folder), HasSubstr("'weight_map' is missing"));
  folder.write("model.safetensors.index.json", std::string(100000, '['));
  EXPECT_THAT(refusal(folder), HasSubstr("nested"));
  write_index(folder, R"({"w":"model-1.safetensors"})");
  folder.write("model-1.safetensors", "broken");
  EXPECT_THAT(refusal(folder), HasSubstr("model-1.safetensors"));
}

TEST(TensorStore, SaysWhatWasFoundInsteadOfWeights) {
  const TempFolder folder;
  EXPECT_THAT(refusal(folder),
              AllOf(HasSubstr("no weights in '" + folder.path().string() + "'"), HasSubstr("model.safetensors")));
  folder.write("tf_model.h5", "");
  EXPECT_THAT(refusal<UnsupportedError>(folder), HasSubstr("from_tf=True"));
  folder.write("adapter_model.safetensors", shard("w", kOne));
  EXPECT_THAT(refusal<UnsupportedError>(folder), HasSubstr("merge"));
  folder.write("pytorch_model.bin.index.json", "{}");
  EXPECT_THAT(refusal<UnsupportedError>(folder), HasSubstr("pytorch_model.bin.index.json found"));
  folder.write("pytorch_model.bin", "pickle");
  EXPECT_EQ(refusal<UnsupportedError>(folder), "pytorch_model.bin found but no model.safetensors in '" +
                                                   folder.path().string() +
                                                   "': save the model with safe_serialization=True");
  EXPECT_THAT(message_of<InvalidModelError>([&] { TensorStore::open(folder.path() / "absent"); }),
              HasSubstr("absent' is missing"));
  // A link to nowhere is a broken download, not a model in another format.
  std::filesystem::create_symlink("../nowhere", folder.path() / "model.safetensors");
  EXPECT_THAT(refusal(folder), HasSubstr("model.safetensors' is missing"));
}

}  // namespace
}  // namespace sbert::formats
