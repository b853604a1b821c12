// DeBERTa v2 (https://arxiv.org/abs/2006.03654) and v3 (https://arxiv.org/abs/2111.09543);
// transformers.DebertaV2Model.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include <sbert/error.h>

#include "arch/bert_layout.h"
#include "arch/families.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

// "P2C | c2p" -> {"p2c", "c2p"}
std::vector<std::string> split_lower(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '|') {
      parts.emplace_back();
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      parts.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return parts;
}

bool contains(const std::vector<std::string>& parts, const std::string& part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

// A list, or a string of words between bars.
std::vector<std::string> read_pos_att_type(const common::JsonObject& config) {
  if (!config.has("pos_att_type")) return {};
  return config.raw().at("pos_att_type").is_string() ? split_lower(config.string("pos_att_type"))
                                                     : config.strings("pos_att_type");
}

nn::DisentangledSpec read_disentangled(const common::JsonObject& config, int64_t max_position_embeddings) {
  nn::DisentangledSpec spec;
  spec.position_buckets = config.integer_if("position_buckets", -kMaxSize, kMaxSize).value_or(-1);
  spec.max_relative_positions = config.integer_if("max_relative_positions", -kMaxSize, kMaxSize).value_or(-1);
  if (spec.max_relative_positions < 1) spec.max_relative_positions = max_position_embeddings;
  spec.shared_projections = config.boolean_if("share_att_key").value_or(false);
  // The buckets are logarithms of distance / (buckets / 2) to the base (max - 1) / (buckets / 2).
  if (spec.position_buckets > 0 &&
      (spec.position_buckets < 2 || spec.max_relative_positions - 1 <= spec.position_buckets / 2)) {
    config.fail("position_buckets", "is " + std::to_string(spec.position_buckets) + ", which makes no scale up to " +
                                        std::to_string(spec.max_relative_positions) + " positions");
  }
  return spec;
}

}  // namespace

Architecture read_deberta_v2(const common::JsonObject& config) {
  Architecture deberta = read_bert_layout(config, "deberta.",
                                          {.vocab_size = 128100,
                                           .hidden_size = 1536,
                                           .num_hidden_layers = 24,
                                           .num_attention_heads = 24,
                                           .intermediate_size = 6144,
                                           .type_vocab_size = 0,
                                           .layer_norm_eps = 1e-7});
  nn::EncoderSpec& spec = deberta.spec;
  const nn::NormSpec norm = *spec.embeddings.norm;
  spec.embeddings.embedding_size = config.integer_if("embedding_size", 1, kMaxSize).value_or(spec.hidden_size);
  spec.embeddings.projection = spec.embeddings.embedding_size != spec.hidden_size;
  spec.embeddings.norm_after_projection = true;
  if (!config.boolean_if("position_biased_input").value_or(true)) spec.embeddings.max_position_embeddings = 0;

  const std::vector<std::string> kinds = read_pos_att_type(config);
  const bool c2p = contains(kinds, "c2p"), p2c = contains(kinds, "p2c");
  const bool relative = config.boolean_if("relative_attention").value_or(false);
  const int64_t head_size = spec.layers.empty() ? 1 : spec.layers.front().attention.head_size;
  if (config.integer_if("attention_head_size", 1, kMaxSize).value_or(head_size) != head_size) {
    config.fail("attention_head_size", "is not hidden_size / num_attention_heads");
  }
  for (nn::LayerSpec& layer : spec.layers) {
    layer.attention.tokens_after.reset();  // it knows no is_decoder
    // The scores are a sum of 1 to 3 products; the kinds count also where relative_attention is off.
    const int terms = 1 + (c2p ? 1 : 0) + (p2c ? 1 : 0);
    layer.attention.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_size * terms)));
    if (!relative || !(c2p || p2c)) continue;
    layer.attention.disentangled = read_disentangled(config, *deberta.max_position_embeddings);
    layer.attention.disentangled->content_to_position = c2p;
    layer.attention.disentangled->position_to_content = p2c;
  }
  if (relative && (c2p || p2c) &&
      contains(split_lower(config.string_if("norm_rel_ebd").value_or("none")), "layer_norm")) {
    spec.relative_embeddings_norm = norm;
  }
  if (const int64_t kernel = config.integer_if("conv_kernel_size", -kMaxSize, kMaxSize).value_or(0); kernel > 0) {
    nn::ConvolutionSpec convolution;
    convolution.kernel_size = kernel;
    convolution.groups = config.integer_if("conv_groups", 1, kMaxSize).value_or(1);
    convolution.activation = read_activation(config, "conv_act", "tanh");
    convolution.norm = norm;
    if (kernel % 2 == 0) config.fail("conv_kernel_size", "is even: the text would not keep its length");
    if (spec.hidden_size % convolution.groups != 0) {
      config.fail("conv_groups", "is " + std::to_string(convolution.groups) + ", which does not divide hidden_size");
    }
    if (!spec.layers.empty()) spec.convolution = convolution;
  }

  TensorNames& names = deberta.names;
  names.embeddings_projection = "embeddings.embed_proj";
  names.relative_embeddings = "encoder.rel_embeddings.weight";
  names.relative_embeddings_norm = "encoder.LayerNorm";
  names.convolution = "encoder.conv.conv";
  names.convolution_norm = "encoder.conv.LayerNorm";
  names.layer.query = "attention.self.query_proj";
  names.layer.key = "attention.self.key_proj";
  names.layer.value = "attention.self.value_proj";
  names.layer.position_key = "attention.self.pos_key_proj";
  names.layer.position_query = "attention.self.pos_query_proj";
  return deberta;
}

}  // namespace sbert::arch
