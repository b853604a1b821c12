#include "tokenizer/post_processor.h"

#include <utility>

#include <sbert/error.h>

namespace sbert::tokenizer {
namespace {

using Kind = TemplatePiece::Kind;

constexpr size_t kMaxSpecialTokens = 4096;  // far beyond any real file; bounds what one text may cost

size_t count_special(const std::vector<TemplatePiece>& pieces) {
  size_t count = 0;
  for (const TemplatePiece& piece : pieces) count += piece.ids.size();
  return count;
}

void set_type(std::vector<TemplatePiece>& pieces, int32_t type_id) {
  for (TemplatePiece& piece : pieces) piece.type_id = type_id;
}

TemplatePiece special(int32_t id, int32_t type_id) {
  return {Kind::kSpecialTokens, {id}, type_id};
}

}  // namespace

PostProcessor::PostProcessor() : PostProcessor(std::vector<Step>(), "") {}

PostProcessor::PostProcessor(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair)
    : PostProcessor({Step{StepKind::kTemplate, std::move(single), std::move(pair), 0, 0}}, "the template") {}

PostProcessor PostProcessor::bert(int32_t cls_id, int32_t sep_id) {
  return PostProcessor({Step{StepKind::kBert, {}, {}, cls_id, sep_id}}, "");
}

PostProcessor PostProcessor::roberta(int32_t cls_id, int32_t sep_id) {
  return PostProcessor({Step{StepKind::kRoberta, {}, {}, cls_id, sep_id}}, "");
}

PostProcessor PostProcessor::sequence(const std::vector<PostProcessor>& processors, const std::string& source) {
  std::vector<Step> steps;
  for (const PostProcessor& processor : processors) {
    steps.insert(steps.end(), processor.steps_.begin(), processor.steps_.end());
  }
  return PostProcessor(std::move(steps), source);
}

PostProcessor::PostProcessor(std::vector<Step> steps, const std::string& source) : steps_(std::move(steps)) {
  for (const Step& step : steps_) {
    added_single_ += added_by(step, false);
    added_pair_ += added_by(step, true);
  }
  for (size_t i = 0; i < layouts_.size(); ++i) layouts_[i] = lay_out(steps_, i % 2 != 0, i < 2, source);
}

const std::vector<TemplatePiece>& PostProcessor::pieces(bool pair, bool add_special_tokens) const {
  const Layout& layout = layouts_[(add_special_tokens ? 0u : 2u) + (pair ? 1u : 0u)];
  if (!layout.error.empty()) throw InvalidModelError(layout.error);
  return layout.pieces;
}

size_t PostProcessor::added_by(const Step& step, bool pair) noexcept {
  switch (step.kind) {
    case StepKind::kBert:
      return pair ? 3 : 2;
    case StepKind::kRoberta:
      return pair ? 4 : 2;
    case StepKind::kTemplate:
      break;
  }
  return count_special(pair ? step.pair : step.single);
}

PostProcessor::Layout PostProcessor::lay_out(const std::vector<Step>& steps, bool pair, bool add_special_tokens,
                                             const std::string& source) {
  std::vector<Part> parts = {{{Kind::kFirstText, {}, 0}}};
  if (pair) parts.push_back({{Kind::kSecondText, {}, 1}});
  for (const Step& step : steps) {
    const size_t count = parts.size();
    if (step.kind == StepKind::kRoberta) {
      apply_roberta(step, add_special_tokens, parts);
    } else if (step.kind == StepKind::kBert) {
      if (add_special_tokens) apply_bert(step, parts);
    } else if (!apply_template(step, add_special_tokens, parts)) {
      return {{},
              source + ": a template of post_processor gets " + std::to_string(count) + " parts for " +
                  (pair ? "a pair" : "a single text") + (add_special_tokens ? "" : " without special tokens") +
                  ", which it has no place for"};
    }
    size_t num_special = 0;
    for (const Part& part : parts) num_special += count_special(part);
    if (num_special > kMaxSpecialTokens) {
      throw UnsupportedError(source + ": post_processor with more than " + std::to_string(kMaxSpecialTokens) +
                             " special tokens is not supported");
    }
  }
  Layout layout;
  for (const Part& part : parts) layout.pieces.insert(layout.pieces.end(), part.begin(), part.end());
  return layout;
}

void PostProcessor::apply_bert(const Step& step, std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == 0) parts[i].insert(parts[i].begin(), special(step.cls_id, 0));
    parts[i].push_back(special(step.sep_id, i == 0 ? 0 : 1));
  }
}

void PostProcessor::apply_roberta(const Step& step, bool add_special_tokens, std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    set_type(parts[i], 0);
    if (!add_special_tokens) continue;
    parts[i].insert(parts[i].begin(), special(i == 0 ? step.cls_id : step.sep_id, 0));
    parts[i].push_back(special(step.sep_id, 0));
  }
}

bool PostProcessor::apply_template(const Step& step, bool add_special_tokens, std::vector<Part>& parts) {
  if (parts.empty() || parts.size() > 2) return false;
  std::vector<Part> result;
  for (const TemplatePiece& piece : parts.size() == 2 ? step.pair : step.single) {
    if (piece.kind == Kind::kSpecialTokens) {
      if (add_special_tokens) result.push_back({piece});
      continue;
    }
    const size_t i = piece.kind == Kind::kFirstText ? 0 : 1;
    if (i >= parts.size()) return false;
    set_type(parts[i], piece.type_id);
    result.push_back(parts[i]);
  }
  parts = std::move(result);
  return true;
}

}  // namespace sbert::tokenizer
