#include <string>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

using nn::LinearTensors;
using nn::NormTensors;
using nn::TensorView;

// Rows [begin, begin + count) of a tensor whose first dimension is `total`.
TensorView rows_of(const TensorView& tensor, int64_t begin, int64_t count, int64_t total) {
  if (tensor.shape.empty() || tensor.shape[0] != total) {
    throw InvalidModelError(common::quote(tensor.file) + ": tensor " + common::quote(tensor.name) + " has shape " +
                            formats::shape_to_string(tensor.shape) + ", expected " + std::to_string(total) +
                            " rows from the configuration");
  }
  const size_t row_bytes = tensor.bytes.size() / static_cast<size_t>(total);
  TensorView rows = tensor;
  rows.shape[0] = count;
  rows.bytes = tensor.bytes.subspan(static_cast<size_t>(begin) * row_bytes, static_cast<size_t>(count) * row_bytes);
  return rows;
}

// Looks tensors up under the one prefix that this checkpoint uses.
class Resolver {
 public:
  Resolver(const TensorNames& names, const formats::TensorStore& store) : store_(store) {
    auto has_embeddings = [&](const std::string& prefix) {
      for (const std::string& name : names.word_embeddings) {
        if (store.find(prefix + name) != nullptr) return true;
      }
      return false;
    };
    if (has_embeddings("")) return;
    for (const std::string& prefix : names.prefixes) {
      if (has_embeddings(prefix)) prefix_ = prefix;
    }
  }

  bool has(const std::string& name) const { return store_.find(prefix_ + name) != nullptr; }
  const TensorView& tensor(const std::string& name) const { return store_.require(prefix_ + name); }

  // The first of several names that is there.
  const TensorView& first_of(const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
      if (const TensorView* found = store_.find(prefix_ + name)) return *found;
    }
    return tensor(names.at(0));
  }

  LinearTensors linear(const std::string& name, bool has_bias) const {
    LinearTensors linear{.weight = tensor(name + ".weight"), .bias = std::nullopt};
    if (has_bias) linear.bias = tensor(name + ".bias");
    return linear;
  }

  // Checkpoints converted from TensorFlow call a norm's weight and bias gamma and beta.
  NormTensors norm(const std::string& name, const nn::NormSpec& spec) const {
    const bool gamma = store_.find(prefix_ + name + ".gamma") != nullptr;
    NormTensors norm{.weight = tensor(name + (gamma ? ".gamma" : ".weight")), .bias = std::nullopt};
    if (spec.kind == nn::NormKind::kLayer && spec.bias) norm.bias = tensor(name + (gamma ? ".beta" : ".bias"));
    return norm;
  }
  std::optional<NormTensors> norm_if(const std::string& name, const std::optional<nn::NormSpec>& spec) const {
    return spec ? std::optional(norm(name, *spec)) : std::nullopt;
  }

  nn::SublayerNormTensors norms(const std::string& prefix, const SublayerNormNames& names,
                                const nn::SublayerNorms& spec) const {
    return {.input = norm_if(prefix + names.input, spec.input),
            .output = norm_if(prefix + names.output, spec.output),
            .residual = norm_if(prefix + names.residual, spec.residual)};
  }

 private:
  const formats::TensorStore& store_;
  std::string prefix_;
};

LinearTensors rows_of(const LinearTensors& linear, int64_t begin, int64_t count, int64_t total) {
  LinearTensors rows{.weight = rows_of(linear.weight, begin, count, total), .bias = std::nullopt};
  if (linear.bias) rows.bias = rows_of(*linear.bias, begin, count, total);
  return rows;
}

void resolve_attention(const Resolver& resolver, const TensorNames& names, const std::string& prefix,
                       const nn::LayerSpec& spec, nn::LayerTensors& layer) {
  const nn::AttentionSpec& attention = spec.attention;
  const LayerNames& own = names.layer;
  if (own.qkv.empty()) {
    layer.query = resolver.linear(prefix + own.query, attention.bias);
    layer.key = resolver.linear(prefix + own.key, attention.bias);
    layer.value = resolver.linear(prefix + own.value, attention.bias);
  } else {
    const LinearTensors all = resolver.linear(prefix + own.qkv, attention.bias);
    const int64_t q = attention.num_heads * attention.head_size;
    const int64_t kv = attention.num_key_value_heads * attention.head_size;
    layer.query = rows_of(all, 0, q, q + 2 * kv);
    layer.key = rows_of(all, q, kv, q + 2 * kv);
    layer.value = rows_of(all, q + kv, kv, q + 2 * kv);
  }
  layer.attention_output = resolver.linear(prefix + own.attention_output, attention.output_bias);
  layer.query_norm = resolver.norm_if(prefix + own.query_norm, attention.query_key_norm);
  layer.key_norm = resolver.norm_if(prefix + own.key_norm, attention.query_key_norm);
  if (attention.relative_buckets) {
    const bool shared = own.relative_attention_bias.empty();
    layer.relative_attention_bias =
        resolver.tensor(shared ? names.relative_attention_bias : prefix + own.relative_attention_bias);
  }
  if (attention.disentangled && !attention.disentangled->shared_projections) {
    if (attention.disentangled->content_to_position)
      layer.position_key = resolver.linear(prefix + own.position_key, true);
    if (attention.disentangled->position_to_content) {
      layer.position_query = resolver.linear(prefix + own.position_query, true);
    }
  }
  layer.attention_norms = resolver.norms(prefix, own.attention_norms, spec.attention_norms);
}

void resolve_mlp(const Resolver& resolver, const LayerNames& names, const std::string& prefix,
                 const nn::LayerSpec& spec, nn::LayerTensors& layer) {
  const bool gate_first = !names.mlp_gate_up.empty(), up_first = !names.mlp_up_gate.empty();
  if (gate_first || up_first) {
    const LinearTensors both =
        resolver.linear(prefix + (gate_first ? names.mlp_gate_up : names.mlp_up_gate), spec.mlp.bias);
    const int64_t size = spec.mlp.intermediate_size;
    layer.mlp_gate = rows_of(both, gate_first ? 0 : size, size, 2 * size);
    layer.mlp_up = rows_of(both, gate_first ? size : 0, size, 2 * size);
  } else {
    layer.mlp_up = resolver.linear(prefix + names.mlp_up, spec.mlp.bias);
    if (spec.mlp.gated) layer.mlp_gate = resolver.linear(prefix + names.mlp_gate, spec.mlp.bias);
  }
  layer.mlp_down = resolver.linear(prefix + names.mlp_down, spec.mlp.output_bias);
  layer.mlp_norms = resolver.norms(prefix, names.mlp_norms, spec.mlp_norms);
}

// The names that this checkpoint has: told by the attention output of its first layer.
const TensorNames& names_in(const Architecture& architecture, const formats::TensorStore& store) {
  auto present = [&](const TensorNames& names) {
    return !names.layer_prefixes.empty() &&
           Resolver(names, store).has(names.layer_prefixes[0] + names.layer.attention_output + ".weight");
  };
  if (present(architecture.names)) return architecture.names;
  for (const TensorNames& names : architecture.other_names) {
    if (present(names)) return names;
  }
  return architecture.names;
}

}  // namespace

std::vector<std::string> numbered_prefixes(const std::string& before, size_t count) {
  std::vector<std::string> prefixes;
  for (size_t i = 0; i < count; ++i) prefixes.push_back(before + std::to_string(i) + ".");
  return prefixes;
}

nn::EncoderTensors resolve_tensors(const Architecture& architecture, const formats::TensorStore& store) {
  const nn::EncoderSpec& spec = architecture.spec;
  const TensorNames& names = names_in(architecture, store);
  const Resolver resolver(names, store);
  nn::EncoderTensors tensors;
  tensors.word_embeddings = resolver.first_of(names.word_embeddings);
  if (spec.embeddings.max_position_embeddings > 0) {
    tensors.position_embeddings = resolver.tensor(names.position_embeddings);
  }
  if (spec.embeddings.type_vocab_size > 0) tensors.token_type_embeddings = resolver.tensor(names.token_type_embeddings);
  tensors.embeddings_norm = resolver.norm_if(names.embeddings_norm, spec.embeddings.norm);
  if (spec.embeddings.projection) {
    tensors.embeddings_projection = resolver.linear(names.embeddings_projection, spec.embeddings.projection_bias);
  }
  bool disentangled = false;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    nn::LayerTensors& layer = tensors.layers.emplace_back();
    resolve_attention(resolver, names, names.layer_prefixes.at(i), spec.layers[i], layer);
    resolve_mlp(resolver, names.layer, names.layer_prefixes.at(i), spec.layers[i], layer);
    disentangled |= spec.layers[i].attention.disentangled.has_value();
  }
  if (disentangled) tensors.relative_embeddings = resolver.tensor(names.relative_embeddings);
  tensors.relative_embeddings_norm = resolver.norm_if(names.relative_embeddings_norm, spec.relative_embeddings_norm);
  if (spec.convolution) {
    tensors.convolution = {.conv = resolver.linear(names.convolution, true),
                           .norm = resolver.norm(names.convolution_norm, spec.convolution->norm)};
  }
  tensors.final_norm = resolver.norm_if(names.final_norm, spec.final_norm);
  if (spec.text_projection) {
    tensors.text_projection = resolver.linear(names.text_projection, spec.text_projection->bias);
  }
  return tensors;
}

}  // namespace sbert::arch
