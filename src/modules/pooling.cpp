#include "modules/pooling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/config_writer.h"
#include "kernels/kernels.h"

namespace sbert::modules {
namespace {

struct ModeNames {
  PoolingMode mode;
  const char* name;         // in `pooling_mode`
  const char* legacy_flag;  // before version 5.4; their order here is that of the concatenated vectors
};

constexpr std::array<ModeNames, 6> kModes = {{
    {PoolingMode::kCls, "cls", "pooling_mode_cls_token"},
    {PoolingMode::kMax, "max", "pooling_mode_max_tokens"},
    {PoolingMode::kMean, "mean", "pooling_mode_mean_tokens"},
    {PoolingMode::kMeanSqrtLenTokens, "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"},
    {PoolingMode::kWeightedMean, "weightedmean", "pooling_mode_weightedmean_tokens"},
    {PoolingMode::kLastToken, "lasttoken", "pooling_mode_lasttoken"},
}};

PoolingMode parse_mode(const common::JsonObject& config, const std::string& name) {
  for (const ModeNames& names : kModes) {
    if (name == names.name) return names.mode;
  }
  throw UnsupportedError(config.source() + ": pooling_mode " + common::quote(name) +
                         " is not known; known: cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken");
}

std::vector<PoolingMode> read_modes(const common::JsonObject& config) {
  std::vector<PoolingMode> modes;
  if (config.has("pooling_mode")) {
    if (config.raw()["pooling_mode"].is_string()) return {parse_mode(config, config.string("pooling_mode"))};
    for (const std::string& name : config.strings("pooling_mode")) modes.push_back(parse_mode(config, name));
    if (modes.empty()) config.fail("pooling_mode", "is an empty list");
    return modes;
  }
  for (const ModeNames& names : kModes) {
    if (config.boolean_if(names.legacy_flag).value_or(false)) modes.push_back(names.mode);
  }
  if (modes.empty()) modes.push_back(PoolingMode::kMean);
  return modes;
}

size_t read_dimension(const common::JsonObject& config) {
  const char* key = config.has("embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
  return static_cast<size_t>(config.integer(key, 1, int64_t{1} << 24));
}

// out = sum of weight(i) x_i / divisor over tokens [begin, end). Sums are kept in double: hundreds of floats added up
// lose more than the tolerance against the reference allows.
template <typename Weight>
void weighted_sum(const float* tokens, size_t begin, size_t end, size_t cols, double divisor, const Weight& weight,
                  float* out) {
  std::vector<double> sums(cols, 0.0);
  for (size_t i = begin; i < end; ++i) {
    const double w = weight(i);
    const float* row = tokens + i * cols;
    for (size_t j = 0; j < cols; ++j) sums[j] += w * static_cast<double>(row[j]);
  }
  for (size_t j = 0; j < cols; ++j) out[j] = static_cast<float>(sums[j] / divisor);
}

double divisor_of(std::optional<double> token_weights_sum, double sum) {
  return std::max(token_weights_sum.value_or(sum), 1e-9);
}

}  // namespace

const char* pooling_mode_name(PoolingMode mode) noexcept {
  for (const ModeNames& names : kModes) {
    if (names.mode == mode) return names.name;
  }
  return "unknown";
}

void pool(PoolingMode mode, const float* tokens, size_t begin, size_t end, size_t cols,
          std::optional<double> token_weights_sum, float* out) {
  const kernels::Kernels& kernel = kernels::active();
  const size_t count = end - begin;
  std::fill_n(out, cols, 0.0f);
  switch (mode) {
    case PoolingMode::kCls:
      if (end > 0) std::copy_n(tokens + (count > 0 ? begin : 0) * cols, cols, out);
      return;
    case PoolingMode::kLastToken:
      if (count > 0) std::copy_n(tokens + (end - 1) * cols, cols, out);
      return;
    case PoolingMode::kMax:
      if (count == 0) {
        throw InvalidArgumentError(
            "pooling_mode 'max' is not defined for a text without tokens (its prompt may be "
            "longer than max_seq_length, with include_prompt false)");
      }
      std::copy_n(tokens + begin * cols, cols, out);
      for (size_t i = begin + 1; i < end; ++i) kernel.maximum(tokens + i * cols, out, cols);
      return;
    case PoolingMode::kMean:
    case PoolingMode::kMeanSqrtLenTokens: {
      const double length = divisor_of(token_weights_sum, static_cast<double>(count));
      const double divisor = mode == PoolingMode::kMean ? length : std::sqrt(length);
      weighted_sum(
          tokens, begin, end, cols, divisor, [](size_t) { return 1.0; }, out);
      return;
    }
    case PoolingMode::kWeightedMean: {
      const double positions = 0.5 * static_cast<double>(end * (end + 1) - begin * (begin + 1));  // begin + 1 ... end
      const double sum = divisor_of(token_weights_sum, positions);
      weighted_sum(
          tokens, begin, end, cols, sum, [](size_t i) { return static_cast<double>(i + 1); }, out);
      return;
    }
  }
}

std::unique_ptr<Pooling> Pooling::load(const ModuleSource& source) {
  return std::make_unique<Pooling>(common::JsonObject::read_file(source.folder / "config.json"));
}

Pooling::Pooling(const common::JsonObject& config)
    : Pooling(read_dimension(config), read_modes(config), config.boolean_if("include_prompt").value_or(true)) {
  source_ = config.source();
}

Pooling::Pooling(size_t embedding_dimension, std::vector<PoolingMode> modes, bool include_prompt)
    : embedding_dimension_(embedding_dimension), modes_(std::move(modes)), include_prompt_(include_prompt) {}

void Pooling::forward(Features& features, nn::Workspace&) const {
  const FeatureMatrix& tokens = require_feature(features, "token_embeddings", "Pooling");
  if (tokens.cols != embedding_dimension_) {
    throw InvalidModelError(source_ + ": Pooling expects token embeddings of " + std::to_string(embedding_dimension_) +
                            " dimensions, the module before it gives " + std::to_string(tokens.cols));
  }
  const nn::PackedBatch& batch = features.batch;
  features.sentence_embedding.resize(batch.num_texts(), modes_.size() * embedding_dimension_);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    const size_t length = batch.length(text);
    const size_t begin = include_prompt_ ? 0 : std::min(features.prompt_length, length);
    float* out = features.sentence_embedding.row(text);
    std::optional<double> weights;
    if (!features.token_weights_sum.empty()) weights = static_cast<double>(features.token_weights_sum[text]);
    for (const PoolingMode mode : modes_) {
      pool(mode, tokens.row(batch.offsets[text]), begin, length, embedding_dimension_, weights, out);
      out += embedding_dimension_;
    }
  }
}

void Pooling::save(const std::filesystem::path&, const std::filesystem::path& folder) const {
  nlohmann::ordered_json modes = nlohmann::ordered_json::array();
  for (const PoolingMode mode : modes_) modes.push_back(pooling_mode_name(mode));
  if (modes.size() == 1) modes = pooling_mode_name(modes_.front());
  formats::write_json_file(folder / "config.json",
                           {{"embedding_dimension", embedding_dimension_},
                            {"pooling_mode", std::move(modes)},
                            {"include_prompt", include_prompt_}},
                           4);
}

std::string Pooling::description() const {
  std::string modes;
  for (const PoolingMode mode : modes_) {
    modes += (modes.empty() ? "" : ", ") + std::string("'") + pooling_mode_name(mode) + "'";
  }
  if (modes_.size() > 1) modes = "(" + modes + ")";
  return "Pooling({'embedding_dimension': " + std::to_string(embedding_dimension_) + ", 'pooling_mode': " + modes +
         ", 'include_prompt': " + (include_prompt_ ? "True" : "False") + "})";
}

}  // namespace sbert::modules
