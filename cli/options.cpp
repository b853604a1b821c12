#include "options.h"

#include "errors.h"

namespace sbert::cli {
namespace {

constexpr size_t kMaxThreads = 1024;
constexpr size_t kMaxCount = 1'000'000'000;

}  // namespace

void add_options(ArgumentParser& parser, GlobalOptions& options) {
  parser.group("Everywhere");
  parser.number("--threads", options.threads, kMaxThreads, "N", "threads to use (default: what the machine grants)");
  parser.choice("--precision", options.precision, {"fp32", "bf16", "int8"}, "of the computation (default: fp32)");
  parser.choice("--device", options.device, {"cpu"}, "where to compute (default: cpu)");
  parser.flag("--no-mmap", options.no_mmap, "read the weights into memory in place of mapping their file");
  parser.flag("--quiet", options.quiet, "no warnings and no progress bar");
  parser.flag("--verbose", options.verbose, "say what is done");
}

void add_options(ArgumentParser& parser, PromptOptions& options) {
  parser.text("--prompt-name", options.prompt_name, "NAME", "put the model's prompt of this name before each text");
  parser.text("--prompt", options.prompt, "TEXT", "put this text before each text");
  parser.text("--task", options.task, "TASK",
              "query or document, as encode_query and encode_document; or a route of the model's Router");
}

void add_options(ArgumentParser& parser, EncodingOptions& options) {
  add_options(parser, options.prompts);
  parser.flag("--normalize", options.normalize, "divide each vector by its length");
  add_truncate_dim(parser, options.truncate_dim);
  parser.number("--batch-size", options.batch_size, kMaxCount, "B", "most texts computed at once (no result changes)");
  add_max_seq_length(parser, options.max_seq_length);
}

void add_max_seq_length(ArgumentParser& parser, std::optional<size_t>& value) {
  parser.number("--max-seq-length", value, kMaxCount, "L", "most tokens of a text, special tokens included");
}

void add_truncate_dim(ArgumentParser& parser, std::optional<size_t>& value) {
  parser.number("--truncate-dim", value, kMaxCount, "D", "keep the first D values of each vector");
}

std::string take_model(std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("no MODEL: give the folder of a model");
  std::string model = std::move(words.front());
  words.erase(words.begin());
  return model;
}

}  // namespace sbert::cli
