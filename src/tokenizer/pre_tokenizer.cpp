#include "tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <span>
#include <utility>

namespace sbert::tokenizer {
namespace {

class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<PreTokenizer>> stages) : stages_(std::move(stages)) {}

  void split(std::string_view text, size_t start_bytes, WordSink& sink) const override {
    run(stages_, text, start_bytes, sink);
  }

  bool needs_start() const override {
    return std::any_of(stages_.begin(), stages_.end(), [](const auto& stage) { return stage->needs_start(); });
  }

 private:
  using Stages = std::span<const std::unique_ptr<PreTokenizer>>;

  // Hands the words of one stage to the next: nothing is stored between them.
  class NextStages final : public WordSink {
   public:
    NextStages(Stages stages, WordSink& sink) : stages_(stages), sink_(sink) {}
    void word(std::string_view word, size_t start_bytes) override { run(stages_, word, start_bytes, sink_); }

   private:
    Stages stages_;
    WordSink& sink_;
  };

  static void run(Stages stages, std::string_view text, size_t start_bytes, WordSink& sink) {
    if (stages.empty()) return sink.word(text, start_bytes);
    if (stages.size() == 1) return stages[0]->split(text, start_bytes, sink);
    NextStages next(stages.subspan(1), sink);
    stages[0]->split(text, start_bytes, next);
  }

  std::vector<std::unique_ptr<PreTokenizer>> stages_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers) {
  return std::make_unique<PreTokenizerSequence>(std::move(pre_tokenizers));
}

}  // namespace sbert::tokenizer
