#include "model.h"

#include <sbert/error.h>
#include <sbert/logging.h>
#include <sbert/runtime.h>

#include "errors.h"
#include "message.h"
#include "rows.h"

namespace sbert::cli {

void prepare(const GlobalOptions& options) {
  if (options.quiet && options.verbose) throw UsageError("--quiet and --verbose do not go together");
  try {
    cpu_level();
  } catch (const InvalidArgumentError& e) {  // SBERT_FORCE_CPU
    throw UsageError(e.what());
  }
  if (options.precision != "fp32") {
    throw RunError("--precision " + options.precision + " is not built yet: this version computes in fp32");
  }
  if (options.threads) set_num_threads(*options.threads);
  if (options.quiet) return;
  set_log_callback([verbose = options.verbose](LogLevel level, std::string_view message) {
    if (level == LogLevel::kWarning) {
      print_message("warning", message);
    } else if (verbose) {
      print_message(level == LogLevel::kInfo ? "info" : "debug", message);
    }
  });
}

SentenceTransformer load_model(const std::string& name, const GlobalOptions& options,
                               std::optional<size_t> max_seq_length) {
  ModelOptions model_options;
  model_options.copy_weights = options.no_mmap;
  model_options.max_seq_length = max_seq_length;
  return SentenceTransformer(name, model_options);
}

EncodeOptions encode_options(const EncodingOptions& options) {
  EncodeOptions result;
  result.prompt_name = options.prompts.prompt_name;
  result.prompt = options.prompts.prompt;
  result.task = options.prompts.task.value_or("");
  result.normalize_embeddings = options.normalize;
  result.truncate_dim = options.truncate_dim;
  if (options.batch_size) result.batch_size = *options.batch_size;
  return result;
}

FloatMatrix encode(const SentenceTransformer& model, const Inputs& inputs, const EncodingOptions& options,
                   const EncodeOptions& encode_options) {
  const std::optional<std::string>& task = options.prompts.task;
  FloatMatrix vectors = task == "query"      ? model.encode_query(inputs, encode_options)
                        : task == "document" ? model.encode_document(inputs, encode_options)
                                             : model.encode(inputs, encode_options);
  check_finite(vectors.values(), vectors.cols(), "vector");
  return vectors;
}

std::optional<std::string> task_prompt_name(const SentenceTransformer& model, const PromptOptions& options) {
  std::vector<const char*> names;
  if (options.task == "query") names = {"query"};
  if (options.task == "document") names = {"document", "passage", "corpus"};
  for (const char* name : names) {
    if (model.prompts().contains(name)) return name;
  }
  return std::nullopt;
}

void run_batch(size_t texts_before, const std::function<void()>& encode_batch) {
  try {
    encode_batch();
  } catch (const InvalidArgumentError& e) {
    if (texts_before == 0) throw;
    throw RunError("in the batch that begins with line " + std::to_string(texts_before + 1) + ": " + e.what());
  }
}

}  // namespace sbert::cli
