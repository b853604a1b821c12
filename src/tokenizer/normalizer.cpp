#include "tokenizer/normalizer.h"

#include <cstdint>
#include <utility>

namespace sbert::tokenizer {
namespace {

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> normalizers)
      : normalizers_(std::move(normalizers)) {}

  void normalize(std::string_view text, std::string& out) const override {
    if (normalizers_.empty()) {
      out.assign(text);
      return;
    }
    std::string previous;
    for (size_t i = 0; i < normalizers_.size(); ++i) {
      if (i > 0) previous.swap(out);
      normalizers_[i]->normalize(i == 0 ? text : std::string_view(previous), out);
    }
  }

  size_t start_bytes(std::string_view text, size_t start_bytes, std::string_view) const override {
    std::string before(text), after;
    for (const auto& normalizer : normalizers_) {
      normalizer->normalize(before, after);
      start_bytes = normalizer->start_bytes(before, start_bytes, after);
      // Of a first character that was composed with the next one, all counts.
      while (start_bytes < after.size() && (static_cast<uint8_t>(after[start_bytes]) & 0xC0) == 0x80) ++start_bytes;
      before.swap(after);
    }
    return start_bytes;
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> normalizers_;
};

}  // namespace

size_t Normalizer::start_bytes(std::string_view text, size_t start_bytes, std::string_view) const {
  std::string start;
  if (start_bytes > 0) normalize(text.substr(0, start_bytes), start);
  return start.size();
}

std::unique_ptr<Normalizer> make_normalizer_sequence(std::vector<std::unique_ptr<Normalizer>> normalizers) {
  return std::make_unique<NormalizerSequence>(std::move(normalizers));
}

}  // namespace sbert::tokenizer
