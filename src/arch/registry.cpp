#include <array>
#include <string_view>

#include <sbert/error.h>

#include "arch/architecture.h"
#include "arch/families.h"
#include "common/text.h"

namespace sbert::arch {
namespace {

struct Family {
  std::string_view model_type;
  Architecture (*read)(const common::JsonObject& config);
};

Architecture read_bert_or_jina(const common::JsonObject& config) {
  return is_jina_bert(config) ? read_jina_bert(config) : read_bert(config);
}

constexpr std::array kFamilies = {
    Family{"albert", read_albert},
    Family{"bert", read_bert_or_jina},
    Family{"bert-generation", read_bert_generation},
    Family{"camembert", read_xlm_roberta},
    Family{"clip", read_clip},
    Family{"clip_text_model", read_clip_text_model},
    Family{"data2vec-text", read_data2vec_text},
    Family{"deberta-v2", read_deberta_v2},
    Family{"distilbert", read_distilbert},
    Family{"electra", read_electra},
    Family{"ernie", read_ernie},
    Family{"eurobert", read_eurobert},
    Family{"gemma", read_gemma},
    Family{"gemma2", read_gemma2},
    Family{"gemma3_text", read_gemma3_text},
    Family{"granite", read_granite},
    Family{"gte", read_gte},
    Family{"jina_embeddings_v3", read_jina_embeddings_v3},
    Family{"llama", read_llama},
    Family{"luke", read_luke},
    Family{"megatron-bert", read_megatron_bert},
    Family{"mistral", read_mistral},
    Family{"modernbert", read_modernbert},
    Family{"mpnet", read_mpnet},
    Family{"mt5", read_mt5},
    Family{"new", read_new},
    Family{"nomic_bert", read_nomic_bert},
    Family{"phi3", read_phi3},
    Family{"qwen2", read_qwen2},
    Family{"qwen3", read_qwen3},
    Family{"rembert", read_rembert},
    Family{"roberta", read_roberta},
    Family{"roberta-prelayernorm", read_roberta_prelayernorm},
    Family{"siglip", read_siglip},
    Family{"siglip2", read_siglip},
    Family{"smollm3", read_smollm3},
    Family{"splinter", read_splinter},
    Family{"starcoder2", read_starcoder2},
    Family{"t5", read_t5},
    Family{"umt5", read_umt5},
    Family{"xlm-roberta", read_xlm_roberta},
    Family{"xlm-roberta-xl", read_xlm_roberta_xl},
};

}  // namespace

std::vector<std::string> known_model_types() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.model_type);
  return names;
}

Architecture read_architecture(const common::JsonObject& config) {
  const std::string model_type = config.string("model_type");
  for (const Family& family : kFamilies) {
    if (family.model_type == model_type) return family.read(config);
  }
  std::string known;
  for (const std::string& name : known_model_types()) known += (known.empty() ? "" : ", ") + name;
  const bool own_code = config.has("auto_map");
  throw UnsupportedError(
      config.source() + ": model_type " + common::quote(model_type) + " is not supported by this version" +
      (own_code ? " (auto_map names code of the model's own, which is never run here)" : "") + "; supported: " + known);
}

}  // namespace sbert::arch
