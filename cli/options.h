#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arguments.h"

// Options that several commands share. The names are those of the command line.
namespace sbert::cli {

struct GlobalOptions {
  std::optional<size_t> threads;
  std::string precision = "fp32";
  std::string device = "cpu";
  bool no_mmap = false;
  bool quiet = false;
  bool verbose = false;
};
void add_options(ArgumentParser& parser, GlobalOptions& options);

struct PromptOptions {
  std::optional<std::string> prompt_name;
  std::optional<std::string> prompt;
  std::optional<std::string> task;  // "query", "document" or a route of a Router
};
void add_options(ArgumentParser& parser, PromptOptions& options);

/// How texts become vectors.
struct EncodingOptions {
  PromptOptions prompts;
  bool normalize = false;
  std::optional<size_t> truncate_dim;
  std::optional<size_t> batch_size;
  std::optional<size_t> max_seq_length;
};
void add_options(ArgumentParser& parser, EncodingOptions& options);
void add_max_seq_length(ArgumentParser& parser, std::optional<size_t>& value);
void add_truncate_dim(ArgumentParser& parser, std::optional<size_t>& value);

/// Takes MODEL from the front of `words`. Throws UsageError when it is not there.
std::string take_model(std::vector<std::string>& words);

}  // namespace sbert::cli
