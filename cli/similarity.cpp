// sbert similarity MODEL [TEXT...]: the scores of all texts with each other, or of pairs.
#include <algorithm>
#include <memory>

#include <sbert/error.h>
#include <sbert/sentence_transformer.h>
#include <sbert/similarity.h>

#include "commands.h"
#include "errors.h"
#include "input.h"
#include "model.h"
#include "output.h"
#include "progress.h"
#include "rows.h"
#include "truncation.h"

namespace sbert::cli {
namespace {

constexpr const char* kDescription =
    "Score how alike texts are: the matrix of all texts, one row a line; or with --pairwise one score a line.";

class SimilarityCommand {
 public:
  void parse(const Arguments& arguments);
  void run();

 private:
  FloatMatrix vectors(const SentenceTransformer& model, const Inputs& inputs, std::vector<TokenCount>& counts);
  void write_matrix(const SentenceTransformer& model, const TextList& texts);
  void write_pairs(const SentenceTransformer& model, const TextList& texts);
  SimilarityFunction function(const SentenceTransformer& model) const {
    return function_ ? *function_ : model.similarity_function();
  }

  GlobalOptions global_;
  TextInput input_;
  EncodingOptions encoding_;
  TruncationReport truncation_;
  std::string model_name_;
  bool pairwise_ = false;
  std::optional<std::string> output_path_;
  std::optional<SimilarityFunction> function_;

  OutputFormat format_ = OutputFormat::kJsonLines;
  std::unique_ptr<OutputFile> output_;
  bool streaming_ = false;
};

void SimilarityCommand::parse(const Arguments& arguments) {
  ArgumentParser parser("similarity", "MODEL [TEXT...]", kDescription);
  std::optional<std::string> function_name;
  input_.add_options(parser);
  parser.flag("--pairwise", pairwise_, "score pairs: TEXT arguments two by two, or an input of pairs");
  parser.choice("--function", function_name, {"cosine", "dot", "euclidean", "manhattan"}, "default: the model's");
  parser.text("--output", output_path_, "FILE", "write the scores to a .npy, .jsonl or .csv file");
  add_options(parser, encoding_);
  truncation_.add_options(parser);
  add_options(parser, global_);

  std::vector<std::string> words = parser.parse(arguments);
  model_name_ = take_model(words);
  input_.check(std::move(words), pairwise_ ? Shape::kPairs : Shape::kTexts);
  if (function_name) function_ = parse_similarity_function(*function_name);
  if (output_path_) format_ = output_format(*output_path_);
  truncation_.check(output_path_);
  streaming_ = pairwise_ && input_.is_stream() && !output_path_;
}

void SimilarityCommand::run() {
  prepare(global_);
  output_ = output_path_ ? std::make_unique<OutputFile>(*output_path_) : OutputFile::standard_output();
  truncation_.open();
  TextList texts;
  if (!streaming_) texts = input_.read();
  const SentenceTransformer model = load_model(model_name_, global_, encoding_.max_seq_length);
  if (streaming_) {
    TextStream stream(input_);
    while (stream.next(texts)) {
      run_batch(stream.texts_before(), [&] { write_pairs(model, texts); });
      output_->flush();
    }
  } else if (pairwise_) {
    write_pairs(model, texts);
  } else {
    write_matrix(model, texts);
  }
  output_->close();
  truncation_.close(global_.quiet);
  output_->publish();
  truncation_.publish();
}

FloatMatrix SimilarityCommand::vectors(const SentenceTransformer& model, const Inputs& inputs,
                                       std::vector<TokenCount>& counts) {
  Progress progress(!global_.quiet && !streaming_);
  EncodeOptions options = encode_options(encoding_);
  options.truncation = truncation_.policy();
  options.token_counts = &counts;
  options.progress = [&progress](size_t done, size_t total) { progress.update(done, total); };
  return encode(model, inputs, encoding_, options);
}

/// [N, N] in blocks of rows: the whole matrix of many texts would not fit into memory.
void SimilarityCommand::write_matrix(const SentenceTransformer& model, const TextList& texts) {
  std::vector<TokenCount> counts;
  const FloatMatrix all = vectors(model, texts.inputs(), counts);
  truncation_.add(counts);
  write_matrix_header<float>(*output_, format_, all.rows(), all.rows());
  const size_t block = std::max<size_t>(1, (size_t{4} << 20) / std::max<size_t>(1, all.rows()));
  for (size_t begin = 0; begin < all.rows(); begin += block) {
    const size_t rows = std::min(block, all.rows() - begin);
    const FloatMatrix scores =
        similarity(MatrixView(all.data() + begin * all.cols(), rows, all.cols()), all, function(model));
    write_rows<float>(*output_, format_, scores.values(), scores.cols());
  }
}

void SimilarityCommand::write_pairs(const SentenceTransformer& model, const TextList& texts) {
  std::vector<TokenCount> first_counts, second_counts;
  const FloatMatrix first = vectors(model, texts.first_inputs(), first_counts);
  const FloatMatrix second = vectors(model, texts.second_inputs(), second_counts);
  for (size_t i = 0; i < first_counts.size(); ++i) {  // the report has the texts in their order in the input
    const TokenCount pair[] = {first_counts[i], second_counts.at(i)};
    truncation_.add(pair);
  }
  write_values(*output_, format_, similarity_pairwise(first, second, function(model)));
}

}  // namespace

void run_similarity(const Arguments& arguments) {
  SimilarityCommand command;
  command.parse(arguments);
  command.run();
}

}  // namespace sbert::cli
