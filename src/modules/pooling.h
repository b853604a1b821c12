#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.h"
#include "modules/module.h"

namespace sbert::modules {

/// How one vector is made of a text's token embeddings x_1 ... x_L (features 2-46 to 2-49). Tokens of an excluded
/// prompt are left out, but keep their positions.
enum class PoolingMode {
  kCls,                // the first token
  kMax,                // the largest value of each dimension
  kMean,               // sum of x_i / L
  kMeanSqrtLenTokens,  // sum of x_i / sqrt(L)
  kWeightedMean,       // sum of i x_i / sum of i
  kLastToken,          // the last token
};

/// token_embeddings -> sentence_embedding; several modes are concatenated.
/// `sentence_transformers.sentence_transformer.modules.Pooling`.
class Pooling : public Module {
 public:
  static std::unique_ptr<Pooling> load(const ModuleSource& source);
  /// `config` is the module's config.json, in the form of any version.
  explicit Pooling(const common::JsonObject& config);
  Pooling(size_t embedding_dimension, std::vector<PoolingMode> modes, bool include_prompt);

  void forward(Features& features, nn::Workspace& workspace) const override;
  std::optional<size_t> embedding_dimension() const override { return embedding_dimension_ * modes_.size(); }
  std::string description() const override;
  void save(const std::filesystem::path& source, const std::filesystem::path& folder) const override;

  bool include_prompt() const { return include_prompt_; }
  void set_include_prompt(bool include_prompt) { include_prompt_ = include_prompt; }
  const std::vector<PoolingMode>& modes() const { return modes_; }

 private:
  size_t embedding_dimension_ = 0;
  std::vector<PoolingMode> modes_;
  bool include_prompt_ = true;
  std::string source_ = "Pooling";  // for messages
};

const char* pooling_mode_name(PoolingMode mode) noexcept;

/// One mode over the tokens [begin, end) of a text whose first token is row 0 of `tokens` [L, cols]; begin > 0 where a
/// prompt is left out. `token_weights_sum` (features 2-59), where there is one, stands for what the three means divide
/// by: L, L and the sum of i. Writes cols floats. A text with no token left gives zeros, and for cls the first row (as
/// the reference); max of nothing throws InvalidArgumentError.
void pool(PoolingMode mode, const float* tokens, size_t begin, size_t end, size_t cols,
          std::optional<double> token_weights_sum, float* out);

}  // namespace sbert::modules
