#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <span>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "tokenizer/token_types.h"
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

/// Words to ids.
class IdCollector final : public WordSink {
 public:
  IdCollector(const Model& model, std::vector<int32_t>& ids) : model_(model), ids_(ids) {}

  void word(std::string_view word, size_t) override { model_.tokenize(word, ids_); }

 private:
  const Model& model_;
  std::vector<int32_t>& ids_;
};

/// One text through all components up to the model. Where Metaspace asks, the bytes that come from the very first
/// character of the text are counted on the way (start_bytes).
void tokenize(const Tokenizer::Impl& impl, std::string_view text, Scratch& scratch, std::vector<int32_t>& ids) {
  ids.clear();
  text = common::valid_utf8(text, scratch.valid);
  IdCollector collector(*impl.model, ids);
  const bool needs_start = impl.pre_tokenizer != nullptr && impl.pre_tokenizer->needs_start();
  const auto add_id = [&](int32_t id) { ids.push_back(id); };

  const auto normalize_piece = [&](std::string_view piece) {
    size_t start_bytes = 0;
    if (needs_start && piece.data() == text.data()) common::next_code_point(piece, start_bytes);
    if (impl.normalizer != nullptr) {
      impl.normalizer->normalize(piece, scratch.normalized);
      if (start_bytes > 0) start_bytes = impl.normalizer->start_bytes(piece, start_bytes, scratch.normalized);
      piece = scratch.normalized;
    }
    const auto tokenize_piece = [&](std::string_view words) {
      if (impl.pre_tokenizer != nullptr) {
        const auto offset = static_cast<size_t>(words.data() - piece.data());
        impl.pre_tokenizer->split(words, start_bytes_from(offset, start_bytes), collector);
      } else {
        collector.word(words, 0);
      }
    };
    impl.added.split(AddedVocabulary::Stage::kNormalized, piece, scratch.normalized_matches, tokenize_piece, add_id);
  };
  impl.added.split(AddedVocabulary::Stage::kRaw, text, scratch.raw_matches, normalize_piece, add_id);
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

void assemble(const Tokenizer::Impl& impl, bool pair, bool add_special_tokens, std::span<const int32_t> first,
              std::span<const int32_t> second, Encoding& out) {
  out.input_ids.clear();
  out.token_type_ids.clear();
  for (const TemplatePiece& piece : impl.post_processor.pieces(pair, add_special_tokens)) {
    std::span<const int32_t> ids = piece.kind == TemplatePiece::Kind::kFirstText ? first : second;
    if (piece.kind == TemplatePiece::Kind::kSpecialTokens) ids = piece.ids;
    out.input_ids.insert(out.input_ids.end(), ids.begin(), ids.end());
    out.token_type_ids.resize(out.input_ids.size(), impl.gives_token_type_ids ? piece.type_id : 0);
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
  const auto file = folder / "tokenizer.json";
  auto impl = std::filesystem::exists(file) ? load_tokenizer_json(file, options, config)
                                            : load_tokenizer_class(folder, options, config);
  impl->model_max_length = read_model_max_length(config);
  impl->gives_token_type_ids = gives_token_type_ids(folder, config);
  return Tokenizer(std::move(impl));
}

void Tokenizer::encode(std::string_view text, const EncodeOptions& options, Encoding& out) const {
  const size_t room = room_for_text(*impl_, options, false);
  ScratchUse use;
  Scratch& scratch = *use;
  tokenize(*impl_, text, scratch, scratch.first);
  const size_t kept = std::min(scratch.first.size(), room);
  out.truncated = scratch.first.size() - kept;
  assemble(*impl_, false, options.add_special_tokens, keep(scratch.first, kept, impl_->truncation.direction), {}, out);
}

void Tokenizer::encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options,
                            Encoding& out) const {
  const size_t room = room_for_text(*impl_, options, true);
  const TruncationDirection direction = impl_->truncation.direction;
  ScratchUse use;
  Scratch& scratch = *use;
  tokenize(*impl_, first, scratch, scratch.first);
  tokenize(*impl_, second, scratch, scratch.second);
  const PairLengths kept = truncate_longest_first({scratch.first.size(), scratch.second.size()}, room);
  out.truncated = scratch.first.size() - kept.first + scratch.second.size() - kept.second;
  assemble(*impl_, true, options.add_special_tokens, keep(scratch.first, kept.first, direction),
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
