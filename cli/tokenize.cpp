// sbert tokenize MODEL [TEXT...]: the tokens that the first module of a model receives.
#include <algorithm>
#include <functional>
#include <memory>
#include <sys/stat.h>

#include <sbert/sentence_transformer.h>
#include <sbert/tokenizer.h>

#include "commands.h"
#include "errors.h"
#include "input.h"
#include "json.h"
#include "message.h"
#include "model.h"
#include "output.h"
#include "rows.h"
#include "suffix.h"
#include "truncation.h"

namespace sbert::cli {
namespace {

constexpr const char* kDescription = "Show the tokens a model receives: one JSON object a text.";

/// Texts -> tokens, by a whole model or by a folder that holds only a tokenizer.
using Tokenize = std::function<std::vector<TokenizedText>(const Inputs&)>;

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_tokenizer_only(const std::string& folder) {
  return exists(folder) && !exists(folder + "/modules.json") && !exists(folder + "/config.json");
}

Tokenize model_tokenizer(const std::string& name, const GlobalOptions& global, const PromptOptions& prompts,
                         std::optional<size_t> max_seq_length) {
  const auto model = std::make_shared<SentenceTransformer>(load_model(name, global, max_seq_length));
  EncodeOptions options;
  options.prompt = prompts.prompt;
  options.task = prompts.task.value_or("");
  options.prompt_name = prompts.prompt_name ? prompts.prompt_name : task_prompt_name(*model, prompts);
  if (!options.prompt && !options.prompt_name) options.prompt = "";  // the model's default prompt was not asked for
  return [model, options](const Inputs& inputs) { return model->tokenize(inputs, options); };
}

Tokenize folder_tokenizer(const std::string& folder, const PromptOptions& prompts,
                          std::optional<size_t> max_seq_length) {
  if (prompts.prompt_name && !prompts.prompt) {
    throw RunError("no prompt is named " + quote(*prompts.prompt_name) + ": " + quote(folder) +
                   " holds a tokenizer and no model");
  }
  const auto tokenizer = std::make_shared<Tokenizer>(folder);
  if (max_seq_length) tokenizer->set_max_seq_length(max_seq_length);
  return [tokenizer](const Inputs& inputs) { return tokenizer->tokenize(inputs); };
}

void append_strings(std::string& out, const std::vector<std::string>& strings) {
  out += '[';
  for (size_t i = 0; i < strings.size(); ++i) {
    if (i != 0) out += ", ";
    append_json_string(out, strings[i]);
  }
  out += ']';
}

class TokenizeCommand {
 public:
  void parse(const Arguments& arguments);
  void run();

 private:
  void tokenize_and_write(const Tokenize& tokenize, const TextList& texts, size_t texts_before);

  GlobalOptions global_;
  TextInput input_;
  PromptOptions prompts_;
  TruncationReport truncation_;
  std::string model_name_;
  bool pairs_ = false;
  std::optional<size_t> max_seq_length_;
  std::optional<std::string> output_path_;
  std::unique_ptr<OutputFile> output_;
};

void TokenizeCommand::parse(const Arguments& arguments) {
  ArgumentParser parser("tokenize", "MODEL [TEXT...]", kDescription);
  input_.add_options(parser);
  parser.flag("--pairs", pairs_, "tokenize pairs: TEXT arguments two by two, or an input of pairs");
  parser.text("--output", output_path_, "FILE.jsonl", "write to a file in place of standard output");
  add_options(parser, prompts_);
  add_max_seq_length(parser, max_seq_length_);
  truncation_.add_options(parser);
  add_options(parser, global_);

  std::vector<std::string> words = parser.parse(arguments);
  model_name_ = take_model(words);
  input_.check(std::move(words), pairs_ ? Shape::kPairs : Shape::kAny);
  if (output_path_ && lower_suffix(*output_path_) != ".jsonl") {
    throw UsageError("--output " + quote(*output_path_) + " must end with .jsonl: tokens are written as JSON lines");
  }
  truncation_.check(output_path_);
}

void TokenizeCommand::run() {
  prepare(global_);
  output_ = output_path_ ? std::make_unique<OutputFile>(*output_path_) : OutputFile::standard_output();
  truncation_.open();
  const bool streaming = input_.is_stream() && !output_path_;
  const bool tokenizer_only = is_tokenizer_only(model_name_);
  const auto prepared = [&](TextList texts) {
    return tokenizer_only && prompts_.prompt ? texts.with_prompt(*prompts_.prompt) : texts;
  };
  TextList texts;
  if (!streaming) texts = prepared(input_.read());
  const Tokenize tokenize = tokenizer_only ? folder_tokenizer(model_name_, prompts_, max_seq_length_)
                                           : model_tokenizer(model_name_, global_, prompts_, max_seq_length_);
  if (streaming) {
    TextStream stream(input_);
    while (stream.next(texts)) {
      texts = prepared(std::move(texts));
      tokenize_and_write(tokenize, texts, stream.texts_before());
      output_->flush();
    }
  } else {
    tokenize_and_write(tokenize, texts, 0);
  }
  output_->close();
  truncation_.close(global_.quiet);
  output_->publish();
  truncation_.publish();
}

void TokenizeCommand::tokenize_and_write(const Tokenize& tokenize, const TextList& texts, size_t texts_before) {
  // With --truncation error nothing is written before all texts are known to fit.
  const size_t piece = truncation_.is_error() ? texts.size() : 1024;
  std::string line;
  for (size_t begin = 0; begin < texts.size(); begin += piece) {
    const std::vector<TokenizedText> results = tokenize(texts.inputs(begin, std::min(begin + piece, texts.size())));
    std::vector<TokenCount> counts;
    for (const TokenizedText& result : results) {
      counts.push_back({result.input_ids.size() + result.truncated, result.input_ids.size()});
      if (truncation_.is_error() && result.truncated != 0) {
        throw RunError("text " + std::to_string(texts_before + begin + counts.size() - 1) + " (counted from 0) has " +
                       std::to_string(counts.back().tokens) + " tokens, the model takes " +
                       std::to_string(counts.back().used) + " (--truncation error)");
      }
    }
    truncation_.add(counts);
    for (const TokenizedText& result : results) {
      line = "{\"input_ids\": ";
      append_array(line, std::span<const int32_t>(result.input_ids));
      line += ", \"token_type_ids\": ";
      append_array(line, std::span<const int32_t>(result.token_type_ids));
      line += ", \"tokens\": ";
      append_strings(line, result.tokens);
      line += ", \"truncated\": ";
      append_number(line, result.truncated);
      line += "}\n";
      output_->write(line);
    }
  }
}

}  // namespace

void run_tokenize(const Arguments& arguments) {
  TokenizeCommand command;
  command.parse(arguments);
  command.run();
}

}  // namespace sbert::cli
