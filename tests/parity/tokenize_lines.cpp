// The tokenizer as a filter, for tokenizer_parity.py: one JSON object a line in, one a line out.
//   in   {"text": "..."} or {"text_hex": "<bytes>"}, and "pair" / "pair_hex" likewise
//   out  {"ids": [...], "type_ids": [...], "truncated": n} or {"error": "..."}
// Usage: tokenize_lines FOLDER [--max-length N] [--no-special-tokens] [--do-lower-case] [--time]
// --time reads all lines first and says on standard error how long the tokenizer alone took: "load" seconds, then of a
// first pass over all texts and of a second one.

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <sbert/error.h>

#include "tokenizer/tokenizer.h"

namespace {

using sbert::tokenizer::EncodeOptions;
using sbert::tokenizer::Encoding;
using sbert::tokenizer::Tokenizer;

struct Input {
  std::string text;
  std::optional<std::string> pair;
};

std::optional<std::string> read_text(const nlohmann::json& line, const std::string& key) {
  if (line.contains(key)) return line.at(key).get<std::string>();
  if (!line.contains(key + "_hex")) return std::nullopt;
  const std::string hex = line.at(key + "_hex").get<std::string>();
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

void append(std::string& out, const std::vector<int32_t>& numbers) {
  out += '[';
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(numbers[i]);
  }
  out += ']';
}

std::string tokenize(const Tokenizer& tokenizer, const Input& input, const EncodeOptions& options, Encoding& encoding) {
  std::string out;
  try {
    if (input.pair) {
      tokenizer.encode_pair(input.text, *input.pair, options, encoding);
    } else {
      tokenizer.encode(input.text, options, encoding);
    }
    out = "{\"ids\":";
    append(out, encoding.input_ids);
    out += ",\"type_ids\":";
    append(out, encoding.token_type_ids);
    out += ",\"truncated\":" + std::to_string(encoding.truncated) + "}\n";
  } catch (const sbert::Error& error) {
    out = nlohmann::json{{"error", error.what()}}.dump() + "\n";
  }
  return out;
}

int run(int argc, char** argv) {
  EncodeOptions options;
  sbert::tokenizer::LoadOptions load;
  bool timed = false;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--max-length" && i + 1 < argc) options.max_length = std::stoull(argv[++i]);
    if (argument == "--no-special-tokens") options.add_special_tokens = false;
    if (argument == "--do-lower-case") load.do_lower_case = true;
    if (argument == "--time") timed = true;
  }
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const auto load_start = Clock::now();
  const Tokenizer tokenizer = Tokenizer::load(argv[1], load);
  if (timed) std::cerr << "load " << seconds_since(load_start) << "\n";

  std::vector<Input> inputs;
  Encoding encoding;
  for (std::string line; std::getline(std::cin, line);) {
    const auto json = nlohmann::json::parse(line);
    Input input{read_text(json, "text").value(), read_text(json, "pair")};
    if (timed) {
      inputs.push_back(std::move(input));
    } else {
      std::cout << tokenize(tokenizer, input, options, encoding);
    }
  }
  for (const char* pass : {"first_seconds", "seconds"}) {
    if (!timed) break;
    size_t tokens = 0;
    const auto start = Clock::now();
    for (const Input& input : inputs) {
      tokenizer.encode(input.text, options, encoding);
      tokens += encoding.input_ids.size();
    }
    std::cerr << pass << " " << seconds_since(start) << " tokens " << tokens << "\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: tokenize_lines FOLDER [--max-length N] [--no-special-tokens] [--do-lower-case] [--time]\n";
    return 2;
  }
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
