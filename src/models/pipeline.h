#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sbert/sentence_transformer.h>

#include "models/encode_plan.h"
#include "models/module_list.h"
#include "modules/module.h"

namespace sbert::models {

/// The modules of a model, and the way of many texts through them: pieces of work of whole texts, each tokenized
/// and computed by one thread from start to end, equal inputs once.
class Pipeline {
 public:
  /// At least one module; throws UnsupportedError where the first does not read text. `folder` is for messages.
  Pipeline(std::vector<NamedModule> modules, const std::filesystem::path& folder);
  ~Pipeline();

  struct Call {
    const Inputs& inputs;
    std::string_view prompt;
    modules::Task task;
    size_t batch_size = 32;
    TruncationPolicy truncation = TruncationPolicy::kWarn;
    std::vector<TokenCount>* token_counts = nullptr;
    const std::function<void(size_t done, size_t total)>& progress;
  };
  /// Receives the features of one computed batch and the number of the input that each of its texts stands for. Called
  /// from several threads at once.
  using Consumer = std::function<void(const modules::Features& features, std::span<const uint32_t> inputs)>;

  /// Runs every distinct input through all modules. Returns the groups of equal inputs: `consume` saw the first of
  /// each.
  UniqueInputs run(const Call& call, const Consumer& consume) const;

  /// As the first module receives it.
  tokenizer::Encoding tokenize(const Call& call, size_t input) const;

  const std::vector<NamedModule>& modules() const noexcept { return modules_; }
  modules::InputModule& input() const noexcept { return *input_; }
  /// Size of the vectors as the last module that knows it says; a call may make others, where a Router's routes differ.
  std::optional<size_t> embedding_dimension() const;

 private:
  struct Worker;  // the buffers of one thread
  std::unique_ptr<Worker> take_worker() const;
  void give_back(std::unique_ptr<Worker> worker) const;

  void tokenize(const Call& call, size_t input, Worker& worker) const;
  void require_no_truncation(const Call& call) const;
  void report_truncation(const Call& call, const std::vector<TokenCount>& counts) const;

  std::vector<NamedModule> modules_;
  modules::InputModule* input_ = nullptr;  // the first of modules_

  mutable std::mutex idle_mutex_;
  mutable std::vector<std::unique_ptr<Worker>> idle_;  // guarded by idle_mutex_
};

}  // namespace sbert::models
