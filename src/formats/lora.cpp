#include "formats/lora.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include <sbert/error.h>

#include "common/json.h"
#include "common/log.h"
#include "common/text.h"

namespace sbert::formats {
namespace {

constexpr int64_t kMaxRank = 1 << 20;

// Everything in adapter_config.json that is read here, or changes training or the place of the adapter only.
constexpr auto kKnownKeys = std::to_array<std::string_view>({
    "alpha_pattern",
    "auto_mapping",
    "base_model_name_or_path",
    "bias",
    "corda_config",
    "eva_config",
    "exclude_modules",
    "fan_in_fan_out",
    "inference_mode",
    "init_lora_weights",
    "layers_pattern",
    "layers_to_transform",
    "loftq_config",
    "lora_alpha",
    "lora_bias",
    "lora_dropout",
    "lora_ga_config",
    "megatron_core",
    "modules_to_save",
    "peft_type",
    "peft_version",
    "qalora_group_size",
    "r",
    "rank_pattern",
    "revision",
    "runtime_config",
    "target_modules",
    "task_type",
    "use_dora",
    "use_rslora",
});

bool is_off(const nlohmann::json& value) {
  if (value.is_null()) return true;
  if (value.is_boolean()) return !value.get<bool>();
  return (value.is_array() || value.is_object() || value.is_string()) && value.empty();
}

[[noreturn]] void refuse(const common::JsonObject& json, const std::string& what) {
  throw UnsupportedError(json.source() + ": " + what +
                         " is not supported by this version: merge the adapter into its base model "
                         "(merge_and_unload) and save that");
}

// PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA change the base model's weights when the adapter is created, and peft does
// that again when it loads one.
void require_plain_initialisation(const common::JsonObject& json) {
  const auto found = json.raw().find("init_lora_weights");
  if (found == json.raw().end() || found->is_boolean() || found->is_null()) return;
  if (*found != "gaussian" && *found != "eva") refuse(json, "init_lora_weights " + common::quote(found->dump()));
}

std::vector<std::pair<std::string, double>> read_alpha_pattern(const common::JsonObject& json) {
  std::vector<std::pair<std::string, double>> pattern;
  if (const auto alphas = json.object_if("alpha_pattern")) {
    for (const std::string& key : alphas->keys()) {
      if (key.find_first_of("\\^$*+?()[]{}|") != std::string::npos) {
        refuse(json, "the regular expression " + common::quote(key) + " in alpha_pattern");
      }
      pattern.emplace_back(key, alphas->number(key));
    }
  }
  return pattern;
}

// re.match(rf"(.*\.)?({key})$", layer) for keys without other special characters than the dot.
bool matches(std::string_view key, std::string_view layer) {
  if (key.size() > layer.size()) return false;
  const size_t begin = layer.size() - key.size();
  if (begin > 0 && layer[begin - 1] != '.') return false;
  return std::equal(key.begin(), key.end(), layer.begin() + static_cast<std::ptrdiff_t>(begin),
                    [](char pattern, char c) { return pattern == '.' || pattern == c; });
}

// The tensors of one changed layer.
struct Layer {
  const TensorView* a = nullptr;
  const TensorView* b = nullptr;
  const TensorView* magnitude = nullptr;
  const TensorView* b_bias = nullptr;
  bool is_embedding = false;
};

struct Matrix {
  size_t rows = 0;
  size_t cols = 0;
  std::vector<float> values;

  Matrix transposed() const {
    Matrix result{cols, rows, std::vector<float>(values.size())};
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < cols; ++j) result.values[j * rows + i] = values[i * cols + j];
    }
    return result;
  }
};

class Merger {
 public:
  Merger(const LoraConfig& config, const TensorStore& adapter, TensorStore& model)
      : config_(config), adapter_(adapter), model_(model) {}

  void run() {
    for (const std::string& name : adapter_.names()) sort_in(adapter_.require(name));
    for (const auto& [layer, tensors] : layers_) merge(layer, tensors);
  }

 private:
  [[noreturn]] static void fail(const TensorView& tensor, const std::string& problem) {
    throw InvalidModelError(common::quote(tensor.file) + ": tensor " + common::quote(tensor.name) + " " + problem);
  }

  // A whole tensor goes into the model at once, for a trained bias may get an addition afterwards.
  void sort_in(const TensorView& tensor) {
    std::string_view name = tensor.name;
    constexpr std::string_view kPrefix = "base_model.model.";
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    struct Part {
      std::string_view suffix;
      const TensorView* Layer::*place;
      bool is_embedding;
    };
    constexpr std::array kParts{
        Part{".lora_A.weight", &Layer::a, false},    Part{".lora_B.weight", &Layer::b, false},
        Part{".lora_B.bias", &Layer::b_bias, false}, Part{".lora_embedding_A", &Layer::a, true},
        Part{".lora_embedding_B", &Layer::b, true},  Part{".lora_magnitude_vector", &Layer::magnitude, false},
    };
    for (const Part& part : kParts) {
      if (!name.ends_with(part.suffix)) continue;
      Layer& layer = layers_[std::string(name.substr(0, name.size() - part.suffix.size()))];
      layer.*part.place = &tensor;
      layer.is_embedding = layer.is_embedding || part.is_embedding;
      return;
    }
    if (name.find("lora_") != std::string_view::npos || name.find(".token_adapter.") != std::string_view::npos) {
      fail(tensor, "is no part of a LoRA adapter that this version knows");
    }
    if (name.find(".original_module.") != std::string_view::npos) return;  // of the base model, beside its replacement
    std::string target(name);
    for (const std::string_view wrapper : {".base_layer.", ".modules_to_save.default."}) {
      if (const size_t at = target.find(wrapper); at != std::string::npos) target.replace(at, wrapper.size(), ".");
    }
    const TensorView* replaced = find_in_model(target);
    if (replaced != nullptr && replaced->shape != tensor.shape) {
      fail(tensor, "has the shape " + shape_to_string(tensor.shape) + ", the model's tensor " +
                       common::quote(replaced->name) + " has " + shape_to_string(replaced->shape));
    }
    model_.put(replaced != nullptr ? replaced->name : target, tensor.shape, read_floats(tensor), tensor.file);
  }

  // The adapter's names are those of the Python modules. A checkpoint may have the prefix of a model with a head
  // ("bert.") where the adapter has none, and the other way round.
  const TensorView* find_in_model(const std::string& name) const {
    if (const TensorView* exact = model_.find(name)) return exact;
    const TensorView* prefixed = nullptr;
    for (const std::string& candidate : model_.names()) {
      const size_t dot = candidate.find('.');
      if (dot == std::string::npos || candidate.compare(dot + 1, std::string::npos, name) != 0) continue;
      if (prefixed != nullptr) return nullptr;  // two models in one file
      prefixed = model_.find(candidate);
    }
    if (prefixed != nullptr) return prefixed;
    const size_t dot = name.find('.');
    return dot == std::string::npos ? nullptr : model_.find(std::string_view(name).substr(dot + 1));
  }

  const TensorView& require_in_model(const std::string& name, const TensorView& by) const {
    const TensorView* found = find_in_model(name);
    if (found == nullptr) fail(by, "changes " + common::quote(name) + ", which the base model does not have");
    return *found;
  }

  static Matrix read_matrix(const TensorView& tensor) {
    if (tensor.shape.size() != 2) {
      fail(tensor, "has the shape " + shape_to_string(tensor.shape) + "; only matrices are supported");
    }
    return {static_cast<size_t>(tensor.shape[0]), static_cast<size_t>(tensor.shape[1]), read_floats(tensor)};
  }

  void merge(const std::string& layer, const Layer& tensors) {
    const TensorView* some = tensors.a != nullptr ? tensors.a : tensors.b != nullptr ? tensors.b : nullptr;
    if (some == nullptr) some = tensors.magnitude != nullptr ? tensors.magnitude : tensors.b_bias;
    if (tensors.a == nullptr || tensors.b == nullptr)
      fail(*some, "lacks its counterpart: lora_A and lora_B are a pair");
    const Matrix a = read_matrix(*tensors.a);  // [r, in]
    const Matrix b = read_matrix(*tensors.b);  // [out, r]
    if (a.rows != b.cols || a.rows == 0) fail(*tensors.b, "does not fit lora_A: their ranks differ");
    if (!config_.has_rank_pattern && a.rows != static_cast<size_t>(config_.r)) {
      fail(*tensors.a,
           "has the rank " + std::to_string(a.rows) + ", " + config_.source + " says " + std::to_string(config_.r));
    }
    const double rank = static_cast<double>(a.rows);
    const double scaling = alpha_of(layer) / (config_.use_rslora ? std::sqrt(rank) : rank);

    const TensorView& target = require_in_model(layer + ".weight", *tensors.a);
    Matrix weight = read_matrix(target);
    const bool fits = weight.rows == b.rows && weight.cols == a.cols;
    const bool fits_transposed = weight.rows == a.cols && weight.cols == b.rows;
    if (!fits && !fits_transposed) {
      fail(target, "has the shape " + shape_to_string(target.shape) + ", the adapter's product " +
                       shape_to_string(std::array{tensors.b->shape[0], tensors.a->shape[1]}));
    }
    const bool transposed = fits && fits_transposed ? config_.fan_in_fan_out || tensors.is_embedding : !fits;
    if (transposed) {
      add_product(a.transposed(), b.transposed(), scaling, weight);
    } else {
      add_product(b, a, scaling, weight);
    }
    if (config_.use_dora != (tensors.magnitude != nullptr)) fail(*tensors.a, "and use_dora contradict each other");
    if (config_.use_dora) scale_to_magnitude(*tensors.magnitude, transposed, weight);
    if (config_.use_dora && tensors.b_bias != nullptr) {
      throw UnsupportedError(config_.source + ": use_dora with lora_bias is not supported by this version");
    }
    if (tensors.b_bias != nullptr) add_bias(layer, *tensors.b_bias, scaling);
    const std::string file = tensors.a->file;
    model_.put(target.name, target.shape, std::move(weight.values), file);
  }

  double alpha_of(const std::string& layer) const {
    std::optional<double> alpha;
    for (const auto& [key, value] : config_.alpha_pattern) {
      if (!matches(key, layer)) continue;
      // peft takes the first one in the file, an order that JSON objects do not have.
      if (alpha && *alpha != value) {
        throw UnsupportedError(config_.source + ": alpha_pattern has two values for " + common::quote(layer));
      }
      alpha = value;
    }
    return alpha.value_or(config_.lora_alpha);
  }

  // target += scaling * left right, row by row; the inner loop runs along memory.
  static void add_product(const Matrix& left, const Matrix& right, double scaling, Matrix& target) {
    std::vector<float> row(right.cols);
    const auto factor = static_cast<float>(scaling);
    for (size_t i = 0; i < left.rows; ++i) {
      std::fill(row.begin(), row.end(), 0.0f);
      for (size_t k = 0; k < left.cols; ++k) {
        const float x = left.values[i * left.cols + k];
        const float* from = &right.values[k * right.cols];
        for (size_t j = 0; j < row.size(); ++j) row[j] += x * from[j];
      }
      float* to = &target.values[i * target.cols];
      for (size_t j = 0; j < row.size(); ++j) to[j] += factor * row[j];
    }
  }

  // Every output's weights times magnitude / their length. They are a row, of a transposed matrix a column.
  static void scale_to_magnitude(const TensorView& magnitude, bool transposed, Matrix& weight) {
    const size_t outputs = transposed ? weight.cols : weight.rows;
    if (magnitude.num_elements() != outputs) {
      fail(magnitude,
           "has " + std::to_string(magnitude.num_elements()) + " elements for " + std::to_string(outputs) + " outputs");
    }
    const std::vector<float> lengths = read_floats(magnitude);
    std::vector<double> squares(outputs);
    for (size_t i = 0; i < weight.values.size(); ++i) {
      const auto value = static_cast<double>(weight.values[i]);
      squares[transposed ? i % weight.cols : i / weight.cols] += value * value;
    }
    for (size_t i = 0; i < weight.values.size(); ++i) {
      const size_t output = transposed ? i % weight.cols : i / weight.cols;
      weight.values[i] *= static_cast<float>(static_cast<double>(lengths[output]) / std::sqrt(squares[output]));
    }
  }

  void add_bias(const std::string& layer, const TensorView& addition, double scaling) {
    const TensorView& target = require_in_model(layer + ".bias", addition);
    if (target.shape != addition.shape) fail(addition, "does not fit the bias " + common::quote(target.name));
    std::vector<float> bias = read_floats(target);
    const std::vector<float> change = read_floats(addition);
    for (size_t i = 0; i < bias.size(); ++i) bias[i] += static_cast<float>(scaling) * change[i];
    model_.put(target.name, target.shape, std::move(bias), addition.file);
  }

  const LoraConfig& config_;
  const TensorStore& adapter_;
  TensorStore& model_;
  std::map<std::string, Layer> layers_;  // by the name of the layer, "encoder.layer.0.attention.self.query"
};

}  // namespace

LoraConfig read_lora_config(const std::filesystem::path& folder) {
  const auto json = common::JsonObject::read_file(folder / "adapter_config.json");
  const std::string type = json.string("peft_type");
  if (type != "LORA") refuse(json, "peft_type " + common::quote(type));
  for (const std::string& key : json.keys()) {
    const bool known = std::find(kKnownKeys.begin(), kKnownKeys.end(), key) != kKnownKeys.end();
    if (!known && !is_off(json.raw().at(key))) refuse(json, "the option " + common::quote(key));
  }
  require_plain_initialisation(json);
  LoraConfig config;
  config.source = json.source();
  config.base_model_name_or_path = json.string_if("base_model_name_or_path");
  config.r = json.integer_if("r", 1, kMaxRank).value_or(8);
  config.lora_alpha = json.number_if("lora_alpha").value_or(8);
  if (const auto ranks = json.object_if("rank_pattern")) config.has_rank_pattern = !ranks->keys().empty();
  config.alpha_pattern = read_alpha_pattern(json);
  config.use_rslora = json.boolean_if("use_rslora").value_or(false);
  config.fan_in_fan_out = json.boolean_if("fan_in_fan_out").value_or(false);
  config.use_dora = json.boolean_if("use_dora").value_or(false);
  if (config.use_dora) {
    common::log(LogLevel::kWarning, json.source() +
                                        ": DoRA is computed as peft does it; transformers 5.23 loses the trained "
                                        "magnitudes, so that the reference gives other vectors");
  }
  return config;
}

void merge_lora(const LoraConfig& config, const TensorStore& adapter, TensorStore& model) {
  Merger(config, adapter, model).run();
}

}  // namespace sbert::formats
