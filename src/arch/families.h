#pragma once

#include "arch/architecture.h"

// One function per family, each in the file of its name; registry.cpp lists them by model_type.
namespace sbert::arch {

Architecture read_albert(const common::JsonObject& config);
Architecture read_bert(const common::JsonObject& config);
Architecture read_bert_generation(const common::JsonObject& config);
Architecture read_clip(const common::JsonObject& config);
Architecture read_clip_text_model(const common::JsonObject& config);
Architecture read_data2vec_text(const common::JsonObject& config);
Architecture read_deberta_v2(const common::JsonObject& config);
Architecture read_distilbert(const common::JsonObject& config);
Architecture read_electra(const common::JsonObject& config);
Architecture read_ernie(const common::JsonObject& config);
Architecture read_eurobert(const common::JsonObject& config);
Architecture read_gemma(const common::JsonObject& config);
Architecture read_gemma2(const common::JsonObject& config);
Architecture read_gemma3_text(const common::JsonObject& config);
Architecture read_granite(const common::JsonObject& config);
Architecture read_gte(const common::JsonObject& config);
Architecture read_jina_bert(const common::JsonObject& config);
Architecture read_jina_embeddings_v3(const common::JsonObject& config);
Architecture read_llama(const common::JsonObject& config);
Architecture read_luke(const common::JsonObject& config);
Architecture read_megatron_bert(const common::JsonObject& config);
Architecture read_mistral(const common::JsonObject& config);
Architecture read_modernbert(const common::JsonObject& config);
Architecture read_mpnet(const common::JsonObject& config);
Architecture read_mt5(const common::JsonObject& config);
Architecture read_new(const common::JsonObject& config);
Architecture read_nomic_bert(const common::JsonObject& config);
Architecture read_phi3(const common::JsonObject& config);
Architecture read_qwen2(const common::JsonObject& config);
Architecture read_qwen3(const common::JsonObject& config);
Architecture read_rembert(const common::JsonObject& config);
Architecture read_roberta(const common::JsonObject& config);
Architecture read_roberta_prelayernorm(const common::JsonObject& config);
Architecture read_siglip(const common::JsonObject& config);
Architecture read_smollm3(const common::JsonObject& config);
Architecture read_splinter(const common::JsonObject& config);
Architecture read_starcoder2(const common::JsonObject& config);
Architecture read_t5(const common::JsonObject& config);
Architecture read_umt5(const common::JsonObject& config);
Architecture read_xlm_roberta(const common::JsonObject& config);
Architecture read_xlm_roberta_xl(const common::JsonObject& config);

/// A config.json of model_type "bert" that means JinaBERT.
bool is_jina_bert(const common::JsonObject& config);

}  // namespace sbert::arch
