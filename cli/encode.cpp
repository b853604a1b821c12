// sbert encode MODEL [TEXT...]: texts -> vectors.
#include <memory>
#include <variant>

#include <sbert/quantization.h>
#include <sbert/sentence_transformer.h>

#include "commands.h"
#include "errors.h"
#include "input.h"
#include "message.h"
#include "model.h"
#include "npy.h"
#include "output.h"
#include "progress.h"
#include "rows.h"
#include "truncation.h"

namespace sbert::cli {
namespace {

constexpr const char* kDescription = "Turn texts into vectors: one JSON array a line, or a file.";

class EncodeCommand {
 public:
  void parse(const Arguments& arguments);
  void run();

 private:
  bool token_embeddings() const { return output_value_ == "token_embeddings"; }
  /// int8 and uint8 values that come from the smallest and largest values of the call itself.
  bool needs_all_vectors() const {
    return (quantize_ == "int8" || quantize_ == "uint8") && !ranges_path_ && !calibration_path_;
  }

  void read_ranges();
  void check_dimension(const SentenceTransformer& model, const FloatMatrix& values, const std::string& path) const;
  void encode_and_write(const SentenceTransformer& model, const TextList& texts);
  void write_token_embeddings(const SentenceTransformer& model, const TextList& texts, EncodeOptions options);
  Embeddings quantize(const FloatMatrix& vectors) const;

  GlobalOptions global_;
  TextInput input_;
  EncodingOptions encoding_;
  TruncationReport truncation_;
  std::string model_name_;
  std::string output_value_ = "sentence_embedding";
  std::optional<std::string> output_path_, quantize_, ranges_path_, calibration_path_;

  OutputFormat format_ = OutputFormat::kJsonLines;
  std::unique_ptr<OutputFile> output_;
  std::optional<FloatMatrix> ranges_, calibration_;
  bool streaming_ = false;
};

void EncodeCommand::parse(const Arguments& arguments) {
  ArgumentParser parser("encode", "MODEL [TEXT...]", kDescription);
  input_.add_options(parser);
  parser.text("--output", output_path_, "FILE", "write the vectors to a .npy, .jsonl or .csv file");
  add_options(parser, encoding_);
  parser.choice("--output-value", output_value_, {"sentence_embedding", "token_embeddings"},
                "one vector a text (default), or one a token");
  parser.choice("--quantize", quantize_, {"int8", "uint8", "binary", "ubinary"}, "store the vectors with fewer bits");
  parser.text("--ranges", ranges_path_, "FILE.npy", "[2, D]: smallest and largest value of each dimension");
  parser.text("--calibration", calibration_path_, "FILE.npy", "[M, D]: vectors to take the ranges from");
  truncation_.add_options(parser);
  add_options(parser, global_);

  std::vector<std::string> words = parser.parse(arguments);
  model_name_ = take_model(words);
  input_.check(std::move(words), Shape::kAny);
  if (output_path_) format_ = output_format(*output_path_);
  truncation_.check(output_path_);
  if (token_embeddings() && format_ != OutputFormat::kJsonLines) {
    throw UsageError("token_embeddings are written as JSON lines only: give --output a name that ends with .jsonl");
  }
  if (token_embeddings() && quantize_) throw UsageError("--quantize does not go with token_embeddings");
  if (ranges_path_ && calibration_path_) throw UsageError("--ranges and --calibration: give one of them");
  if ((ranges_path_ || calibration_path_) && quantize_ != "int8" && quantize_ != "uint8") {
    throw UsageError("--ranges and --calibration are for --quantize int8 or uint8");
  }
  streaming_ = input_.is_stream() && !output_path_ && !needs_all_vectors();
}

void EncodeCommand::read_ranges() {
  if (calibration_path_) {
    calibration_ = read_npy(*calibration_path_);
    if (calibration_->rows() == 0) throw RunError(quote(*calibration_path_) + " holds no vectors to calibrate with");
  }
  if (!ranges_path_) return;
  ranges_ = read_npy(*ranges_path_);
  if (ranges_->rows() != 2) {
    throw RunError(quote(*ranges_path_) + " has " + std::to_string(ranges_->rows()) +
                   " rows, expected 2: the smallest and the largest value of each dimension");
  }
}

void EncodeCommand::check_dimension(const SentenceTransformer& model, const FloatMatrix& values,
                                    const std::string& path) const {
  size_t dimension = model.embedding_dimension();
  if (encoding_.truncate_dim) dimension = std::min(dimension, *encoding_.truncate_dim);
  if (values.cols() != dimension) {
    throw RunError(quote(path) + " has " + std::to_string(values.cols()) + " columns, but the vectors have " +
                   std::to_string(dimension) + " dimensions");
  }
}

void EncodeCommand::run() {
  prepare(global_);
  output_ = output_path_ ? std::make_unique<OutputFile>(*output_path_) : OutputFile::standard_output();
  truncation_.open();
  read_ranges();
  TextList texts;
  if (!streaming_) texts = input_.read();
  const SentenceTransformer model = load_model(model_name_, global_, encoding_.max_seq_length);
  if (ranges_) check_dimension(model, *ranges_, *ranges_path_);
  if (calibration_) check_dimension(model, *calibration_, *calibration_path_);

  if (streaming_) {
    TextStream stream(input_);
    while (stream.next(texts)) {
      run_batch(stream.texts_before(), [&] { encode_and_write(model, texts); });
      output_->flush();
    }
  } else {
    encode_and_write(model, texts);
  }
  output_->close();
  truncation_.close(global_.quiet);
  output_->publish();
  truncation_.publish();
}

void EncodeCommand::encode_and_write(const SentenceTransformer& model, const TextList& texts) {
  Progress progress(!global_.quiet && !streaming_);
  std::vector<TokenCount> counts;
  EncodeOptions options = encode_options(encoding_);
  options.truncation = truncation_.policy();
  options.token_counts = &counts;
  options.progress = [&progress](size_t done, size_t total) { progress.update(done, total); };
  if (token_embeddings()) return write_token_embeddings(model, texts, options);

  const FloatMatrix vectors = encode(model, texts.inputs(), encoding_, options);
  truncation_.add(counts);
  std::visit(
      [&](const auto& rows) {
        using Value = typename std::decay_t<decltype(rows)>::value_type;
        write_matrix_header<Value>(*output_, format_, rows.rows(), rows.cols());
        write_rows<Value>(*output_, format_, rows.values(), rows.cols());
      },
      quantize(vectors));
}

Embeddings EncodeCommand::quantize(const FloatMatrix& vectors) const {
  if (!quantize_) return vectors;
  const Precision precision = parse_precision(*quantize_);
  if (vectors.empty()) {  // no ranges can be taken from no vectors
    const size_t bytes = (vectors.cols() + 7) / 8;
    switch (precision) {
      case Precision::kInt8:
        return Matrix<int8_t>(0, vectors.cols());
      case Precision::kUint8:
        return Matrix<uint8_t>(0, vectors.cols());
      case Precision::kBinary:
        return Matrix<int8_t>(0, bytes);
      default:
        return Matrix<uint8_t>(0, bytes);
    }
  }
  QuantizeOptions options;
  if (ranges_) options.ranges = *ranges_;
  if (calibration_) options.calibration_embeddings = *calibration_;
  return quantize_embeddings(vectors, precision, options);
}

/// One matrix a line. The texts go through in pieces: the vectors of all tokens at once could be very large.
void EncodeCommand::write_token_embeddings(const SentenceTransformer& model, const TextList& texts,
                                           EncodeOptions options) {
  if (!options.prompt && !options.prompt_name) options.prompt_name = task_prompt_name(model, encoding_.prompts);
  // With --truncation error nothing may be computed before all texts are known to fit.
  const size_t piece = truncation_.is_error() ? texts.size() : 256;
  const auto progress = options.progress;
  std::string line;
  for (size_t begin = 0; begin < texts.size(); begin += piece) {
    const size_t end = std::min(begin + piece, texts.size());
    options.progress = [&](size_t done, size_t) { progress(begin + done, texts.size()); };
    options.token_counts->clear();
    const std::vector<FloatMatrix> matrices = model.encode_token_embeddings(texts.inputs(begin, end), options);
    truncation_.add(*options.token_counts);
    for (size_t i = 0; i < matrices.size(); ++i) {
      const FloatMatrix& matrix = matrices[i];
      check_finite(matrix.values(), matrix.values().size(), "matrix");
      line = "[";
      for (size_t row = 0; row < matrix.rows(); ++row) {
        if (row != 0) line += ", ";
        append_array(line, matrix.row(row));
      }
      line += "]\n";
      output_->write(line);
    }
  }
}

}  // namespace

void run_encode(const Arguments& arguments) {
  EncodeCommand command;
  command.parse(arguments);
  command.run();
}

}  // namespace sbert::cli
