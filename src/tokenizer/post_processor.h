#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sbert::tokenizer {

/// One piece of what a text or a pair becomes: special tokens, or the tokens of one of the texts.
struct TemplatePiece {
  enum class Kind : uint8_t { kSpecialTokens, kFirstText, kSecondText };
  Kind kind = Kind::kFirstText;
  std::vector<int32_t> ids;  ///< of kSpecialTokens
  int32_t type_id = 0;
};

/// The order of special tokens and texts, and their segment ids. Worked out once, at load: what a post-processor does
/// never depends on the tokens of a text.
class PostProcessor {
 public:
  /// None at all: the first text with type 0, the second with type 1.
  PostProcessor();
  /// `single` must not name the second text.
  PostProcessor(std::vector<TemplatePiece> single, std::vector<TemplatePiece> pair);

  /// [CLS] A [SEP] and [CLS] A [SEP] B [SEP], with type 1 from B on.
  static PostProcessor bert(int32_t cls_id, int32_t sep_id);
  /// <s> A </s> and <s> A </s> </s> B </s>, all with type 0.
  static PostProcessor roberta(int32_t cls_id, int32_t sep_id);
  /// Each works on what the one before it gives, which is a list: of the one or two texts at first, of its pieces
  /// behind a template. `source` is the file, for messages.
  static PostProcessor sequence(const std::vector<PostProcessor>& processors, const std::string& source);

  /// How many tokens there will be besides the texts', as the limit on the length of a text counts them. In a sequence
  /// `tokenizers` may then add more or fewer.
  size_t num_special_tokens(bool pair) const noexcept { return pair ? added_pair_ : added_single_; }
  /// Throws InvalidModelError where the sequence cannot be applied: a template for one or two gets another number.
  const std::vector<TemplatePiece>& pieces(bool pair, bool add_special_tokens = true) const;

 private:
  enum class StepKind : uint8_t { kTemplate, kBert, kRoberta };
  struct Step {
    StepKind kind = StepKind::kTemplate;
    std::vector<TemplatePiece> single, pair;  // of kTemplate
    int32_t cls_id = 0, sep_id = 0;           // of the others
  };
  struct Layout {
    std::vector<TemplatePiece> pieces;
    std::string error;  // why there are none
  };
  using Part = std::vector<TemplatePiece>;

  PostProcessor(std::vector<Step> steps, const std::string& source);
  static Layout lay_out(const std::vector<Step>& steps, bool pair, bool add_special_tokens, const std::string& source);
  static void apply_bert(const Step& step, std::vector<Part>& parts);
  static void apply_roberta(const Step& step, bool add_special_tokens, std::vector<Part>& parts);
  /// False when the template is not for that many parts.
  static bool apply_template(const Step& step, bool add_special_tokens, std::vector<Part>& parts);
  static size_t added_by(const Step& step, bool pair) noexcept;

  std::vector<Step> steps_;
  size_t added_single_ = 0, added_pair_ = 0;
  std::array<Layout, 4> layouts_;  // single, pair; the same without special tokens
};

}  // namespace sbert::tokenizer
