#include <algorithm>
#include <cmath>
#include <mutex>

#include <sbert/error.h>
#include <sbert/runtime.h>
#include <sbert/sentence_transformer.h>

#include "common/log.h"
#include "common/mapped_file.h"
#include "common/text.h"
#include "formats/folder_entry.h"
#include "models/model_folder.h"
#include "models/model_info.h"
#include "models/pipeline.h"
#include "models/save_model.h"
#include "models/tokenized_text.h"
#include "modules/pooling.h"
#include "nn/l2_normalize.h"

namespace sbert {
namespace {

/// What a folder holds: its modules and the settings that come with them.
struct LoadedModel {
  formats::SentenceTransformersConfig config;
  std::vector<models::NamedModule> modules;
  bool is_default_stack = false;
};

// The default stack has nothing to do with the settings in the folder: without modules.json, or with the modules of
// another kind of model, they count for nothing (features 2-05, 2-06).
LoadedModel load(const std::filesystem::path& folder, common::FileAccess access) {
  const auto entries = formats::read_modules_json(folder);
  if (!entries) {
    return {.config = {}, .modules = models::load_default_modules(folder, access), .is_default_stack = true};
  }
  auto config = formats::read_sentence_transformers_config(folder);
  if (config.model_type.value_or("SentenceTransformer") != "SentenceTransformer") {
    common::log(LogLevel::kWarning, common::quote(folder.string()) + " holds a model of type " +
                                        common::quote(*config.model_type) +
                                        ": converting it to a SentenceTransformer, without its prompts");
    return {.config = {}, .modules = models::load_default_modules(folder, access), .is_default_stack = true};
  }
  auto modules = models::load_saved_modules(folder, *entries, access);
  return {.config = std::move(config), .modules = std::move(modules)};
}

std::map<std::string, std::string> merge_prompts(const ModelOptions& options,
                                                 const formats::SentenceTransformersConfig& config) {
  std::map<std::string, std::string> prompts = options.prompts;
  prompts.insert(config.prompts.begin(), config.prompts.end());
  prompts.insert({{"query", ""}, {"document", ""}});  // features 2-19
  return prompts;
}

std::string list_names(const std::map<std::string, std::string>& prompts) {
  std::string names;
  for (const auto& [name, text] : prompts) names += (names.empty() ? "" : ", ") + name;
  return names;
}

void require_positive(const std::optional<size_t>& truncate_dim) {
  if (truncate_dim == size_t{0}) throw InvalidArgumentError("truncate_dim must be positive, found 0");
}

// A vector with NaN or infinity compares with nothing and breaks whoever stores it.
void require_finite(std::span<const float> vector, size_t input) {
  if (std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) return;
  throw InvalidModelError("the vector of input " + std::to_string(input) +
                          " is not finite: the model's weights hold NaN, infinity or values too large for float");
}

}  // namespace

struct SentenceTransformer::Impl {
  Impl(const std::filesystem::path& model_folder, const ModelOptions& options)
      : Impl(model_folder, options,
             load(model_folder, options.copy_weights ? common::FileAccess::kCopy : common::FileAccess::kMap)) {}
  Impl(const std::filesystem::path& model_folder, const ModelOptions& options, LoadedModel model)
      : folder(model_folder),
        is_default_stack(model.is_default_stack),
        config(std::move(model.config)),
        pipeline(std::move(model.modules), model_folder),
        prompts(merge_prompts(options, config)),
        default_prompt_name(options.default_prompt_name ? options.default_prompt_name : config.default_prompt_name) {
    if (default_prompt_name && !prompts.contains(*default_prompt_name)) {
      throw InvalidModelError(common::quote(folder.string()) + ": default_prompt_name " +
                              common::quote(*default_prompt_name) +
                              " is not one of the prompts: " + list_names(prompts));
    }
    if (options.similarity_function) {
      similarity_function = *options.similarity_function;
    } else if (config.similarity_fn_name) {
      try {
        similarity_function = parse_similarity_function(*config.similarity_fn_name);
      } catch (const InvalidArgumentError&) {  // as the reference: cosine
        common::log(LogLevel::kWarning, "config_sentence_transformers.json: similarity_fn_name " +
                                            common::quote(*config.similarity_fn_name) + " is not known; using cosine");
      }
    }
    require_positive(options.truncate_dim);
    if (options.truncate_dim) {
      truncate_dim = options.truncate_dim;
    } else if (config.truncate_dim) {
      truncate_dim = static_cast<size_t>(*config.truncate_dim);
    }
    if (options.max_seq_length) pipeline.input().set_max_seq_length(*options.max_seq_length);
  }

  // prompt > prompt_name > default_prompt_name (features 2-16)
  const std::string& resolve_prompt(const EncodeOptions& options) const {
    static const std::string kNone;
    if (options.prompt) return *options.prompt;
    const auto& name = options.prompt_name ? options.prompt_name : default_prompt_name;
    if (!name) return kNone;
    const auto found = prompts.find(*name);
    if (found == prompts.end()) {
      throw InvalidArgumentError("prompt name " + common::quote(*name) +
                                 " is not one of the model's: " + list_names(prompts));
    }
    return found->second;
  }

  models::Pipeline::Call make_call(const Inputs& inputs, const EncodeOptions& options) const {
    if (options.batch_size == 0) throw InvalidArgumentError("batch_size must be positive, found 0");
    return {.inputs = inputs,
            .prompt = resolve_prompt(options),
            .task = options.task,
            .batch_size = options.batch_size,
            .truncation = options.truncation,
            .token_counts = options.token_counts,
            .progress = options.progress};
  }

  // Of a vector of `dimension` values, as many as the call or the model keeps.
  size_t truncated(size_t dimension, const std::optional<size_t>& truncate) const {
    const auto& limit = truncate ? truncate : truncate_dim;
    return limit ? std::min(dimension, *limit) : dimension;
  }

  FloatMatrix encode(const Inputs& inputs, const EncodeOptions& options) const {
    require_positive(options.truncate_dim);
    // The first vectors tell the size: the routes of a Router may differ in theirs.
    std::once_flag first_vectors;
    FloatMatrix embeddings(0, truncated(pipeline.embedding_dimension().value_or(0), options.truncate_dim));
    auto consume = [&](const modules::Features& features, std::span<const uint32_t> texts) {
      const modules::FeatureMatrix& vectors = features.sentence_embedding;
      if (vectors.cols == 0 || vectors.rows != texts.size()) {
        throw InvalidModelError("the modules of " + common::quote(folder.string()) + " make no sentence embedding");
      }
      std::call_once(first_vectors,
                     [&] { embeddings = FloatMatrix(inputs.size(), truncated(vectors.cols, options.truncate_dim)); });
      for (size_t i = 0; i < texts.size(); ++i) {
        const auto row = embeddings.row(texts[i]);
        std::copy_n(vectors.row(i), row.size(), row.data());
        if (options.normalize_embeddings) nn::l2_normalize_rows(row.data(), 1, row.size());
        require_finite(row, texts[i]);
      }
    };
    const models::UniqueInputs unique = pipeline.run(make_call(inputs, options), consume);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const size_t original = unique.first[unique.group[i]];
      if (original != i) std::ranges::copy(embeddings.row(original), embeddings.row(i).data());
    }
    return embeddings;
  }

  std::vector<FloatMatrix> encode_token_embeddings(const Inputs& inputs, const EncodeOptions& options) const {
    std::vector<FloatMatrix> matrices(inputs.size());
    auto consume = [&](const modules::Features& features, std::span<const uint32_t> texts) {
      const modules::FeatureMatrix& tokens = features.token_embeddings;
      if (tokens.cols == 0) {
        throw InvalidArgumentError("the model " + common::quote(folder.string()) + " makes no token embeddings");
      }
      for (size_t i = 0; i < texts.size(); ++i) {
        FloatMatrix& matrix = matrices[texts[i]];
        matrix = FloatMatrix(features.batch.length(i), tokens.cols);
        std::copy_n(tokens.row(features.batch.offsets[i]), matrix.rows() * matrix.cols(), matrix.data());
        require_finite(matrix.values(), texts[i]);
      }
    };
    const models::UniqueInputs unique = pipeline.run(make_call(inputs, options), consume);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const size_t original = unique.first[unique.group[i]];
      if (original != i) matrices[i] = matrices[original];
    }
    return matrices;
  }

  std::filesystem::path folder;
  bool is_default_stack;
  formats::SentenceTransformersConfig config;
  models::Pipeline pipeline;
  std::map<std::string, std::string> prompts;
  std::optional<std::string> default_prompt_name;
  SimilarityFunction similarity_function = SimilarityFunction::kCosine;
  std::optional<size_t> truncate_dim;
};

SentenceTransformer::SentenceTransformer(const std::string& name_or_path, const ModelOptions& options)
    : impl_(new Impl(models::find_model_folder(name_or_path), options)) {}
SentenceTransformer::~SentenceTransformer() = default;
SentenceTransformer::SentenceTransformer(SentenceTransformer&&) noexcept = default;
SentenceTransformer& SentenceTransformer::operator=(SentenceTransformer&&) noexcept = default;

FloatMatrix SentenceTransformer::encode(const Inputs& inputs, const EncodeOptions& options) const {
  return impl_->encode(inputs, options);
}

std::vector<float> SentenceTransformer::encode_one(std::string_view text, const EncodeOptions& options) const {
  const FloatMatrix embeddings = encode(std::vector{text}, options);
  return {embeddings.values().begin(), embeddings.values().end()};
}

namespace {

// The task, and the prompt named after it, which every model has, unless the call names another (features 2-17, 2-18).
EncodeOptions for_task(EncodeOptions options, const char* task) {
  if (!options.prompt && !options.prompt_name) options.prompt_name = task;
  options.task = task;
  return options;
}

}  // namespace

FloatMatrix SentenceTransformer::encode_query(const Inputs& inputs, const EncodeOptions& options) const {
  return impl_->encode(inputs, for_task(options, "query"));
}

FloatMatrix SentenceTransformer::encode_document(const Inputs& inputs, const EncodeOptions& options) const {
  return impl_->encode(inputs, for_task(options, "document"));
}

Embeddings SentenceTransformer::encode(const Inputs& inputs, Precision precision, const EncodeOptions& options,
                                       const QuantizeOptions& quantize) const {
  return quantize_embeddings(encode(inputs, options), precision, quantize);
}

std::vector<FloatMatrix> SentenceTransformer::encode_token_embeddings(const Inputs& inputs,
                                                                      const EncodeOptions& options) const {
  return impl_->encode_token_embeddings(inputs, options);
}

std::vector<TokenizedText> SentenceTransformer::tokenize(const Inputs& inputs, const EncodeOptions& options) const {
  const auto call = impl_->make_call(inputs, options);
  std::vector<TokenizedText> texts;
  texts.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    texts.push_back(models::to_tokenized_text(impl_->pipeline.tokenize(call, i), [&](int32_t id) {
      return impl_->pipeline.input().id_to_token(id, call.task);
    }));
  }
  return texts;
}

FloatMatrix SentenceTransformer::similarity(MatrixView embeddings1, MatrixView embeddings2) const {
  return sbert::similarity(embeddings1, embeddings2, impl_->similarity_function);
}

std::vector<float> SentenceTransformer::similarity_pairwise(MatrixView embeddings1, MatrixView embeddings2) const {
  return sbert::similarity_pairwise(embeddings1, embeddings2, impl_->similarity_function);
}

SimilarityFunction SentenceTransformer::similarity_function() const {
  return impl_->similarity_function;
}

void SentenceTransformer::set_similarity_function(SimilarityFunction function) {
  impl_->similarity_function = function;
}

std::optional<size_t> SentenceTransformer::max_seq_length() const {
  return impl_->pipeline.input().max_seq_length();
}

void SentenceTransformer::set_max_seq_length(size_t tokens) {
  impl_->pipeline.input().set_max_seq_length(tokens);
}

size_t SentenceTransformer::embedding_dimension() const {
  return impl_->truncated(impl_->pipeline.embedding_dimension().value_or(0), std::nullopt);
}

const std::map<std::string, std::string>& SentenceTransformer::prompts() const {
  return impl_->prompts;
}

const std::optional<std::string>& SentenceTransformer::default_prompt_name() const {
  return impl_->default_prompt_name;
}

void SentenceTransformer::set_pooling_include_prompt(bool include_prompt) {
  for (const auto& [entry, module] : impl_->pipeline.modules()) {
    auto* pooling = dynamic_cast<modules::Pooling*>(module.get());
    if (pooling == nullptr) continue;
    pooling->set_include_prompt(include_prompt);
    return;  // the first one, as the reference
  }
}

// As the reference, a model that was saved before keeps its card, with the words and the licence of its authors.
void SentenceTransformer::save(const std::string& path) const {
  constexpr size_t kMaxCardBytes = size_t{64} << 20;
  formats::SentenceTransformersConfig config;
  config.version = models::kSavedVersion;
  config.model_type = "SentenceTransformer";
  config.prompts = impl_->prompts;
  config.default_prompt_name = impl_->default_prompt_name;
  config.similarity_fn_name = similarity_function_name(impl_->similarity_function);
  if (impl_->truncate_dim) config.truncate_dim = static_cast<int64_t>(*impl_->truncate_dim);
  const std::filesystem::path card = impl_->folder / "README.md";
  const bool has_card = !impl_->is_default_stack && formats::has_entry(card);
  models::save_model(impl_->pipeline, impl_->folder, config,
                     has_card ? common::read_small_file(card, kMaxCardBytes) : models::write_model_card(info()), path);
}

ModelInfo SentenceTransformer::info() const {
  ModelInfo info = models::describe(impl_->pipeline, impl_->folder);
  info.embedding_dimension = embedding_dimension();
  info.format_version = impl_->config.version;
  info.similarity_function = similarity_function_name(impl_->similarity_function);
  info.prompts = impl_->prompts;
  info.default_prompt_name = impl_->default_prompt_name;
  info.truncate_dim = impl_->truncate_dim;
  return info;
}

}  // namespace sbert
