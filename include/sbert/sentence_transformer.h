#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sbert/export.h>
#include <sbert/quantization.h>
#include <sbert/similarity.h>
#include <sbert/tokenizer.h>
#include <sbert/types.h>

namespace sbert {

/// How a model is loaded. Unset values are those of the model folder.
struct ModelOptions {
  std::map<std::string, std::string> prompts;      ///< name -> text; the folder's prompts fill only missing names
  std::optional<std::string> default_prompt_name;  ///< prompt of calls that name none
  std::optional<SimilarityFunction> similarity_function;
  std::optional<size_t> truncate_dim;
  std::optional<size_t> max_seq_length;
  /// Read weights into memory instead of mapping the file: safe when another program may truncate it meanwhile.
  bool copy_weights = false;
};

/// Options of one `encode` call; names and defaults are the reference's.
struct EncodeOptions {
  std::optional<std::string> prompt_name;  ///< one of `prompts()`
  std::optional<std::string> prompt;       ///< text put before every input (before the first text of a pair); wins
  /// What the inputs are: "query" or "document", as encode_query and encode_document set it, or a route of the model's
  /// Router. Without a Router only query_length and document_length of the model depend on it.
  std::string task;
  size_t batch_size = 32;              ///< most texts computed at once by a thread; no result depends on it
  bool normalize_embeddings = false;   ///< divide each vector by its L2 norm (at least 1e-12)
  std::optional<size_t> truncate_dim;  ///< keep the first dimensions; before normalizing
  TruncationPolicy truncation = TruncationPolicy::kWarn;
  std::vector<TokenCount>* token_counts = nullptr;  ///< receives one entry per input
  /// Called from time to time, from one thread at a time, with the number of inputs done and their total.
  std::function<void(size_t done, size_t total)> progress;
};

/// What `sbert info` shows.
struct ModuleInfo {
  int64_t idx = 0;
  std::string name;
  std::string path;
  std::string type;         ///< class path as the folder has it
  std::string description;  ///< "Pooling({'embedding_dimension': 384, ...})", as the reference prints modules
};

struct ModelInfo {
  std::string folder;
  std::string architecture;  ///< model_type of config.json, or the class of the first module
  std::vector<ModuleInfo> modules;
  std::optional<size_t> embedding_dimension;  ///< nothing where no module knows
  std::optional<size_t> max_seq_length;
  size_t num_parameters = 0;
  std::string format_version;  ///< of sentence_transformers that wrote the folder, "" if unknown
  std::string similarity_function;
  std::map<std::string, std::string> prompts;
  std::optional<std::string> default_prompt_name;
  std::optional<size_t> truncate_dim;
  std::string tokenizer;  ///< "tokenizer.json (WordPiece)"
  std::vector<std::string>
      weight_files;                ///< relative to the folder, with their element types: "model.safetensors (F32)"
  std::vector<std::string> notes;  ///< where this model may differ from what the reference makes of it
  std::string cpu_level;
  std::string precision;  ///< of the computation: "fp32"
};

/// A bi-encoder: texts -> vectors. `sentence_transformers.SentenceTransformer`.
///
///     sbert::SentenceTransformer model("path/to/all-MiniLM-L6-v2");
///     auto embeddings = model.encode({"The weather is lovely today.", "It's so sunny outside!"});  // [2, 384]
///     auto scores = model.similarity(embeddings, embeddings);                                       // [2, 2]
///
/// Const methods may be called from several threads at once. The vector of a text does not depend on the other inputs,
/// on their order, on batch_size or on the number of threads: bit for bit.
class SBERT_API SentenceTransformer {
 public:
  /// Loads the model folder `name_or_path`. A local folder never opens a socket. Throws ModelNotFoundError,
  /// InvalidModelError (a broken file), UnsupportedError (an unknown architecture or module, by name).
  explicit SentenceTransformer(const std::string& name_or_path, const ModelOptions& options = {});
  ~SentenceTransformer();
  SentenceTransformer(SentenceTransformer&&) noexcept;
  SentenceTransformer& operator=(SentenceTransformer&&) noexcept;

  /// One vector per input, [N, D] in the order of the inputs; [0, D] for none. Throws InvalidArgumentError (unknown
  /// prompt name or route, batch_size 0, truncation policy kError).
  FloatMatrix encode(const Inputs& inputs, const EncodeOptions& options = {}) const;
  /// The same for one text: D values.
  std::vector<float> encode_one(std::string_view text, const EncodeOptions& options = {}) const;
  /// As encode, with the task "query", and the prompt of that name where the options give none.
  FloatMatrix encode_query(const Inputs& inputs, const EncodeOptions& options = {}) const;
  /// As encode, with the task "document", and the prompt of that name where the options give none.
  FloatMatrix encode_document(const Inputs& inputs, const EncodeOptions& options = {}) const;
  /// encode, then quantize_embeddings over all vectors of the call (`precision` of the reference's encode).
  Embeddings encode(const Inputs& inputs, Precision precision, const EncodeOptions& options = {},
                    const QuantizeOptions& quantize = {}) const;
  /// One matrix [tokens, H] per input: `output_value="token_embeddings"`.
  std::vector<FloatMatrix> encode_token_embeddings(const Inputs& inputs, const EncodeOptions& options = {}) const;

  /// The tokens of every input as the first module receives them. Of `options`, prompt, prompt_name and task count.
  std::vector<TokenizedText> tokenize(const Inputs& inputs, const EncodeOptions& options = {}) const;

  /// Scores of all pairs of rows, [N, M], with the model's similarity function.
  FloatMatrix similarity(MatrixView embeddings1, MatrixView embeddings2) const;
  /// Scores of rows i of both, N values.
  std::vector<float> similarity_pairwise(MatrixView embeddings1, MatrixView embeddings2) const;
  SimilarityFunction similarity_function() const;
  void set_similarity_function(SimilarityFunction function);

  /// Most tokens of an input, special tokens and prompt included; nothing when there is no limit.
  std::optional<size_t> max_seq_length() const;
  /// Throws InvalidArgumentError when `tokens` leaves no room for the special tokens or exceeds the model's positions.
  void set_max_seq_length(size_t tokens);

  /// Size of the vectors that encode returns by default: of the first route, where the routes of a Router differ.
  size_t embedding_dimension() const;
  /// The prompts by name: "query" and "document" always, empty where the model has none.
  const std::map<std::string, std::string>& prompts() const;
  const std::optional<std::string>& default_prompt_name() const;
  /// Whether pooling counts the tokens of the prompt (features 2-20).
  void set_pooling_include_prompt(bool include_prompt);
  ModelInfo info() const;

  /// Writes the model as a folder of version 6, which sentence_transformers loads too: `save_pretrained`. The model's
  /// settings are saved as they are now (max_seq_length, truncate_dim, prompts, similarity function, include_prompt of
  /// Pooling); weights of any format become model.safetensors in the element types they have, a LoRA adapter is merged.
  /// Everything that cannot change after loading is read from the folder of the model again: it must still be there.
  /// The folder appears whole or not at all. Unlike the reference, nothing is overwritten: throws InvalidArgumentError
  /// where `path` is a file or a folder that is not empty; IoError when it cannot be written.
  void save(const std::string& path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sbert
