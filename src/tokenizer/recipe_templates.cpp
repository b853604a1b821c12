// Which special tokens the classes put around texts.

#include <string>
#include <utility>

#include "tokenizer/class_recipes.h"

namespace sbert::tokenizer::recipes {
namespace {

/// The pieces of a TemplateProcessing: special tokens by content, and the two texts.
class Template {
 public:
  explicit Template(const IdOf& id_of) : id_of_(id_of) {}

  Template& token(const std::string& content, int type_id = 0) {
    pieces_.push_back({{"SpecialToken", {{"id", content}, {"type_id", type_id}}}});
    special_[content] = {{"id", content}, {"ids", Json::array({id_of_(content)})}, {"tokens", Json::array({content})}};
    return *this;
  }
  Template& text(const char* name, int type_id = 0) {
    pieces_.push_back({{"Sequence", {{"id", name}, {"type_id", type_id}}}});
    return *this;
  }
  static Json block(const Template& single, const Template& pair) {
    Json special = single.special_;
    special.update(pair.special_);
    return {{"type", "TemplateProcessing"},
            {"single", single.pieces_},
            {"pair", pair.pieces_},
            {"special_tokens", special}};
  }

 private:
  const IdOf& id_of_;
  Json pieces_ = Json::array(), special_ = Json::object();
};

// <s> A </s></s> B </s> with the two tokens of these names
Json double_separator(const Folder& folder, const char* first, const char* last, const IdOf& id_of) {
  const std::string& cls = folder.special[first];
  const std::string& sep = folder.special[last];
  Template single(id_of), pair(id_of);
  single.token(cls).text("A").token(sep);
  pair.token(cls).text("A").token(sep).token(sep).text("B").token(sep);
  return Template::block(single, pair);
}

}  // namespace

Json bert_template(const Folder& folder, const IdOf& id_of) {
  const std::string& cls = folder.special["cls_token"];
  const std::string& sep = folder.special["sep_token"];
  Template single(id_of), pair(id_of);
  single.token(cls).text("A").token(sep);
  pair.token(cls).text("A").token(sep).text("B", 1).token(sep, 1);
  return Template::block(single, pair);
}

Json cls_sep_template(const Folder& folder, const IdOf& id_of) {
  return double_separator(folder, "cls_token", "sep_token", id_of);
}

Json bos_eos_template(const Folder& folder, const IdOf& id_of) {
  return double_separator(folder, "bos_token", "eos_token", id_of);
}

Json t5_template(const Folder& folder, const IdOf& id_of) {
  const std::string& eos = folder.special["eos_token"];
  Template single(id_of), pair(id_of);
  single.text("A").token(eos);
  pair.text("A").token(eos).text("B").token(eos);
  return Template::block(single, pair);
}

Json optional_bos_eos(const Folder& folder, const IdOf& id_of) {
  const bool bos = folder.flag("add_bos_token", false) && folder.special.has("bos_token");
  const bool eos = folder.flag("add_eos_token", false) && folder.special.has("eos_token");
  const auto add_text = [&](Template& out, const char* name, int type_id) {
    if (bos) out.token(folder.special["bos_token"], type_id);
    out.text(name, type_id);
    if (eos) out.token(folder.special["eos_token"], type_id);
  };
  Template single(id_of), pair(id_of);
  add_text(single, "A", 0);
  add_text(pair, "A", 0);
  add_text(pair, "B", 1);
  return Template::block(single, pair);
}

// AlbertTokenizer sets its template before it looks at these two options.
Json albert_template(const Folder& folder, const IdOf& id_of) {
  const bool asked = folder.config.has("add_bos_token") || folder.config.has("add_eos_token");
  return asked ? optional_bos_eos(folder, id_of) : bert_template(folder, id_of);
}

}  // namespace sbert::tokenizer::recipes
