#include "truncation.h"

#include <algorithm>

#include "errors.h"
#include "message.h"
#include "number.h"
#include "suffix.h"

namespace sbert::cli {

void TruncationReport::add_options(ArgumentParser& parser) {
  parser.choice("--truncation", policy_, {"warn", "error", "silent"}, "texts longer than the model takes are cut");
  parser.text("--report", path_, "FILE.jsonl", "write {\"tokens\": n, \"used\": m} for each text");
}

void TruncationReport::check(const std::optional<std::string>& output) const {
  if (!path_) return;
  if (lower_suffix(*path_) != ".jsonl") throw UsageError("--report " + quote(*path_) + " must end with .jsonl");
  if (path_ == output) throw UsageError("--report and --output name the same file");
}

void TruncationReport::open() {
  if (path_) file_ = std::make_unique<OutputFile>(*path_);
}

TruncationPolicy TruncationReport::policy() const {
  return is_error() ? TruncationPolicy::kError : TruncationPolicy::kSilent;
}

void TruncationReport::add(std::span<const TokenCount> counts) {
  std::string line;
  for (const TokenCount& count : counts) {
    ++texts_;
    if (count.used < count.tokens) {
      ++cut_;
      limit_ = std::max(limit_, count.used);
    }
    if (!file_) continue;
    line = "{\"tokens\": ";
    append_number(line, count.tokens);
    line += ", \"used\": ";
    append_number(line, count.used);
    line += "}\n";
    file_->write(line);
  }
}

void TruncationReport::close(bool quiet) {
  if (file_) file_->close();
  if (cut_ == 0 || quiet || policy_ != "warn") return;
  print_message("warning", std::to_string(cut_) + " of " + std::to_string(texts_) + " texts were cut to " +
                               std::to_string(limit_) + " tokens");
}

void TruncationReport::publish() {
  if (file_) file_->publish();
}

}  // namespace sbert::cli
