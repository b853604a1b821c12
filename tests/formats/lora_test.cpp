#include "formats/lora.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/crafted.h"
#include "formats/model_weights.h"
#include "support/floats.h"
#include "support/log_capture.h"
#include "support/safetensors_writer.h"

// data/lora is of the real peft (make_lora_folders.py).
namespace sbert::formats {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const fs::path kData = fs::path(SBERT_TEST_DIR) / "formats/data/lora";

/// A copy of the adapter whose base model is `base`.
void copy_adapter(const TempFolder& folder, const std::string& name, const fs::path& base) {
  for (const fs::directory_entry& file : fs::directory_iterator(kData / name)) {
    folder.write(file.path().filename().string(), test::contents_of(file.path()));
  }
  std::string config = test::contents_of(kData / name / "adapter_config.json");
  config.replace(config.find("BASE"), 4, base.string());
  folder.write("adapter_config.json", config);
}

void expect_merged(const ModelWeights& weights, const std::string& name) {
  const TensorStore base = TensorStore::open(kData / name.substr(0, name.find('-')));
  const TensorStore merged = TensorStore::open_file(kData / name / "merged.safetensors", common::FileAccess::kMap);
  EXPECT_EQ(weights.store.names(), base.names());
  EXPECT_GT(merged.names().size(), 1u);
  for (const std::string& tensor : base.names()) {
    const TensorView* want = merged.find(tensor);
    if (want == nullptr) want = base.find(tensor);
    EXPECT_EQ(weights.store.require(tensor).shape, want->shape) << tensor;
    EXPECT_TRUE(test::all_close(read_floats(weights.store.require(tensor)), read_floats(*want), 1e-6)) << tensor;
  }
}

TEST(Lora, MergesAsPeftDoes) {
  for (const char* name :
       {"bert-plain", "bert-patterns", "bert-dora", "bert-bias", "bert-lora-bias", "gpt2-conv", "gpt2-dora"}) {
    SCOPED_TRACE(name);
    const test::LogCapture log;
    const TempFolder folder;
    const fs::path base = kData / std::string(name).substr(0, std::string(name).find('-'));
    copy_adapter(folder, name, base);
    ModelWeights opened = open_model_weights(folder.path(), common::FileAccess::kMap);
    const ModelWeights weights = std::move(opened);
    EXPECT_EQ(weights.config_folder, base);
    EXPECT_THAT(weights.store.files(), ElementsAre(base / "model.safetensors", folder / "adapter_model.safetensors"));
    expect_merged(weights, name);
    EXPECT_THAT(log.warnings(), SizeIs(std::string(name).ends_with("dora") ? 1 : 0));
  }
}

TEST(Lora, FindsTheBaseModelAsTransformersDoes) {
  const TempFolder folder;
  copy_adapter(folder, "bert-plain", "org/model");
  // a name
  EXPECT_THAT(message_of<ModelNotFoundError>([&] { open_model_weights(folder.path(), common::FileAccess::kMap); }),
              AllOf(HasSubstr("adapter_config.json"), HasSubstr("'org/model'")));
  const auto find = [](const std::string& name) {
    EXPECT_EQ(name, "org/model");
    return kData / "bert";
  };
  expect_merged(open_model_weights(folder.path(), common::FileAccess::kMap, find), "bert-plain");
  // adapter_model.bin where there is no .safetensors
  fs::remove(folder / "adapter_model.safetensors");
  const ModelWeights from_bin = open_model_weights(folder.path(), common::FileAccess::kMap, find);
  EXPECT_EQ(from_bin.store.files().back(), folder / "adapter_model.bin");
  expect_merged(from_bin, "bert-plain");
  // a config.json beside the adapter: the folder itself is the base model
  folder.write("config.json", "{}");
  folder.write("model.safetensors", test::contents_of(kData / "bert/model.safetensors"));
  const ModelWeights embedded = open_model_weights(folder.path(), common::FileAccess::kMap);
  EXPECT_EQ(embedded.config_folder, folder.path());
  expect_merged(embedded, "bert-plain");
  // a folder without an adapter
  const ModelWeights plain = open_model_weights(kData / "bert", common::FileAccess::kMap);
  EXPECT_EQ(plain.config_folder, kData / "bert");
  EXPECT_THAT(plain.store.files(), ElementsAre(kData / "bert/model.safetensors"));
}

// Crafted adapters of [2, 2] layers.
struct Crafted {
  Crafted() {
    base.write("config.json", "{}");
    set_base({"layer.weight"});
    config(R"("r":1,"lora_alpha":2)");
    set_adapter({{"base_model.model.layer.lora_A.weight", {1, 2}, {1, 2}},
                 {"base_model.model.layer.lora_B.weight", {2, 1}, {10, 100}}});
  }
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  void set_base(const std::vector<std::string>& names) const {
    test::SafetensorsWriter file;
    for (const std::string& name : names) file.add(name, {2, 2}, {1, 2, 3, 4});
    base.write("model.safetensors", file.bytes());
  }
  void set_adapter(const std::vector<Tensor>& tensors) const {
    test::SafetensorsWriter file;
    for (const Tensor& tensor : tensors) file.add(tensor.name, tensor.shape, tensor.values);
    adapter.write("adapter_model.safetensors", file.bytes());
  }
  void config(const std::string& fields) const {
    adapter.write("adapter_config.json",
                  R"({"peft_type":"LORA","base_model_name_or_path":")" + base.path().string() + "\"," + fields + "}");
  }
  ModelWeights open() const { return open_model_weights(adapter.path(), common::FileAccess::kMap); }
  std::vector<float> weight(const std::string& name = "layer.weight") const {
    return read_floats(open().store.require(name));
  }
  template <typename E = InvalidModelError>
  std::string refusal() const {
    return message_of<E>([&] { open(); });
  }
  TempFolder base;
  TempFolder adapter;
};

TEST(Lora, Scaling) {
  const Crafted crafted;  // 2 / 1 * [10, 100]^T [1, 2]
  EXPECT_THAT(crafted.weight(), ElementsAre(21, 42, 203, 404));
  crafted.config(R"("r":1,"lora_alpha":0.5)");
  EXPECT_THAT(crafted.weight(), ElementsAre(6, 12, 53, 104));
  crafted.config(R"("r":1,"lora_alpha":2,"fan_in_fan_out":true)");
  EXPECT_THAT(crafted.weight(), ElementsAre(21, 202, 43, 404));
  crafted.config(R"("r":1,"lora_alpha":2,"alpha_pattern":{"layer":1})");
  EXPECT_THAT(crafted.weight(), ElementsAre(11, 22, 103, 204));
  for (const char* other : {"other", "ayer", "r", "layer.x", "laye"}) {
    crafted.config(R"("r":1,"lora_alpha":2,"alpha_pattern":{")" + std::string(other) + R"(":1})");
    EXPECT_THAT(crafted.weight(), ElementsAre(21, 42, 203, 404)) << other;
  }
  crafted.config(R"("r":4,"lora_alpha":8,"rank_pattern":{"layer":1},"use_rslora":true)");
  EXPECT_THAT(crafted.weight(), ElementsAre(81, 162, 803, 1604));
}

TEST(Lora, PrefixesOfModelsWithAHead) {
  const Crafted crafted;
  crafted.set_base({"bert.layer.weight", "cls.weight"});
  EXPECT_THAT(crafted.weight("bert.layer.weight"), ElementsAre(21, 42, 203, 404));
  crafted.set_base({"bert.layer.weight", "vision.layer.weight"});
  EXPECT_THAT(crafted.refusal(), HasSubstr("changes 'layer.weight', which the base model does not have"));
  crafted.set_base({"layer.weight"});
  crafted.set_adapter({{"base_model.model.bert.layer.lora_A.weight", {1, 2}, {1, 2}},
                       {"base_model.model.bert.layer.lora_B.weight", {2, 1}, {10, 100}},
                       {"base_model.model.classifier.weight", {1, 2}, {8, 9}}});
  EXPECT_THAT(crafted.weight(), ElementsAre(21, 42, 203, 404));
  EXPECT_THAT(crafted.weight("classifier.weight"), ElementsAre(8, 9));  // a new head
}

TEST(Lora, RefusesOtherAdaptersByName) {
  const Crafted crafted;
  for (const auto& [fields, named] : std::vector<std::pair<std::string, std::string>>{
           {R"("trainable_token_indices":[1])", "'trainable_token_indices'"},
           {R"("layer_replication":[[0,1]])", "'layer_replication'"},
           {R"("use_qalora":true)", "'use_qalora'"},
           {R"("alora_invocation_tokens":[1])", "'alora_invocation_tokens'"},
           {R"("target_parameters":["w"])", "'target_parameters'"},
           {R"("something_new":1)", "'something_new'"},
           {R"("init_lora_weights":"pissa")", "init_lora_weights '\"pissa\"'"},
           {R"("alpha_pattern":{"^layer":1})", "'^layer'"},
       }) {
    crafted.config(fields);
    EXPECT_THAT(crafted.refusal<UnsupportedError>(),
                AllOf(HasSubstr("adapter_config.json"), HasSubstr(named), HasSubstr("merge_and_unload")));
  }
  for (const char* type : {"PROMPT_TUNING", "IA3", "LOHA", "lora"}) {
    crafted.adapter.write("adapter_config.json", R"({"peft_type":")" + std::string(type) + "\"}");
    EXPECT_THAT(crafted.refusal<UnsupportedError>(), HasSubstr("peft_type '" + std::string(type) + "'"));
  }
  crafted.config(R"("r":1,"lora_alpha":2,"something_new":null,"other":{},"off":false,"init_lora_weights":"gaussian")");
  EXPECT_THAT(crafted.weight(), ElementsAre(21, 42, 203, 404));
}

TEST(Lora, RefusesTensorsThatFitNothing) {
  const Crafted crafted;
  const Crafted::Tensor a{"base_model.model.layer.lora_A.weight", {1, 2}, {1, 2}};
  const Crafted::Tensor b{"base_model.model.layer.lora_B.weight", {2, 1}, {10, 100}};
  const auto refused = [&](const std::vector<Crafted::Tensor>& tensors) {
    crafted.set_adapter(tensors);
    return crafted.refusal();
  };
  EXPECT_THAT(refused({a}), AllOf(HasSubstr("adapter_model.safetensors"), HasSubstr("lora_A and lora_B are a pair")));
  EXPECT_THAT(refused({b}), HasSubstr("are a pair"));
  EXPECT_THAT(refused({a, {b.name, {2, 2}, {1, 2, 3, 4}}}), HasSubstr("ranks differ"));
  EXPECT_THAT(refused({{a.name, {2, 2}, {1, 2, 3, 4}}, {b.name, {2, 2}, {1, 2, 3, 4}}}),
              AllOf(HasSubstr("has the rank 2"), HasSubstr("says 1")));
  EXPECT_THAT(refused({{a.name, {1, 3}, {1, 2, 3}}, b}), HasSubstr("the adapter's product [2, 3]"));
  EXPECT_THAT(refused({{a.name, {2}, {1, 2}}, b}), HasSubstr("only matrices"));
  EXPECT_THAT(refused({{"base_model.model.x.lora_A.weight", {1, 2}, {1, 2}},
                       {"base_model.model.x.lora_B.weight", {2, 1}, {1, 2}}}),
              HasSubstr("'x.weight', which the base model does not have"));
  EXPECT_THAT(refused({a, b, {"base_model.model.layer.weight", {1}, {1}}}), HasSubstr("has the shape [1]"));
  EXPECT_THAT(refused({a, b, {"base_model.model.layer.lora_C", {1}, {1}}}), HasSubstr("lora_C"));
  EXPECT_THAT(refused({a, b, {"base_model.model.layer.lora_magnitude_vector", {2}, {1, 1}}}), HasSubstr("use_dora"));
  crafted.config(R"("r":1,"use_dora":true)");
  EXPECT_THAT(refused({a, b}), HasSubstr("use_dora"));
  EXPECT_THAT(refused({a, b, {"base_model.model.layer.lora_magnitude_vector", {3}, {1, 1, 1}}}),
              HasSubstr("3 elements for 2 outputs"));
}

TEST(Lora, RefusesBrokenFolders) {
  const Crafted crafted;
  fs::remove(crafted.adapter / "adapter_model.safetensors");
  EXPECT_THAT(crafted.refusal(), HasSubstr("adapter_model.safetensors' is missing"));
  for (const char* fields :
       {R"("r":0)", R"("r":"8")", R"("lora_alpha":"x")", R"("alpha_pattern":[1])", R"("use_dora":1)"}) {
    crafted.config(fields);
    EXPECT_THAT(crafted.refusal(), AllOf(HasSubstr("adapter_config.json'"), HasSubstr("field"))) << fields;
  }
  crafted.adapter.write("adapter_config.json", R"({"peft_type":"LORA","base_model_name_or_path":null})");
  EXPECT_THAT(crafted.refusal(), HasSubstr("'base_model_name_or_path' is missing"));
  crafted.adapter.write("adapter_config.json", std::string(100000, '['));
  EXPECT_THAT(crafted.refusal(), HasSubstr("adapter_config.json"));
}

}  // namespace
}  // namespace sbert::formats
