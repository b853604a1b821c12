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

// As transformers looks for them: the first of the four counts.
TEST(TensorStore, PrefersFilesAsTransformersDoes) {
  const TempFolder folder;
  const std::string pickled = test::contents_of(std::filesystem::path(SBERT_TEST_DIR) / "formats/data/zip.bin");
  folder.write("part.bin", pickled);
  folder.write("pytorch_model.bin.index.json", R"({"weight_map":{"f32":"part.bin","row":"part.bin"}})");
  EXPECT_THAT(TensorStore::open(folder.path()).files(), ElementsAre(folder / "part.bin"));
  EXPECT_THAT(read_floats(TensorStore::open(folder.path()).require("f32")), ElementsAre(1.5f, -2, 3, 4));
  folder.write("pytorch_model.bin", pickled);
  TensorStore opened = TensorStore::open(folder.path());
  const TensorStore store = std::move(opened);
  EXPECT_THAT(store.files(), ElementsAre(folder / "pytorch_model.bin"));
  EXPECT_THAT(read_floats(store.require("slice")), ElementsAre(5, 6, 9, 10));  // a copy, for it has strides
  store.drop_pages(store.require("slice"));
  store.drop_pages(store.require("f32"));
  EXPECT_THAT(read_floats(store.require("slice")), ElementsAre(5, 6, 9, 10));
  EXPECT_THAT(read_floats(store.require("f32")), ElementsAre(1.5f, -2, 3, 4));
  folder.write("model-1.safetensors", shard("w", kOne));
  write_index(folder, R"({"w":"model-1.safetensors"})");
  EXPECT_THAT(TensorStore::open(folder.path()).names(), ElementsAre("w"));
  folder.write("model.safetensors", shard("v", kOne));
  EXPECT_THAT(TensorStore::open(folder.path()).names(), ElementsAre("v"));
}

TEST(TensorStore, PutReplacesAndAdds) {
  const TempFolder folder;
  folder.write("model.safetensors", shard("w", kOne));
  TensorStore store = TensorStore::open(folder.path());
  const TensorView& old = store.require("w");
  store.put("w", {2}, {5, 6}, "adapter");
  store.put("a", {1}, {7}, "adapter");
  store.put("z", {0}, {}, "adapter");
  const TensorStore moved = std::move(store);
  EXPECT_THAT(moved.names(), ElementsAre("a", "w", "z"));
  EXPECT_THAT(read_floats(moved.require("w")), ElementsAre(5, 6));
  EXPECT_THAT(moved.require("w").shape, ElementsAre(2));
  EXPECT_EQ(moved.require("w").file, "adapter");
  EXPECT_THAT(read_floats(moved.require("a")), ElementsAre(7));
  moved.drop_pages(moved.require("w"));
  EXPECT_THAT(read_floats(moved.require("w")), ElementsAre(5, 6));
  EXPECT_THAT(read_floats(old), ElementsAre(1));
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
  EXPECT_THAT(refusal<UnsupportedError>(folder), HasSubstr("adapter_config.json"));
  EXPECT_THAT(message_of<InvalidModelError>([&] { TensorStore::open(folder.path() / "absent"); }),
              HasSubstr("absent' is missing"));
  // A link to nowhere is a broken download, not a model in another format.
  std::filesystem::create_symlink("../nowhere", folder.path() / "model.safetensors");
  EXPECT_THAT(refusal(folder), HasSubstr("model.safetensors' is missing"));
}

}  // namespace
}  // namespace sbert::formats
