// sbert info MODEL: what a model folder holds and how it will be computed.
#include <nlohmann/json.hpp>

#include <sbert/runtime.h>
#include <sbert/sentence_transformer.h>
#include <sbert/version.h>

#include "commands.h"
#include "errors.h"
#include "message.h"
#include "model.h"
#include "output.h"

namespace sbert::cli {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string json_text(const ModelInfo& info) {
  Json modules = Json::array();
  for (const ModuleInfo& module : info.modules) {
    modules.push_back({{"idx", module.idx},
                       {"name", module.name},
                       {"path", module.path},
                       {"type", module.type},
                       {"description", module.description}});
  }
  const Json object = {{"folder", info.folder},
                       {"architecture", info.architecture},
                       {"modules", std::move(modules)},
                       {"embedding_dimension", or_null(info.embedding_dimension)},
                       {"max_seq_length", or_null(info.max_seq_length)},
                       {"num_parameters", info.num_parameters},
                       {"format_version", info.format_version},
                       {"similarity_function", info.similarity_function},
                       {"prompts", Json(info.prompts)},
                       {"default_prompt_name", or_null(info.default_prompt_name)},
                       {"truncate_dim", or_null(info.truncate_dim)},
                       {"tokenizer", info.tokenizer},
                       {"weight_files", info.weight_files},
                       {"notes", info.notes},
                       {"cpu_level", info.cpu_level},
                       {"precision", info.precision},
                       {"threads", num_threads()},
                       {"version", SBERT_VERSION}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// 22713216 -> "22,713,216"
std::string with_commas(size_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

class Table {
 public:
  void row(const std::string& label, const std::string& value) {
    text_ += label + std::string(label.size() < kWidth ? kWidth - label.size() : 1, ' ') + one_line(value) + "\n";
  }
  void line(const std::string& line) { text_ += one_line(line) + "\n"; }
  const std::string& text() const { return text_; }

 private:
  static constexpr size_t kWidth = 22;
  std::string text_;
};

std::string number_or(const std::optional<size_t>& number, const char* otherwise) {
  return number ? std::to_string(*number) : otherwise;
}

std::string human_text(const ModelInfo& info) {
  Table table;
  table.row("folder", info.folder);
  table.row("architecture", info.architecture);
  table.row("parameters", with_commas(info.num_parameters));
  table.row("embedding dimension", number_or(info.embedding_dimension, "unknown"));
  if (info.truncate_dim) table.row("truncated to", std::to_string(*info.truncate_dim));
  table.row("max sequence length", number_or(info.max_seq_length, "no limit"));
  table.row("similarity", info.similarity_function);
  table.row("written by version", info.format_version.empty() ? "unknown" : info.format_version);
  table.row("tokenizer", info.tokenizer);
  for (const std::string& file : info.weight_files) table.row("weights", file);
  for (const auto& [name, prompt] : info.prompts) {
    table.row("prompt",
              "\"" + name + "\": \"" + prompt + "\"" + (info.default_prompt_name == name ? " (default)" : ""));
  }
  table.row("computed as", info.precision + " on " + info.cpu_level + ", " + std::to_string(num_threads()) +
                               (num_threads() == 1 ? " thread" : " threads"));
  table.line("SentenceTransformer(");
  for (const ModuleInfo& module : info.modules) table.line("  (" + module.name + "): " + module.description);
  table.line(")");
  for (const std::string& note : info.notes) table.row("note", note);
  return table.text();
}

}  // namespace

void run_info(const Arguments& arguments) {
  GlobalOptions global;
  bool json = false;
  ArgumentParser parser("info", "MODEL", "Describe a model: modules, dimensions, files, and how it is computed.");
  parser.flag("--json", json, "print one JSON object");
  add_options(parser, global);
  std::vector<std::string> words = parser.parse(arguments);
  const std::string name = take_model(words);
  if (!words.empty()) throw UsageError("info takes one MODEL, found also " + quote(words.front()));

  prepare(global);
  const ModelInfo info = load_model(name, global, std::nullopt).info();
  const auto output = OutputFile::standard_output();
  output->write(json ? json_text(info) : human_text(info));
  output->close();
}

}  // namespace sbert::cli
