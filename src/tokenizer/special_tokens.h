#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json.h"
#include "tokenizer/added_vocabulary.h"

namespace sbert::tokenizer {

/// The special and added tokens of a folder without tokenizer.json: what the class has, changed by
/// tokenizer_config.json, and by special_tokens_map.json and added_tokens.json where that is older than
/// transformers 4.34 (has no `added_tokens_decoder`).
class SpecialTokens {
 public:
  /// Name ("cls_token") and content ("[CLS]").
  using Defaults = std::vector<std::pair<const char*, const char*>>;

  /// `config` is tokenizer_config.json, or an empty object.
  SpecialTokens(const Defaults& defaults, const std::filesystem::path& folder, const common::JsonObject& config);

  /// Where the files name none themselves.
  void set_default(const char* name, std::string_view content);
  /// The token takes the white space before it along, unless the files describe it by more than its content.
  void strip_left(const char* name);
  void set_default_extra(std::vector<AddedToken> tokens) { default_extra_ = std::move(tokens); }

  /// The content of a named token. Throws InvalidModelError where the files have set it to null.
  const std::string& operator[](const char* name) const;
  bool has(const char* name) const { return named_.count(name) != 0; }

  /// All tokens in the order in which transformers adds them; of equal ones the last decides.
  std::vector<AddedToken> added_tokens() const;
  /// The contents of named and extra tokens, in their order.
  std::vector<std::string> special_contents() const;
  /// By id, as the files number the added tokens.
  const std::map<int64_t, AddedToken>& numbered() const noexcept { return numbered_; }

  static AddedToken special_token(std::string content) {
    return {.content = std::move(content), .normalized = false, .special = true};
  }

 private:
  static constexpr std::array kOrder = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};
  void read_named(const common::JsonObject& json);
  void read_special_tokens_map(const common::JsonObject& json);
  void read_added_tokens(const common::JsonObject& json);
  std::vector<std::string> names_in_order() const;
  std::vector<AddedToken> extra() const;

  std::string source_;
  std::map<std::string, AddedToken> named_;
  std::set<std::string> given_;      // names that the files mention
  std::set<std::string> described_;  // names whose flags they say
  std::map<int64_t, AddedToken> numbered_;
  std::optional<std::vector<AddedToken>> extra_;  // `extra_special_tokens`
  std::vector<AddedToken> default_extra_;
};

}  // namespace sbert::tokenizer
