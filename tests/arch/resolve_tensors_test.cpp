#include <cstring>
#include <gtest/gtest.h>
#include <map>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "support/errors.h"
#include "support/safetensors_writer.h"
#include "support/temporary_folder.h"

// Names of a checkpoint -> the tensors of the spec. Each tensor of the test holds one number of its own.
namespace sbert::arch {
namespace {

using test::message_of;

constexpr size_t kLayers = 2;

Architecture tiny_bert() {
  return read_architecture(
      common::JsonObject::parse(R"({"model_type": "bert", "num_hidden_layers": 2})", "config.json"));
}

// The names that transformers.BertModel saves, without the pooler.
std::vector<std::string> names_of_bert() {
  std::vector<std::string> names = {"embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
                                    "embeddings.token_type_embeddings.weight", "embeddings.LayerNorm.weight",
                                    "embeddings.LayerNorm.bias"};
  for (size_t i = 0; i < kLayers; ++i) {
    for (const char* part :
         {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
          "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"}) {
      for (const char* kind : {".weight", ".bias"}) {
        names.push_back("encoder.layer." + std::to_string(i) + "." + part + kind);
      }
    }
  }
  return names;
}

class ResolveTensorsTest : public testing::Test {
 protected:
  // A store of these tensors; the k-th holds the number k.
  formats::TensorStore store_of(const std::vector<std::string>& names) {
    test::SafetensorsWriter writer;
    for (size_t k = 0; k < names.size(); ++k) {
      writer.add(names[k], {1}, {static_cast<float>(k)});
      number_of_[names[k]] = static_cast<float>(k);
    }
    folder_.write("model.safetensors", writer.bytes());
    return formats::TensorStore::open(folder_.path());
  }

  // The tensor is that of this name.
  void expect(const nn::TensorView& tensor, const std::string& name) const {
    EXPECT_EQ(tensor.name, name);
    EXPECT_EQ(formats::read_floats(tensor), std::vector{number_of_.at(name)}) << name;
  }

  void expect_all(const nn::EncoderTensors& tensors, const std::string& prefix,
                  const std::string& norm_weight = "weight", const std::string& norm_bias = "bias") const {
    auto linear = [&](const nn::LinearTensors& got, const std::string& name) {
      expect(got.weight, prefix + name + ".weight");
      ASSERT_TRUE(got.bias) << name;
      expect(*got.bias, prefix + name + ".bias");
    };
    auto norm = [&](const std::optional<nn::NormTensors>& found, const std::string& name) {
      ASSERT_TRUE(found) << name;
      const nn::NormTensors& got = *found;
      expect(got.weight, prefix + name + "." + norm_weight);
      ASSERT_TRUE(got.bias) << name;
      expect(*got.bias, prefix + name + "." + norm_bias);
    };
    expect(tensors.word_embeddings, prefix + "embeddings.word_embeddings.weight");
    expect(tensors.position_embeddings.value(), prefix + "embeddings.position_embeddings.weight");
    expect(tensors.token_type_embeddings.value(), prefix + "embeddings.token_type_embeddings.weight");
    norm(tensors.embeddings_norm, "embeddings.LayerNorm");
    ASSERT_EQ(tensors.layers.size(), kLayers);
    for (size_t i = 0; i < kLayers; ++i) {
      const nn::LayerTensors& layer = tensors.layers[i];
      const std::string name = "encoder.layer." + std::to_string(i) + ".";
      linear(layer.query, name + "attention.self.query");
      linear(layer.key, name + "attention.self.key");
      linear(layer.value, name + "attention.self.value");
      linear(layer.attention_output, name + "attention.output.dense");
      norm(layer.attention_norms.residual, name + "attention.output.LayerNorm");
      linear(layer.mlp_up, name + "intermediate.dense");
      linear(layer.mlp_down, name + "output.dense");
      norm(layer.mlp_norms.residual, name + "output.LayerNorm");
    }
  }

 private:
  test::TemporaryFolder folder_;
  std::map<std::string, float> number_of_;
};

TEST_F(ResolveTensorsTest, FindsEveryTensorAtItsPlace) {
  const auto store = store_of(names_of_bert());
  expect_all(resolve_tensors(tiny_bert(), store), "");
}

TEST_F(ResolveTensorsTest, IgnoresWhatNothingUses) {
  std::vector<std::string> names = names_of_bert();
  for (const char* extra : {"pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids",
                            "cls.predictions.bias", "encoder.layer.2.output.dense.weight"}) {
    names.emplace_back(extra);
  }
  const auto store = store_of(names);
  expect_all(resolve_tensors(tiny_bert(), store), "");
}

TEST_F(ResolveTensorsTest, TakesThePrefixOfAModelWithAHead) {
  std::vector<std::string> names = names_of_bert();
  for (std::string& name : names) name = "bert." + name;
  names.emplace_back("cls.predictions.decoder.weight");
  const auto store = store_of(names);
  expect_all(resolve_tensors(tiny_bert(), store), "bert.");
}

TEST_F(ResolveTensorsTest, TakesGammaAndBetaOfOldCheckpoints) {
  std::vector<std::string> names = names_of_bert();
  for (std::string& name : names) {
    const size_t place = name.find("LayerNorm.");
    if (place != std::string::npos) name = name.substr(0, place + 10) + (name.ends_with("weight") ? "gamma" : "beta");
  }
  const auto store = store_of(names);
  expect_all(resolve_tensors(tiny_bert(), store), "", "gamma", "beta");
}

TEST_F(ResolveTensorsTest, PrefixAndGammaTogether) {
  std::vector<std::string> names = names_of_bert();
  for (std::string& name : names) {
    name = "bert." + name;
    const size_t place = name.find("LayerNorm.");
    if (place != std::string::npos) name = name.substr(0, place + 10) + (name.ends_with("weight") ? "gamma" : "beta");
  }
  const auto store = store_of(names);
  expect_all(resolve_tensors(tiny_bert(), store), "bert.", "gamma", "beta");
}

TEST_F(ResolveTensorsTest, NamesEachTensorThatIsMissing) {
  for (const std::string& prefix : {std::string(), std::string("bert.")}) {
    const std::vector<std::string> names = names_of_bert();
    for (const std::string& missing : names) {
      std::vector<std::string> rest;
      for (const std::string& name : names) {
        if (name != missing) rest.push_back(prefix + name);
      }
      const auto store = store_of(rest);
      const std::string message = message_of<InvalidModelError>([&] { resolve_tensors(tiny_bert(), store); });
      // Without the word embeddings nothing tells the prefix.
      const bool no_prefix = missing == "embeddings.word_embeddings.weight";
      EXPECT_NE(message.find("'" + (no_prefix ? "" : prefix) + missing + "'"), std::string::npos) << message;
      EXPECT_NE(message.find("model.safetensors"), std::string::npos) << message;
    }
  }
}

TEST_F(ResolveTensorsTest, APrefixOfAWrapperIsNotGuessed) {
  std::vector<std::string> names = names_of_bert();
  for (std::string& name : names) name = "module." + name;
  const auto store = store_of(names);
  EXPECT_NE(message_of<InvalidModelError>([&] {
              resolve_tensors(tiny_bert(), store);
            }).find("'embeddings.word_embeddings.weight'"),
            std::string::npos);
}

}  // namespace
}  // namespace sbert::arch
