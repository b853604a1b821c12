#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sbert/sentence_transformer.h>

#include "options.h"
#include "text_list.h"

// The bridge from options to the library.
namespace sbert::cli {

/// Threads, log lines, CPU level and precision of this process. Call it before a model is loaded. Throws UsageError
/// when SBERT_FORCE_CPU cannot be followed, RunError for a precision that is not built.
void prepare(const GlobalOptions& options);

SentenceTransformer load_model(const std::string& name, const GlobalOptions& options,
                               std::optional<size_t> max_seq_length);

/// The options of encode, with the task and the prompt that were asked for; the prompt that `--task` stands for is not
/// among them: encode() follows it.
EncodeOptions encode_options(const EncodingOptions& options);

/// encode, encode_query or encode_document, as --task says. All vectors are finite.
FloatMatrix encode(const SentenceTransformer& model, const Inputs& inputs, const EncodingOptions& options,
                   const EncodeOptions& encode_options);

/// The name of the prompt that --task stands for, if the model has one.
std::optional<std::string> task_prompt_name(const SentenceTransformer& model, const PromptOptions& options);

/// Runs `encode_batch`, and says in its errors how many texts came before the batch.
void run_batch(size_t texts_before, const std::function<void()>& encode_batch);

}  // namespace sbert::cli
