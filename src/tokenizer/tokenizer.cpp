#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <span>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/tokenizer_impl.h"

namespace sbert::tokenizer {
namespace {

/// Buffers that a thread keeps between calls, so that short texts allocate nothing.
struct Scratch {
  std::string valid, normalized;
  AddedVocabulary::Matches raw_matches, normalized_matches;
  std::vector<int32_t> first, second;

  /// One huge text must not occupy memory for ever.
  void trim() {
    constexpr size_t kKeep = 1 << 16;
    const auto trim_one = [](auto& buffer) {
      if (buffer.capacity() * sizeof(buffer[0]) > kKeep) std::decay_t<decltype(buffer)>().swap(buffer);
    };
    trim_one(valid), trim_one(normalized), trim_one(raw_matches), trim_one(normalized_matches);
    trim_one(first), trim_one(second);
  }
};

/// Trims on every way out.
class ScratchUse {
 public:
  ScratchUse() : scratch_(buffers()) {}
  ScratchUse(const ScratchUse&) = delete;
  ScratchUse& operator=(const ScratchUse&) = delete;
  ~ScratchUse() { scratch_.trim(); }
  Scratch& operator*() { return scratch_; }

 private:
  static Scratch& buffers() {
    thread_local Scratch scratch;
    return scratch;
  }
  Scratch& scratch_;
};

/// Where the words lie among the ids: `tokenizers` stops at the word that reaches the limit, and for a pair the number
/// of ids it has seen by then decides which text gets the odd token.
class WordBorders {
 public:
  explicit WordBorders(TruncationDirection direction) : direction_(direction) {}

  void clear() { borders_.clear(); }
  void before_word(size_t num_ids) {
    if (direction_ == TruncationDirection::kLeft) borders_.push_back(num_ids);
  }
  void after_word(size_t num_ids) {
    if (direction_ == TruncationDirection::kRight) borders_.push_back(num_ids);
  }

  /// The number of ids seen when the first word (not added token) at which `limit` is reached is done, coming from the
  /// end that is kept.
  size_t counted_under_limit(size_t num_ids, size_t limit) const {
    if (num_ids < limit) return num_ids;
    if (direction_ == TruncationDirection::kRight) {
      const auto end = std::lower_bound(borders_.begin(), borders_.end(), limit);
      return end == borders_.end() ? num_ids : *end;
    }
    const auto beyond = std::upper_bound(borders_.begin(), borders_.end(), num_ids - limit);
    return beyond == borders_.begin() ? num_ids : num_ids - *std::prev(beyond);
  }

 private:
  TruncationDirection direction_;
  std::vector<size_t> borders_;
};

/// Words to ids.
class IdCollector final : public WordSink {
 public:
  IdCollector(const Model& model, std::vector<int32_t>& ids, WordBorders* borders)
      : model_(model), ids_(ids), borders_(borders) {}

  void word(std::string_view word) override {
    if (borders_ != nullptr) borders_->before_word(ids_.size());
    model_.tokenize(word, ids_);
    if (borders_ != nullptr) borders_->after_word(ids_.size());
  }

 private:
  const Model& model_;
  std::vector<int32_t>& ids_;
  WordBorders* borders_;
};

/// One text through all components up to the model. `borders` may be null.
void tokenize(const Tokenizer::Impl& impl, std::string_view text, Scratch& scratch, std::vector<int32_t>& ids,
              WordBorders* borders) {
  ids.clear();
  if (borders != nullptr) borders->clear();
  IdCollector collector(*impl.model, ids, borders);
  const auto add_id = [&](int32_t id) { ids.push_back(id); };
  const auto tokenize_piece = [&](std::string_view piece) {
    if (impl.pre_tokenizer != nullptr) {
      impl.pre_tokenizer->split(piece, collector);
    } else {
      collector.word(piece);
    }
  };
  const auto normalize_piece = [&](std::string_view piece) {
    if (impl.normalizer != nullptr) {
      impl.normalizer->normalize(piece, scratch.normalized);
      piece = scratch.normalized;
    }
    impl.added.split(AddedVocabulary::Stage::kNormalized, piece, scratch.normalized_matches, tokenize_piece, add_id);
  };
  impl.added.split(AddedVocabulary::Stage::kRaw, common::valid_utf8(text, scratch.valid), scratch.raw_matches,
                   normalize_piece, add_id);
}

std::string list_of(size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

/// Room for the tokens of the texts.
size_t room_for_text(const Tokenizer::Impl& impl, const EncodeOptions& options, bool pair) {
  if (options.max_length == kNoLimit || !options.add_special_tokens) return options.max_length;
  const size_t special = impl.post_processor.num_special_tokens(pair);
  if (options.max_length < special) {
    throw InvalidArgumentError("max_length " + std::to_string(options.max_length) + " leaves no room for the " +
                               list_of(special, "special token") + " of this tokenizer");
  }
  return options.max_length - special;
}

std::span<const int32_t> keep(const std::vector<int32_t>& ids, size_t count, TruncationDirection direction) {
  const std::span all(ids);
  return direction == TruncationDirection::kRight ? all.first(count) : all.last(count);
}

void assemble(const PostProcessor& post_processor, bool pair, bool add_special_tokens, std::span<const int32_t> first,
              std::span<const int32_t> second, Encoding& out) {
  out.input_ids.clear();
  out.token_type_ids.clear();
  for (const TemplatePiece& piece : post_processor.pieces(pair)) {
    std::span<const int32_t> ids = piece.kind == TemplatePiece::Kind::kFirstText ? first : second;
    if (piece.kind == TemplatePiece::Kind::kSpecialTokens) {
      if (!add_special_tokens) continue;
      ids = piece.ids;
    }
    out.input_ids.insert(out.input_ids.end(), ids.begin(), ids.end());
    out.token_type_ids.resize(out.input_ids.size(), piece.type_id);
  }
}

TokenizerConfig read_config(const std::filesystem::path& folder) {
  const auto file = folder / "tokenizer_config.json";
  if (!std::filesystem::exists(file)) return std::nullopt;
  return common::JsonObject::read_file(file);
}

// Tokenizers without a limit store 1e30.
std::optional<size_t> read_model_max_length(const TokenizerConfig& config) {
  if (!config) return std::nullopt;
  auto length = config->number_if("model_max_length");
  if (!length) length = config->number_if("max_len");
  if (!length || *length >= 1e9) return std::nullopt;
  if (*length < 1) config->fail("model_max_length", "must be at least 1");
  return static_cast<size_t>(*length);
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Tokenizer Tokenizer::load(const std::filesystem::path& folder, const LoadOptions& options) {
  const TokenizerConfig config = read_config(folder);
  std::shared_ptr<Impl> impl;
  if (std::filesystem::exists(folder / "tokenizer.json")) {
    impl = load_tokenizer_json(folder / "tokenizer.json", options, config);
  } else if (std::filesystem::exists(folder / "vocab.txt")) {
    impl = load_vocab_txt(folder, options, config);
  } else {
    throw InvalidModelError("folder " + common::quote(folder.string()) + " has neither tokenizer.json nor vocab.txt");
  }
  impl->model_max_length = read_model_max_length(config);
  return Tokenizer(std::move(impl));
}

void Tokenizer::encode(std::string_view text, const EncodeOptions& options, Encoding& out) const {
  const size_t room = room_for_text(*impl_, options, false);
  ScratchUse use;
  Scratch& scratch = *use;
  tokenize(*impl_, text, scratch, scratch.first, nullptr);
  const size_t kept = std::min(scratch.first.size(), room);
  out.truncated = scratch.first.size() - kept;
  assemble(impl_->post_processor, false, options.add_special_tokens,
           keep(scratch.first, kept, impl_->truncation.direction), {}, out);
}

void Tokenizer::encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options,
                            Encoding& out) const {
  const size_t room = room_for_text(*impl_, options, true);
  const TruncationDirection direction = impl_->truncation.direction;
  const bool limited = options.max_length != kNoLimit;
  ScratchUse use;
  Scratch& scratch = *use;
  WordBorders borders(direction);
  const auto tokenize_one = [&](std::string_view text, std::vector<int32_t>& ids) {
    tokenize(*impl_, text, scratch, ids, limited ? &borders : nullptr);
    return limited ? borders.counted_under_limit(ids.size(), options.max_length) : ids.size();
  };
  const size_t num_first = tokenize_one(first, scratch.first);
  const size_t num_second = tokenize_one(second, scratch.second);
  const PairLengths kept = truncate_longest_first({num_first, num_second}, room);
  out.truncated = scratch.first.size() - kept.first + scratch.second.size() - kept.second;
  assemble(impl_->post_processor, true, options.add_special_tokens, keep(scratch.first, kept.first, direction),
           keep(scratch.second, kept.second, direction), out);
}

size_t Tokenizer::vocab_size() const {
  return static_cast<size_t>(int64_t{std::max(impl_->model->max_id(), impl_->added.max_id())} + 1);
}

std::string_view Tokenizer::id_to_token(int32_t id) const {
  const std::string_view added = impl_->added.id_to_token(id);
  return added.empty() ? impl_->model->id_to_token(id) : added;
}

std::optional<int32_t> Tokenizer::token_to_id(std::string_view token) const {
  const auto added = impl_->added.token_to_id(token);
  return added ? added : impl_->model->token_to_id(token);
}

std::optional<size_t> Tokenizer::model_max_length() const {
  return impl_->model_max_length;
}
std::optional<size_t> Tokenizer::stored_max_length() const {
  return impl_->truncation.max_length;
}
size_t Tokenizer::num_special_tokens(bool pair) const {
  return impl_->post_processor.num_special_tokens(pair);
}
bool Tokenizer::is_special(int32_t id) const {
  for (const TemplatePiece& piece : impl_->post_processor.pieces(false)) {
    if (std::ranges::find(piece.ids, id) != piece.ids.end()) return true;
  }
  return impl_->added.is_special(id);
}

const std::string& Tokenizer::source_file() const {
  return impl_->source_file;
}
const std::string& Tokenizer::model_type() const {
  return impl_->model->type();
}
const std::string& Tokenizer::note() const {
  return impl_->note;
}

}  // namespace sbert::tokenizer
