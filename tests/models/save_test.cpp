#include <algorithm>
#include <csignal>
#include <cstring>
#include <map>
#include <sys/resource.h>

#include <sbert/sbert.h>

#include "formats/safetensors_writer.h"
#include "formats/tensor_store.h"
#include "models/tiny_model.h"
#include "support/errors.h"
#include "support/floats.h"
#include "support/log_capture.h"

// Folders that SentenceTransformer::save writes. That the reference reads them is checked by
// tests/parity/save_parity.py.
namespace sbert {
namespace {

namespace fs = std::filesystem;
using test::contents_of;
using test::message_of;
using test::same_bits;
using test::tiny_model;

const std::vector<std::string> kTexts = {"the weather is lovely today", "", "  The\tsun,\nis   OUT! ",
                                         "[MASK] [SEP] 50% caf\xc3\xa9 \xe4\xbb\x8a\xe6\x97\xa5",
                                         "one two three four five six seven eight nine ten eleven twelve thirteen "
                                         "fourteen fifteen sixteen seventeen eighteen "
                                         "nineteen twenty, and more words than most of these models have positions "
                                         "for, so that their texts are cut: one two"};
// No task, and those of the Routers among the goldens.
const std::vector<std::string> kTasks = {"", "query", "document", "doc", "apple", "special", "zebra"};

// The tree of a folder: path -> content.
std::map<std::string, std::string> tree(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    files[entry.path().lexically_relative(folder).string()] = entry.is_directory() ? "" : contents_of(entry.path());
  }
  return files;
}

void expect_same_vectors(const SentenceTransformer& a, const SentenceTransformer& b) {
  for (const std::string& task : kTasks) {
    EncodeOptions options;
    options.task = task;
    options.truncation = TruncationPolicy::kSilent;
    std::optional<FloatMatrix> vectors;
    try {
      vectors = a.encode(kTexts, options);
    } catch (const InvalidArgumentError& error) {  // no such route, or max pooling of nothing
      EXPECT_EQ(message_of<InvalidArgumentError>([&] { b.encode(kTexts, options); }), error.what());
      continue;
    }
    EXPECT_TRUE(same_bits(vectors->values(), b.encode(kTexts, options).values())) << "task '" << task << "'";
    const auto tokens = a.tokenize(kTexts, options), again = b.tokenize(kTexts, options);
    for (size_t i = 0; i < kTexts.size(); ++i) {
      EXPECT_EQ(again[i].input_ids, tokens[i].input_ids) << i;
      EXPECT_EQ(again[i].token_type_ids, tokens[i].token_type_ids) << i;
      EXPECT_EQ(again[i].truncated, tokens[i].truncated) << i;
    }
  }
}

void expect_same_info(const ModelInfo& a, const ModelInfo& b) {
  ASSERT_EQ(b.modules.size(), a.modules.size());
  for (size_t i = 0; i < a.modules.size(); ++i) {
    EXPECT_EQ(b.modules[i].description, a.modules[i].description);
    EXPECT_EQ(b.modules[i].name, a.modules[i].name);
  }
  EXPECT_EQ(b.architecture, a.architecture);
  EXPECT_EQ(b.embedding_dimension, a.embedding_dimension);
  EXPECT_EQ(b.max_seq_length, a.max_seq_length);
  EXPECT_EQ(b.num_parameters, a.num_parameters);
  EXPECT_EQ(b.similarity_function, a.similarity_function);
  EXPECT_EQ(b.prompts, a.prompts);
  EXPECT_EQ(b.default_prompt_name, a.default_prompt_name);
  EXPECT_EQ(b.truncate_dim, a.truncate_dim);
  EXPECT_EQ(b.tokenizer, a.tokenizer);
  EXPECT_EQ(b.notes, a.notes);
  EXPECT_EQ(b.format_version, "6.0.1");
}

std::vector<std::string> golden_folders() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(SBERT_TEST_DIR) / "goldens" / "data")) {
    if (fs::is_directory(entry.path() / "model")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class SaveEveryFolderTest : public testing::TestWithParam<std::string> {};

TEST_P(SaveEveryFolderTest, LoadsAgainAsTheSameModel) {
  const test::LogCapture log;  // of converted models
  const test::TemporaryFolder folder;
  const SentenceTransformer model(tiny_model(GetParam()).string());
  const std::string saved = (folder / "saved").string(), twice = (folder / "twice").string();
  model.save(saved);
  const SentenceTransformer loaded(saved);
  expect_same_vectors(model, loaded);
  expect_same_info(model.info(), loaded.info());
  for (const ModuleInfo& module : loaded.info().modules) {
    const bool is_new = module.type.starts_with("sentence_transformers.base.modules.") ||
                        module.type.starts_with("sentence_transformers.sentence_transformer.modules.");
    EXPECT_TRUE(is_new) << module.type;
  }
  loaded.save(twice);
  EXPECT_EQ(tree(twice), tree(saved)) << "saving what was saved changes nothing";
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2)
      << "nothing else is left";
}

INSTANTIATE_TEST_SUITE_P(Goldens, SaveEveryFolderTest, testing::ValuesIn(golden_folders()), [](const auto& test) {
  std::string name = test.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

class SaveTest : public test::ModelCopyTest {
 protected:
  std::string target() const { return (out / "saved").string(); }
  SentenceTransformer save_and_load(const SentenceTransformer& model) const {
    model.save(target());
    return SentenceTransformer(target());
  }
  // Nothing but what `names` says lies where models are saved.
  void expect_left(std::vector<std::string> names) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(out.path())) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, names);
  }
  test::TemporaryFolder out;
};

TEST_F(SaveTest, SettingsAreSavedAsTheyAre) {
  ModelOptions options;
  options.prompts = {{"query", "query: "}, {"caf\xc3\xa9", "\"\xe4\xbb\x8a\xe6\x97\xa5\"\n"}};
  options.default_prompt_name = "caf\xc3\xa9";
  options.truncate_dim = 3;
  SentenceTransformer model(path(), options);
  model.set_max_seq_length(6);
  model.set_similarity_function(SimilarityFunction::kManhattan);
  model.set_pooling_include_prompt(false);
  const SentenceTransformer loaded = save_and_load(model);
  expect_same_info(model.info(), loaded.info());
  expect_same_vectors(model, loaded);
  EXPECT_EQ(loaded.max_seq_length(), 6u);
  EXPECT_EQ(loaded.similarity_function(), SimilarityFunction::kManhattan);
  EXPECT_EQ(loaded.prompts().at("caf\xc3\xa9"), "\"\xe4\xbb\x8a\xe6\x97\xa5\"\n");
  EXPECT_EQ(loaded.default_prompt_name(), "caf\xc3\xa9");
  EXPECT_EQ(loaded.embedding_dimension(), 3u);
  EXPECT_NE(loaded.info().modules[1].description.find("'include_prompt': False"), std::string::npos);
}

TEST_F(SaveTest, ALimitThatWasGivenToTheTokenizerGivesWay) {
  folder.write("sentence_bert_config.json", R"({"tokenizer_args": {"model_max_length": 20}, "do_lower_case": true})");
  SentenceTransformer model(path());
  EXPECT_EQ(model.max_seq_length(), 20u);
  model.set_max_seq_length(8);
  EXPECT_EQ(save_and_load(model).max_seq_length(), 8u);
  EXPECT_NE(contents_of(fs::path(target()) / "sentence_bert_config.json").find("do_lower_case"), std::string::npos);
}

TEST_F(SaveTest, AWordModelKeepsItsLimitToo) {
  SentenceTransformer words(tiny_model("module-word-weights").string());
  words.set_max_seq_length(9);
  EXPECT_EQ(save_and_load(words).max_seq_length(), 9u);
}

TEST_F(SaveTest, ALegacyNameOfTheConfigurationBecomesTheNewOne) {
  fs::rename(folder / "sentence_bert_config.json", folder / "sentence_roberta_config.json");
  folder.write("sentence_roberta_config.json", R"({"max_seq_length": 11})");
  EXPECT_EQ(save_and_load(SentenceTransformer(path())).max_seq_length(), 11u);
  EXPECT_TRUE(fs::exists(fs::path(target()) / "sentence_bert_config.json"));
  EXPECT_FALSE(fs::exists(fs::path(target()) / "sentence_roberta_config.json"));
}

TEST_F(SaveTest, TokenizerFilesAndCodeAreCopiedAndNothingElse) {
  for (const char* file : {"spiece.model", "merges.txt", "modeling_own.py", "preprocessor_config.json"}) {
    folder.write(file, std::string("\0of ", 4) + file);
  }
  folder.write("optimizer.pt", "large");
  folder.write("model.onnx", "large");
  folder.write("onnx/model.onnx", "large");
  SentenceTransformer(path()).save(target());
  for (const char* file : {"spiece.model", "merges.txt", "modeling_own.py", "preprocessor_config.json"}) {
    EXPECT_EQ(contents_of(fs::path(target()) / file), std::string("\0of ", 4) + file);
  }
  for (const char* file : {"optimizer.pt", "model.onnx", "onnx"}) EXPECT_FALSE(fs::exists(fs::path(target()) / file));
  EXPECT_EQ(contents_of(fs::path(target()) / "tokenizer.json"), contents_of(folder / "tokenizer.json"));
}

TEST_F(SaveTest, ModuleKwargsStay) {
  std::string modules = contents_of(folder / "modules.json");
  const size_t end = modules.find('}');
  folder.write("modules.json", modules.insert(end, R"(, "kwargs": ["task", "own"])"));
  SentenceTransformer(path()).save(target());
  EXPECT_NE(contents_of(fs::path(target()) / "modules.json").find("\"own\""), std::string::npos);
}

TEST_F(SaveTest, ElementTypesStay) {
  const auto store = formats::TensorStore::open(folder.path());
  std::vector<formats::TensorView> tensors;
  std::vector<std::vector<uint16_t>> halves;
  for (const std::string& name : store.names()) {
    formats::TensorView tensor = store.require(name);
    if (tensor.dtype == formats::DType::kF32) {
      std::vector<uint16_t>& bits = halves.emplace_back();
      for (const float value : formats::read_floats(tensor)) {
        uint32_t wide = 0;
        std::memcpy(&wide, &value, sizeof wide);
        bits.push_back(static_cast<uint16_t>(wide >> 16));
      }
      tensor.dtype = formats::DType::kBF16;
      tensor.bytes = std::as_bytes(std::span(bits));
    }
    tensors.push_back(tensor);
  }
  const test::TemporaryFolder half;
  fs::copy(folder.path(), half / "model", fs::copy_options::recursive);
  fs::remove(half / "model/model.safetensors");
  formats::write_safetensors(half / "model/model.safetensors", tensors);
  const SentenceTransformer model((half / "model").string());
  const SentenceTransformer loaded = save_and_load(model);
  EXPECT_EQ(loaded.info().weight_files, std::vector<std::string>{"model.safetensors (BF16)"});
  expect_same_vectors(model, loaded);
}

TEST_F(SaveTest, ShardsBecomeOneFile) {
  SentenceTransformer(tiny_model("v2-cased-flags-sharded").string()).save(target());
  EXPECT_TRUE(fs::exists(fs::path(target()) / "model.safetensors"));
  EXPECT_FALSE(fs::exists(fs::path(target()) / "model.safetensors.index.json"));
}

TEST_F(SaveTest, AnAdapterIsMerged) {
  const std::string layer = "encoder.layer.0.attention.self.query";
  const auto base = formats::TensorStore::open(folder.path());
  const formats::TensorView& weight = base.require(layer + ".weight");
  const int64_t outputs = weight.shape[0], inputs = weight.shape[1];
  const std::vector<float> a(static_cast<size_t>(inputs), 0.5f), b(static_cast<size_t>(outputs), 0.25f);
  auto tensor = [&](const char* name, std::vector<int64_t> shape, const std::vector<float>& values) {
    return formats::TensorView{.name = "base_model.model." + layer + name,
                               .dtype = formats::DType::kF32,
                               .shape = std::move(shape),
                               .bytes = std::as_bytes(std::span(values)),
                               .file = ""};
  };
  formats::write_safetensors(
      folder / "adapter_model.safetensors",
      std::vector{tensor(".lora_A.weight", {1, inputs}, a), tensor(".lora_B.weight", {outputs, 1}, b)});
  folder.write("adapter_config.json", R"({"peft_type": "LORA", "r": 1, "lora_alpha": 2})");
  const SentenceTransformer model(path());
  expect_same_vectors(model, save_and_load(model));
  const auto merged = formats::TensorStore::open(target());
  ASSERT_EQ(merged.names(), base.names());
  for (const std::string& name : base.names()) {
    const formats::TensorView &before = base.require(name), &after = merged.require(name);
    if (name != layer + ".weight") {
      EXPECT_TRUE(std::ranges::equal(after.bytes, before.bytes)) << name;
      continue;
    }
    std::vector<float> expected = formats::read_floats(before);
    for (float& value : expected) value += 2 * 0.5f * 0.25f;
    EXPECT_TRUE(same_bits(formats::read_floats(after), expected));
  }
  for (const char* file : {"adapter_config.json", "adapter_model.safetensors"}) {
    EXPECT_FALSE(fs::exists(fs::path(target()) / file));
  }

  // The same with the base model in a folder of its own.
  const test::TemporaryFolder elsewhere;
  for (const char* file : {"config.json", "model.safetensors"}) fs::rename(folder / file, elsewhere / file);
  folder.write("adapter_config.json", R"({"peft_type": "LORA", "r": 1, "lora_alpha": 2, "base_model_name_or_path": ")" +
                                          elsewhere.path().string() + "\"}");
  const std::string second = (out / "second").string();
  SentenceTransformer(path()).save(second);
  EXPECT_EQ(tree(second), tree(target()));
}

TEST_F(SaveTest, TheModelCard) {
  fs::remove(folder / "README.md");
  SentenceTransformer(path()).save(target());
  const std::string card = contents_of(fs::path(target()) / "README.md");
  EXPECT_TRUE(card.starts_with("---\nlibrary_name: sentence-transformers\n"));
  EXPECT_NE(card.find("  (0): Transformer({'model_type': 'bert'"), std::string::npos);
  EXPECT_NE(card.find("SentenceTransformer(\"path/to/this/folder\")"), std::string::npos);
  folder.write("README.md", "license: of its authors\n");
  const std::string second = (out / "second").string();
  SentenceTransformer(path()).save(second);
  EXPECT_EQ(contents_of(fs::path(second) / "README.md"), "license: of its authors\n");
}

TEST_F(SaveTest, ATargetMayBeEmptyOrDeepOrEndInASlash) {
  const SentenceTransformer model(path());
  fs::create_directory(out / "empty");
  model.save((out / "empty").string());
  EXPECT_TRUE(fs::exists(out / "empty/modules.json"));
  model.save((out / "a/b/c/").string());
  EXPECT_TRUE(fs::exists(out / "a/b/c/modules.json"));
  fs::create_directory_symlink(out / "a", out / "link");
  model.save((out / "link/d").string());
  EXPECT_TRUE(fs::exists(out / "a/d/modules.json"));
  expect_left({"a", "empty", "link"});
}

TEST_F(SaveTest, NothingIsOverwritten) {
  const SentenceTransformer model(path());
  const auto before = tree(folder.path());
  EXPECT_NE(message_of<InvalidArgumentError>([&] { model.save(path()); }).find("the folder is not empty"),
            std::string::npos)
      << "its own folder, whose weights are mapped";
  EXPECT_EQ(tree(folder.path()), before);
  out.write("file", "content");
  EXPECT_NE(message_of<InvalidArgumentError>([&] { model.save((out / "file").string()); }).find("not a folder"),
            std::string::npos);
  EXPECT_EQ(contents_of(out / "file"), "content");
  fs::create_symlink(out / "nowhere/at/all", out / "dangling");
  EXPECT_NE(message_of<InvalidArgumentError>([&] { model.save((out / "dangling").string()); }).find("not a folder"),
            std::string::npos);
  EXPECT_NE(message_of<InvalidArgumentError>([&] { model.save(""); }).find("give the path"), std::string::npos);
  EXPECT_NE(message_of<IoError>([&] { model.save((out / "file/below").string()); }).find("cannot"), std::string::npos);
  fs::remove(out / "dangling");
  expect_left({"file"});
}

TEST_F(SaveTest, WithoutTheSourceNothingIsLeft) {
  const SentenceTransformer model(path());
  fs::remove(folder / "config.json");
  EXPECT_NE(message_of<InvalidModelError>([&] { model.save((out / "new/saved").string()); }).find("config.json"),
            std::string::npos);
  expect_left({});
}

// A disk that is full: the system refuses to let files grow.
TEST_F(SaveTest, WithoutRoomNothingIsLeft) {
  const SentenceTransformer model(path());
  rlimit old = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {.rlim_cur = 10000, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string message = message_of<IoError>([&] { model.save((out / "new/saved").string()); });
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("cannot write"), std::string::npos) << message;
  EXPECT_NE(message.find("model.safetensors"), std::string::npos) << message;
  expect_left({});
}

}  // namespace
}  // namespace sbert
