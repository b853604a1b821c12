#include "models/pipeline.h"

#include <algorithm>
#include <atomic>

#include <sbert/error.h>

#include "common/log.h"
#include "common/text.h"
#include "common/thread_pool.h"

namespace sbert::models {
namespace {

// Tokens of one forward pass. Their hidden states and the queries, keys and values stay in a core's L2 cache (at H =
// 384, 192 tokens are 1.2 MB), while every weight that is read from memory serves this many rows. A longer text is a
// pass of its own.
constexpr size_t kMaxChunkTokens = 192;

// Small calls are cut finer, so that all threads have work, down to what still fills the kernels' row tiles.
constexpr size_t kMinChunkTokens = 32;
constexpr size_t kChunksPerThread = 4;

// Before a text is tokenized its length is only guessed: about four bytes a token, and the special ones.
size_t guess_tokens(const Inputs& inputs, size_t i, size_t prompt_bytes, size_t limit) {
  return std::min((prompt_bytes + inputs.first(i).size() + inputs.second(i).size()) / 4 + 2, limit);
}

}  // namespace

struct Pipeline::Worker {
  modules::Features features;
  nn::Workspace workspace;
  tokenizer::Encoding encoding;
  std::string text;              // prompt and text, joined
  std::vector<uint32_t> inputs;  // of the texts in features.batch
};

Pipeline::Pipeline(std::vector<NamedModule> modules, const std::filesystem::path& folder)
    : modules_(std::move(modules)) {
  input_ = modules_.empty() ? nullptr : dynamic_cast<modules::InputModule*>(modules_[0].module.get());
  if (input_ == nullptr) {
    throw UnsupportedError(common::quote((folder / "modules.json").string()) +
                           ": the first module must be one that reads text");
  }
  const auto reads_layers = [](const NamedModule& named) { return named.module->reads_all_layer_embeddings(); };
  if (std::any_of(modules_.begin(), modules_.end(), reads_layers)) input_->request_all_layer_embeddings();
}

Pipeline::~Pipeline() = default;

std::optional<size_t> Pipeline::embedding_dimension() const {
  for (auto module = modules_.rbegin(); module != modules_.rend(); ++module) {
    if (const auto dimension = module->module->embedding_dimension()) return dimension;
  }
  return std::nullopt;
}

std::unique_ptr<Pipeline::Worker> Pipeline::take_worker() const {
  const std::lock_guard lock(idle_mutex_);
  if (idle_.empty()) return std::make_unique<Worker>();
  auto worker = std::move(idle_.back());
  idle_.pop_back();
  return worker;
}

void Pipeline::give_back(std::unique_ptr<Worker> worker) const {
  const std::lock_guard lock(idle_mutex_);
  idle_.push_back(std::move(worker));
}

void Pipeline::tokenize(const Call& call, size_t input, Worker& worker) const {
  std::string_view first = call.inputs.first(input);
  if (!call.prompt.empty()) {
    worker.text.assign(call.prompt).append(first);
    first = worker.text;
  }
  const auto second = call.inputs.pairs() ? std::optional(call.inputs.second(input)) : std::nullopt;
  input_->tokenize(first, second, call.task, worker.encoding);
}

tokenizer::Encoding Pipeline::tokenize(const Call& call, size_t input) const {
  Worker worker;
  tokenize(call, input, worker);
  return std::move(worker.encoding);
}

void Pipeline::require_no_truncation(const Call& call) const {
  Worker worker;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    tokenize(call, i, worker);
    if (worker.encoding.truncated == 0) continue;
    const size_t used = worker.encoding.input_ids.size();
    throw InvalidArgumentError("input " + std::to_string(i) + " has " +
                               std::to_string(used + worker.encoding.truncated) + " tokens, of which only " +
                               std::to_string(used) + " fit: shorten it, or allow truncation");
  }
}

void Pipeline::report_truncation(const Call& call, const std::vector<TokenCount>& counts) const {
  size_t truncated = 0, most_used = 0;
  for (const TokenCount& count : counts) {
    if (count.used == count.tokens) continue;
    ++truncated;
    most_used = std::max(most_used, count.used);
  }
  if (truncated > 0 && call.truncation == TruncationPolicy::kWarn) {
    common::log(LogLevel::kWarning, std::to_string(truncated) + " of " + std::to_string(counts.size()) +
                                        " texts were cut to " + std::to_string(most_used) + " tokens");
  }
}

UniqueInputs Pipeline::run(const Call& call, const Consumer& consume) const {
  if (call.truncation == TruncationPolicy::kError) require_no_truncation(call);
  UniqueInputs unique = find_unique(call.inputs);
  const size_t count = unique.first.size();

  const size_t limit = input_->max_seq_length().value_or(SIZE_MAX);
  std::vector<size_t> guesses(count);
  size_t total = 0;
  for (size_t u = 0; u < count; ++u) {
    total += guesses[u] = guess_tokens(call.inputs, unique.first[u], call.prompt.size(), limit);
  }
  auto& pool = common::ThreadPool::instance();
  const size_t chunk_tokens =
      std::clamp(total / (pool.num_threads() * kChunksPerThread), kMinChunkTokens, kMaxChunkTokens);
  const std::vector<size_t> borders = plan_chunks(guesses, call.batch_size, chunk_tokens);

  const size_t prompt_length = input_->prompt_length(call.prompt, call.task);
  std::vector<TokenCount> counts(count);
  std::mutex progress_mutex;
  size_t done = 0;  // guarded by progress_mutex

  // The guess may be far off: a chunk becomes as many forward passes as its tokens need.
  auto forward = [&](Worker& worker) {
    if (worker.inputs.empty()) return;
    worker.features.prompt_length = prompt_length;
    worker.features.task = call.task;
    worker.features.modality = input_->modality();
    worker.features.clear_outputs();
    for (const NamedModule& module : modules_) module.module->forward(worker.features, worker.workspace);
    consume(worker.features, worker.inputs);
    worker.features.batch.clear();
    worker.inputs.clear();
  };
  auto run_chunk = [&](size_t chunk) {
    auto worker = take_worker();
    worker->features.batch.clear();
    worker->inputs.clear();
    for (size_t u = borders[chunk]; u < borders[chunk + 1]; ++u) {
      tokenize(call, unique.first[u], *worker);
      const tokenizer::Encoding& encoding = worker->encoding;
      counts[u] = {.tokens = encoding.input_ids.size() + encoding.truncated, .used = encoding.input_ids.size()};
      if (worker->features.batch.num_tokens() + encoding.input_ids.size() > kMaxChunkTokens) forward(*worker);
      worker->features.batch.add_text(encoding.input_ids, encoding.token_type_ids);
      worker->inputs.push_back(unique.first[u]);
    }
    forward(*worker);
    give_back(std::move(worker));
    if (call.progress) {
      const std::lock_guard lock(progress_mutex);
      done += borders[chunk + 1] - borders[chunk];
      call.progress(call.inputs.size() * done / count, call.inputs.size());
    }
  };
  pool.run(borders.size() - 1, run_chunk);

  std::vector<TokenCount> all(call.inputs.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = counts[unique.group[i]];
  report_truncation(call, all);
  if (call.token_counts != nullptr) *call.token_counts = std::move(all);
  return unique;
}

}  // namespace sbert::models
