#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>

#include "arch/architecture.h"
#include "formats/tensor_store.h"

// Every golden folder: all tensors are found, and none is left over that the model would need. A spec that forgets a
// bias or a norm leaves its tensor unused.
namespace sbert::arch {
namespace {

std::vector<std::filesystem::path> golden_models() {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SBERT_TEST_DIR "/goldens/data")) {
    const std::filesystem::path folder = entry.path().parent_path();
    // The folders of other modules are not all transformers.
    if (folder.string().find("/module-") != std::string::npos) continue;
    const bool has_model_type =
        entry.path().filename() == "config.json" && common::JsonObject::read_file(entry.path()).has("model_type");
    if (has_model_type && !folder.filename().string().ends_with("Pooling")) folders.push_back(folder);
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

// Names of all tensors that an encoder takes.
class UsedNames {
 public:
  explicit UsedNames(const nn::EncoderTensors& tensors) {
    add(tensors.word_embeddings);
    add(tensors.position_embeddings);
    add(tensors.token_type_embeddings);
    add(tensors.embeddings_norm);
    add(tensors.embeddings_projection);
    for (const nn::LayerTensors& layer : tensors.layers) {
      for (const nn::LinearTensors* linear :
           {&layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.mlp_up, &layer.mlp_down}) {
        add(*linear);
      }
      add(layer.mlp_gate);
      add(layer.query_norm);
      add(layer.key_norm);
      add(layer.relative_attention_bias);
      add(layer.position_query);
      add(layer.position_key);
      for (const nn::SublayerNormTensors* norms : {&layer.attention_norms, &layer.mlp_norms}) {
        add(norms->input);
        add(norms->output);
        add(norms->residual);
      }
    }
    add(tensors.relative_embeddings);
    add(tensors.relative_embeddings_norm);
    if (tensors.convolution) {
      add(tensors.convolution->conv);
      add(tensors.convolution->norm);
    }
    add(tensors.final_norm);
    add(tensors.text_projection);
  }

  bool has(const std::string& name) const { return names_.contains(name); }

 private:
  void add(const nn::TensorView& tensor) { names_.insert(tensor.name); }
  void add(const nn::LinearTensors& linear) {
    add(linear.weight);
    add(linear.bias);
  }
  void add(const nn::NormTensors& norm) {
    add(norm.weight);
    add(norm.bias);
  }
  template <typename Tensors>
  void add(const std::optional<Tensors>& tensors) {
    if (tensors) add(*tensors);
  }

  std::set<std::string> names_;
};

// What no text embedding reads.
bool is_of_a_head(const std::string& name) {
  for (const char* part :
       {"pooler", "position_ids", "cls.", "lm_head", "decoder", "vision_model", "visual_projection", "logit_scale",
        "logit_bias", "text_model.head", "entity_", "w2e_query", "e2w_query", "e2e_query"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(GoldenFoldersTest, EachTensorHasItsPlace) {
  const auto folders = golden_models();
  ASSERT_GE(folders.size(), 50u);
  std::set<std::string> types;
  for (const std::filesystem::path& folder : folders) {
    SCOPED_TRACE(folder.string());
    const auto config = common::JsonObject::read_file(folder / "config.json");
    types.insert(config.string("model_type"));
    const auto store = formats::TensorStore::open(folder);
    const UsedNames used(resolve_tensors(read_architecture(config), store));
    for (const std::string& name : store.names()) EXPECT_TRUE(used.has(name) || is_of_a_head(name)) << name;
  }
  EXPECT_GE(types.size(), 40u);
}

}  // namespace
}  // namespace sbert::arch
