#pragma once

#include <string>

#include "arch/architecture.h"
#include "arch/config_values.h"

// The many families that are BERT with other positions, norms or names: what they share.
namespace sbert::arch {

/// What a config.json may leave out.
struct BertDefaults {
  int64_t vocab_size = 30522;
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  int64_t max_position_embeddings = 512;
  int64_t type_vocab_size = 2;
  double layer_norm_eps = 1e-12;
  const char* hidden_act = "gelu";
};

/// Spec and names of transformers.BertModel; `prefix` stands before every name in checkpoints of models with a head.
/// With is_decoder, attention is causal.
Architecture read_bert_layout(const common::JsonObject& config, const std::string& prefix,
                              const BertDefaults& defaults = {});

/// Moves the norms from behind the sublayers to before them, under these names, and puts one behind the last layer.
void move_norms_before_sublayers(Architecture& architecture, const std::string& attention_norm,
                                 const std::string& mlp_norm, const std::string& final_norm);

/// Positions count from pad_token_id + 1, and a padding token inside a text stays at row pad_token_id: the rule of
/// RoBERTa and all that descend from it.
void count_positions_from_padding(Architecture& architecture, int64_t pad_token_id);

}  // namespace sbert::arch
