// The contract of the command line, seen from outside: the built program runs on a tiny golden model.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

#include "cli/process.h"
#include "cli/temporary_folder.h"
#include "npy.h"

namespace sbert::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

const std::string kGoldens = SBERT_TEST_DIR "/goldens/data";
const std::string kCase = kGoldens + "/v3-prompts-excluded-mean-dot";
const std::string kModel = kCase + "/model";
constexpr float kTolerance = 1e-5f;

json parse_file(const std::string& path) {
  return json::parse(contents_of(path));
}

Strings operator+(Strings a, const Strings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<json> lines_of(const std::string& out) {
  std::vector<json> lines;
  for (size_t begin = 0; begin < out.size();) {
    const size_t end = out.find('\n', begin);
    EXPECT_NE(end, std::string::npos) << "the last line has no end";
    lines.push_back(json::parse(out.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

FloatMatrix matrix_of(const std::string& out) {
  const std::vector<json> lines = lines_of(out);
  FloatMatrix matrix(lines.size(), lines.empty() ? 0 : lines[0].size());
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].size(), matrix.cols());
    for (size_t j = 0; j < matrix.cols(); ++j) matrix(i, j) = lines[i].at(j).get<float>();
  }
  return matrix;
}

void expect_near(const FloatMatrix& found, const FloatMatrix& expected, float tolerance = kTolerance) {
  ASSERT_EQ(found.rows(), expected.rows());
  ASSERT_EQ(found.cols(), expected.cols());
  float worst = 0;
  for (size_t i = 0; i < found.values().size(); ++i) {
    worst = std::max(worst, std::abs(found.values()[i] - expected.values()[i]));
  }
  EXPECT_LE(worst, tolerance);
}

FloatMatrix golden(const std::string& name) {
  return read_npy(kCase + "/" + name + ".npy");
}

std::string raw(const FloatMatrix& m) {
  return {reinterpret_cast<const char*>(m.data()), m.values().size_bytes()};
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kModel + "/modules.json")) {
      GTEST_SKIP() << kModel << " is missing: make it with tests/goldens/make_goldens.py";
    }
    const json texts = parse_file(kGoldens + "/texts.json");
    texts_ = texts.at("texts").get<Strings>();
    few_ = texts.at("few").get<Strings>();
    pairs_ = texts.at("pairs").get<std::vector<std::pair<std::string, std::string>>>();
  }

  /// Runs the program, which must succeed and have nothing to say.
  static std::string output_of(const Strings& arguments, const std::string& input = "") {
    const Process::Result result = run_program(arguments, input);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }

  /// Runs the program, which must end with `exit_code`, one line on standard error and nothing on standard output.
  static std::string error_of(int exit_code, const Strings& arguments, const std::string& input = "",
                              const Process::Setup& setup = {}) {
    const Process::Result result = run_program(arguments, input, setup);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.signal, 0);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("sbert: error: "));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.err.empty() ? '\0' : result.err.back(), '\n');
    return result.err;
  }

  /// A file of JSON lines.
  std::string json_file(const std::string& name, const std::vector<json>& lines) const {
    std::string bytes;
    for (const json& line : lines) bytes += line.dump() + "\n";
    return folder_.file(name, bytes);
  }
  std::string few_file() const { return json_file("few.jsonl", {few_.begin(), few_.end()}); }

  const TemporaryFolder folder_;
  Strings texts_, few_;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// ---- encode

TEST_F(Program, EncodesAsTheReference) {
  const std::string few = few_file();
  const Strings base = {"encode", kModel, "--input", few, "--truncation", "silent"};
  expect_near(matrix_of(output_of(base)), golden("few"));
  expect_near(matrix_of(output_of(base + Strings{"--prompt", "Represent this: "})), golden("few-prompt"));
  expect_near(matrix_of(output_of(base + Strings{"--prompt-name", "query"})), golden("few-prompt-name-query"));
  expect_near(matrix_of(output_of(base + Strings{"--task", "query"})), golden("few-query"));
  expect_near(matrix_of(output_of(base + Strings{"--task", "document"})), golden("few-document"));
  expect_near(matrix_of(output_of(base + Strings{"--prompt", "", "--max-seq-length", "12"})), golden("few-short"));
  expect_near(matrix_of(output_of(base + Strings{"--prompt=", "--truncate-dim", "7", "--normalize"})),
              golden("few-truncated-normalized"));
}

TEST_F(Program, EncodesTextsOfTheCommandLineByteForByte) {
  Strings texts = {"[MASK]", "[a, b]", "",  "{x}",        "{}",   "%%",  "a,b",
                   "@file",  "info",   "-", "say \"hi\"", "a\nb", "\xFF"};
  const Strings behind = {"-5 degrees", "--quiet", "--"};
  Strings all = texts;
  all.insert(all.end(), behind.begin(), behind.end());
  std::vector<json> lines;
  for (std::string text : all) {
    if (text == "\xFF") text = "\xEF\xBF\xBD";  // U+FFFD, as JSON cannot hold the byte
    lines.emplace_back(text);
  }
  const std::string file = json_file("all.jsonl", lines);
  const std::string expected = output_of({"encode", kModel, "--input", file});
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), ptrdiff_t(all.size()));
  EXPECT_EQ(output_of(Strings{"encode", kModel} + texts + Strings{"--"} + behind), expected);
}

TEST_F(Program, NoOptionThatIsAboutTheMachineChangesABit) {
  const Strings base = {"encode", kModel, "--input", few_file(), "--truncation", "silent"};
  const std::string expected = output_of(base);
  EXPECT_EQ(output_of(base + Strings{"--threads", "3"}), expected);
  EXPECT_EQ(output_of(base + Strings{"--threads=1", "--batch-size", "1"}), expected);
  EXPECT_EQ(output_of(base + Strings{"--no-mmap", "--device", "cpu", "--precision", "fp32"}), expected);
  EXPECT_EQ(output_of(Strings{"--threads", "2", "--quiet"} + base), expected);
}

TEST_F(Program, WritesNpy) {
  const std::string few = few_file(), npy = folder_ / "out.npy";
  const FloatMatrix printed = matrix_of(output_of({"encode", kModel, "--input", few, "--truncation", "silent"}));
  EXPECT_EQ(output_of({"encode", kModel, "--input", few, "--output", npy, "--truncation", "silent"}), "");
  EXPECT_EQ(contents_of(npy), npy_header("<f4", {printed.rows(), printed.cols()}) + raw(printed));
  output_of({"encode", kModel, "one text", "--output", npy});
  EXPECT_THAT(contents_of(npy), StartsWith(npy_header("<f4", {1, 32})));
  EXPECT_EQ(folder_.num_entries(), 2u);
}

TEST_F(Program, WritesJsonLinesAndCsv) {
  const Strings base = {"encode", kModel, "a", "b"};
  std::string printed = output_of(base);
  output_of(base + Strings{"--output", folder_ / "out.jsonl"});
  EXPECT_EQ(contents_of(folder_ / "out.jsonl"), printed);
  output_of(base + Strings{"--output", folder_ / "out.csv"});
  for (const std::string mark : {"[", "]", " "}) {
    for (size_t at; (at = printed.find(mark)) != std::string::npos;) printed.erase(at, 1);
  }
  EXPECT_EQ(contents_of(folder_ / "out.csv"), printed);
}

TEST_F(Program, NoTextsGiveAnEmptyResult) {
  const std::string empty = folder_.file("empty.txt", ""), npy = folder_ / "out.npy";
  EXPECT_EQ(output_of({"encode", kModel, "--input", empty}), "");
  EXPECT_EQ(output_of({"encode", kModel, "--input", "-"}), "");
  EXPECT_EQ(output_of({"tokenize", kModel, "--input", empty}), "");
  EXPECT_EQ(output_of({"similarity", kModel, "--input", empty}), "");
  EXPECT_EQ(output_of({"similarity", kModel, "--pairwise", "--input", folder_.file("empty.jsonl", "")}), "");
  const auto written = [&](const Strings& options) {
    output_of(Strings{"encode", kModel, "--input", empty, "--output", npy} + options);
    return contents_of(npy);
  };
  EXPECT_EQ(written({}), npy_header("<f4", {0, 32}));
  EXPECT_EQ(written({"--truncate-dim", "9"}), npy_header("<f4", {0, 9}));
  EXPECT_EQ(written({"--quantize", "int8"}), npy_header("|i1", {0, 32}));
  EXPECT_EQ(written({"--quantize", "uint8"}), npy_header("|u1", {0, 32}));
  EXPECT_EQ(written({"--quantize", "binary"}), npy_header("|i1", {0, 4}));
  EXPECT_EQ(written({"--quantize", "ubinary", "--truncate-dim", "9"}), npy_header("|u1", {0, 2}));
  EXPECT_EQ(written({"--output-value", "sentence_embedding"}), npy_header("<f4", {0, 32}));
  output_of({"similarity", kModel, "--input", empty, "--output", npy});
  EXPECT_EQ(contents_of(npy), npy_header("<f4", {0, 0}));
}

TEST_F(Program, EncodesPairs) {
  std::vector<json> arrays, objects;
  for (const auto& [a, b] : pairs_) {
    arrays.push_back({a, b});
    objects.push_back({{"q", a}, {"id", 7}, {"d", b}});
  }
  const Strings base = {"encode", kModel, "--prompt", "", "--truncation", "silent", "--input"};
  const std::string from_arrays = output_of(base + Strings{json_file("a.jsonl", arrays)});
  expect_near(matrix_of(from_arrays), golden("pairs"));
  EXPECT_EQ(output_of(base + Strings{json_file("o.jsonl", objects), "--fields", "q,d"}), from_arrays);
}

TEST_F(Program, WritesTokenEmbeddingsAsOneMatrixALine) {
  const std::string few = few_file();
  const Strings options = {"--truncation", "silent", "--prompt", "", "--input", few};
  const Strings base = Strings{"encode", kModel, "--output-value", "token_embeddings"} + options;
  const std::string printed = output_of(base);
  const std::vector<json> matrices = lines_of(printed);
  const std::vector<json> tokens = lines_of(output_of(Strings{"tokenize", kModel} + options));
  ASSERT_EQ(matrices.size(), few_.size());
  // This model's vector is the mean over the tokens.
  FloatMatrix means(few_.size(), 32);
  for (size_t i = 0; i < matrices.size(); ++i) {
    EXPECT_EQ(matrices[i].size(), tokens[i].at("input_ids").size());
    for (const json& row : matrices[i]) {
      ASSERT_EQ(row.size(), means.cols());
      for (size_t j = 0; j < means.cols(); ++j) {
        means(i, j) += row[j].get<float>() / static_cast<float>(matrices[i].size());
      }
    }
  }
  expect_near(means, matrix_of(output_of(Strings{"encode", kModel} + options)));

  output_of(base + Strings{"--output", folder_ / "out.jsonl"});
  EXPECT_EQ(contents_of(folder_ / "out.jsonl"), printed);
  for (const std::string name : {"out.npy", "out.csv"}) {
    EXPECT_THAT(error_of(2, base + Strings{"--output", folder_ / name}), HasSubstr("token_embeddings"));
  }
  EXPECT_THAT(error_of(2, base + Strings{"--quantize", "int8"}), HasSubstr("token_embeddings"));
}

TEST_F(Program, Quantizes) {
  const Strings base = {"encode", kModel, "--input", few_file(), "--truncation", "silent", "--quiet"};
  const FloatMatrix vectors = matrix_of(output_of(base));
  const std::string npy = folder_ / "out.npy";
  const auto written = [&](const Strings& options) {
    output_of(base + Strings{"--output", npy} + options);
    return contents_of(npy);
  };
  std::string bits;
  for (size_t i = 0; i < vectors.rows(); ++i) {
    for (size_t j = 0; j < vectors.cols(); j += 8) {
      unsigned byte = 0;
      for (size_t k = 0; k < 8; ++k) byte = byte * 2 + (vectors(i, j + k) > 0 ? 1 : 0);
      bits += static_cast<char>(byte);
    }
  }
  EXPECT_EQ(written({"--quantize", "ubinary"}), npy_header("|u1", {vectors.rows(), 4}) + bits);
  for (char& byte : bits) byte = static_cast<char>(byte - 128);
  EXPECT_EQ(written({"--quantize", "binary"}), npy_header("|i1", {vectors.rows(), 4}) + bits);

  // ranges of -2 to 2 in all dimensions; the model's values lie within
  const FloatMatrix ranges = [&] {
    FloatMatrix m(2, vectors.cols());
    for (size_t j = 0; j < m.cols(); ++j) {
      m(0, j) = -2;
      m(1, j) = 2;
    }
    return m;
  }();
  const std::string ranges_file = folder_.file("ranges.npy", npy_header("<f4", {2, ranges.cols()}) + raw(ranges));
  const std::string quantized = written({"--quantize", "uint8", "--ranges", ranges_file});
  const std::string header = npy_header("|u1", {vectors.rows(), vectors.cols()});
  ASSERT_THAT(quantized, StartsWith(header));
  ASSERT_EQ(quantized.size(), header.size() + vectors.values().size());
  for (size_t i = 0; i < vectors.values().size(); ++i) {
    const float expected = std::clamp(std::floor((vectors.values()[i] + 2) / (4.0f / 255)), 0.0f, 255.0f);
    EXPECT_EQ(static_cast<unsigned char>(quantized[header.size() + i]), expected);
  }
  // as calibration, the two rows give the same ranges
  EXPECT_EQ(written({"--quantize", "uint8", "--calibration", ranges_file}), quantized);

  // without ranges they come from all texts of the call, also when these arrive as a stream
  std::string lines;
  for (const std::string& text : few_) lines += json(text).dump() + "\n";
  EXPECT_EQ(output_of({"encode", kModel, "--input", "-", "--format", "jsonl", "--truncation", "silent", "--quiet",
                       "--quantize", "int8"},
                      lines),
            output_of(base + Strings{"--quantize", "int8"}));
}

TEST_F(Program, RangesThatDoNotFitAreErrors) {
  const auto npy = [&](const std::string& name, size_t rows, size_t cols) {
    return folder_.file(name, npy_header("<f4", {rows, cols}) + std::string(rows * cols * 4, '\0'));
  };
  const Strings base = {"encode", kModel, "text", "--quantize", "int8"};
  EXPECT_THAT(error_of(1, base + Strings{"--ranges", npy("a.npy", 3, 32)}), HasSubstr("a.npy' has 3 rows, expected 2"));
  EXPECT_THAT(error_of(1, base + Strings{"--ranges", npy("b.npy", 2, 31)}),
              HasSubstr("31 columns, but the vectors have 32"));
  EXPECT_THAT(error_of(1, base + Strings{"--calibration", npy("c.npy", 0, 32)}), HasSubstr("holds no vectors"));
  EXPECT_THAT(error_of(1, base + Strings{"--calibration", folder_.file("d.npy", "no")}), HasSubstr("does not begin"));
  EXPECT_THAT(error_of(1, base + Strings{"--ranges", folder_ / "none.npy"}), HasSubstr("No such file"));
  EXPECT_THAT(error_of(2, {"encode", kModel, "text", "--ranges", "r.npy"}), HasSubstr("--quantize int8"));
  EXPECT_THAT(error_of(2, base + Strings{"--ranges", "r.npy", "--calibration", "c.npy"}), HasSubstr("one of them"));
}

// ---- standard input

TEST_F(Program, AnswersLinesAsTheyCome) {
  Process process({"encode", kModel, "--input", "-"});
  const std::string expected = output_of({"encode", kModel, "one", "", "three"});
  const std::vector<json> lines = lines_of(expected);
  process.write_input("one\n");
  EXPECT_EQ(json::parse(process.read_line()), lines[0]);  // while its input is still open
  process.write_input("\nthree");
  EXPECT_EQ(json::parse(process.read_line()), lines[1]);
  process.close_input();
  EXPECT_EQ(json::parse(process.read_line()), lines[2]);
  const Process::Result result = process.wait();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(Program, StandardInputGivesWhatAFileGives) {
  std::string lines;
  for (const std::string& text : texts_) lines += json(text).dump() + "\n";
  const std::string file = folder_.file("texts.jsonl", lines);
  const Strings options = {"--truncation", "silent"};
  for (const std::string command : {"encode", "tokenize"}) {
    EXPECT_EQ(output_of(Strings{command, kModel, "--input", "-", "--format", "jsonl"} + options, lines),
              output_of(Strings{command, kModel, "--input", file} + options));
  }
  output_of(Strings{"encode", kModel, "--input", "-", "--format", "jsonl", "--output", folder_ / "a.npy"} + options,
            lines);
  output_of(Strings{"encode", kModel, "--input", file, "--output", folder_ / "b.npy"} + options);
  EXPECT_EQ(contents_of(folder_ / "a.npy"), contents_of(folder_ / "b.npy"));
  EXPECT_EQ(output_of({"similarity", kModel, "--pairwise", "--input", "-", "--format", "jsonl"}, "[\"a\", \"b\"]\n"),
            output_of({"similarity", kModel, "--pairwise", "a", "b"}));
}

TEST_F(Program, AWrongLineOfAStreamIsNamed) {
  Process process({"encode", kModel, "--input", "-", "--format", "jsonl"});
  process.write_input("\"good\"\n");
  EXPECT_EQ(json::parse(process.read_line()).size(), 32u);
  process.write_input("7\n");
  const Process::Result result = process.wait();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(
      result.err,
      "sbert: error: standard input line 2: expected a string, an object or an array of two strings, found a number\n");
}

// ---- reading

TEST_F(Program, ReadsTheFormats) {
  const std::string expected = output_of({"encode", kModel, "a b", "", "c, d"});
  const auto read = [&](const std::string& name, const std::string& bytes, const Strings& options) {
    return output_of(Strings{"encode", kModel, "--input", folder_.file(name, bytes)} + options);
  };
  EXPECT_EQ(read("a.txt", "a b\n\nc, d\n", {}), expected);
  EXPECT_EQ(read("b.txt", "a b\r\n\r\nc, d", {}), expected);
  EXPECT_EQ(read("a.jsonl", "\"a b\"\n{\"text\": \"\"}\n\"c, d\"\n\n", {}), expected);
  EXPECT_EQ(read("b.jsonl", "{\"q\": \"a b\"}\n{\"q\": \"\"}\n{\"q\": \"c, d\"}\n", {"--field", "q"}), expected);
  EXPECT_EQ(read("a.csv", "1,a b\r\n2,\r\n3,\"c, d\"\r\n", {"--column", "2"}), expected);
  EXPECT_EQ(read("b.csv", "id,text\n1,a b\n2,\n3,\"c, d\"\n", {"--column", "text"}), expected);
  EXPECT_EQ(read("a.tsv", "text\tid\na b\t1\n\t2\nc, d\t3\n", {"--column", "text"}), expected);
  EXPECT_EQ(read("a.data", "a b\n\nc, d\n", {"--format", "txt"}), expected);
  // ill-formed UTF-8 is read as U+FFFD, and a NUL is a character
  EXPECT_EQ(read("c.txt", std::string("x\xFFy\n", 4), {}), output_of({"encode", kModel, "x\xEF\xBF\xBDy"}));
  EXPECT_EQ(read("d.txt", std::string("a\0b\n", 4), {}), read("d.jsonl", "\"a\\u0000b\"\n", {}));
}

TEST_F(Program, WrongInputIsExit1AndLeavesNoFile) {
  const auto fails = [&](const std::string& name, const std::string& bytes, const Strings& options) {
    return error_of(1, Strings{"encode", kModel, "--input", folder_.file(name, bytes), "--output", folder_ / "out.npy",
                               "--report", folder_ / "report.jsonl"} +
                           options);
  };
  EXPECT_THAT(fails("a.jsonl", "\"a\"\n7\n", {}), HasSubstr("a.jsonl' line 2:"));
  EXPECT_THAT(fails("a.jsonl", "\"\\ud800\"\n", {}), HasSubstr("a.jsonl' line 1: not valid JSON"));
  EXPECT_THAT(fails("a.jsonl", "\"a\"\n\n\"b\"\n", {}), HasSubstr("line 2: a blank line"));
  EXPECT_THAT(fails("a.jsonl", "{\"txt\": \"a\"}\n", {}), HasSubstr("no field 'text'"));
  EXPECT_THAT(fails("a.csv", "a,b\nc\n", {"--column", "2"}), HasSubstr("a.csv' row 2:"));
  EXPECT_THAT(fails("a.csv", "a,b\n", {"--column", "text"}), HasSubstr("no column 'text'"));
  EXPECT_THAT(error_of(1, {"encode", kModel, "--input", folder_ / "none.txt"}), HasSubstr("none.txt': No such file"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.npy"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "report.jsonl"));
  EXPECT_EQ(folder_.num_entries(), 2u);  // the two inputs
}

// ---- usage and errors

TEST_F(Program, SavesAModel) {
  const std::string saved = folder_ / "saved";
  EXPECT_EQ(output_of({"save", kModel, saved, "--max-seq-length", "9", "--truncate-dim", "4"}), "");
  EXPECT_EQ(folder_.num_entries(), 1u);
  const Strings silent = {"the weather", "--truncation", "silent"};
  EXPECT_EQ(output_of(Strings{"encode", saved} + silent),
            output_of(Strings{"encode", kModel, "--max-seq-length", "9", "--truncate-dim", "4"} + silent));
  const json info = json::parse(output_of({"info", saved, "--json"}));
  EXPECT_EQ(info.at("max_seq_length"), 9);
  EXPECT_EQ(info.at("truncate_dim"), 4);
  EXPECT_THAT(error_of(1, {"save", kModel, saved}), HasSubstr("not empty"));
  EXPECT_THAT(error_of(1, {"save", kModel, saved + "/modules.json"}), HasSubstr("not a folder"));
  error_of(2, {"save"});
  EXPECT_THAT(error_of(2, {"save", kModel}), HasSubstr("no FOLDER"));
  EXPECT_THAT(error_of(2, {"save", kModel, saved, "other"}), HasSubstr("'other'"));
}

TEST_F(Program, WrongUsageIsExit2) {
  const Strings good = {"encode", kModel, "text"};
  error_of(2, {});
  error_of(2, {"embed", kModel, "text"});
  error_of(2, {"encode"});
  EXPECT_THAT(error_of(2, {"encode", kModel}), HasSubstr("no text"));
  EXPECT_THAT(error_of(2, {"tokenize", kModel}), HasSubstr("no text"));
  EXPECT_THAT(error_of(2, {"similarity", kModel}), HasSubstr("no text"));
  error_of(2, {"info"});
  error_of(2, {"info", kModel, "other"});
  EXPECT_THAT(error_of(2, good + Strings{"-5 degrees"}), HasSubstr("unknown option '-5 degrees'"));
  EXPECT_THAT(error_of(2, good + Strings{"--nonsense"}), HasSubstr("unknown option '--nonsense'"));
  EXPECT_THAT(error_of(2, good + Strings{"--input", "x.txt"}), HasSubstr("choose one"));
  EXPECT_THAT(error_of(2, {"encode", kModel, "--input", "x.csv"}), HasSubstr("--column"));
  EXPECT_THAT(error_of(2, {"encode", kModel, "--input", "x.pdf"}), HasSubstr("must end with"));
  EXPECT_THAT(error_of(2, good + Strings{"--output", "x.bin"}), HasSubstr("must end with .npy, .jsonl or .csv"));
  EXPECT_THAT(error_of(2, {"tokenize", kModel, "a", "--output", "x.npy"}), HasSubstr("must end with .jsonl"));
  for (const Strings& option : {Strings{"--threads", "0"},
                                {"--threads", "many"},
                                {"--precision", "fp64"},
                                {"--device", "cuda"},
                                {"--quantize", "int4"},
                                {"--truncation", "maybe"},
                                {"--output-value", "all"},
                                {"--batch-size", "0"},
                                {"--truncate-dim", "0"},
                                {"--max-seq-length", "-1"},
                                {"--quiet", "--verbose"},
                                {"--report", "report.txt"}}) {
    EXPECT_THAT(error_of(2, good + option), HasSubstr(option[0])) << option[1];
  }
  EXPECT_THAT(error_of(2, {"similarity", kModel, "a", "--function", "l2"}),
              HasSubstr("cosine, dot, euclidean, manhattan"));
  EXPECT_THAT(error_of(2, {"similarity", kModel, "a", "b", "c", "--pairwise"}), HasSubstr("is 3"));
  // wrong usage is found before anything is loaded
  EXPECT_THAT(error_of(2, {"encode", "/nowhere", "text", "--output", "x.bin"}), HasSubstr("must end with"));
}

TEST_F(Program, ErrorsOfTheModelAreExit1) {
  EXPECT_THAT(error_of(1, {"encode", "/nowhere/model", "text"}), HasSubstr("/nowhere/model"));
  EXPECT_THAT(error_of(1, {"info", folder_.path()}), HasSubstr(folder_.path()));
  EXPECT_THAT(error_of(1, {"encode", kModel, "text", "--prompt-name", "nonsense"}), HasSubstr("nonsense"));
  error_of(1, {"encode", kModel, "text", "--max-seq-length", "1000"});  // the model has 64 positions
  for (const std::string precision : {"bf16", "int8"}) {
    EXPECT_THAT(error_of(1, {"encode", kModel, "text", "--precision", precision}), HasSubstr("fp32"));
  }
}

TEST_F(Program, AForcedCpuLevelIsUsedOrRefused) {
  const auto level = [](const std::string& name) { return Process::Setup{.environment = {{"SBERT_FORCE_CPU", name}}}; };
  EXPECT_THAT(error_of(2, {"encode", kModel, "text"}, "", level("sse9")), HasSubstr("reference"));
  EXPECT_THAT(error_of(2, {"tokenize", kModel, "text"}, "", level("sse9")), HasSubstr("reference"));
  const Process::Result result = run_program({"info", kModel, "--json"}, "", level("reference"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("cpu_level"), "reference");
}

TEST_F(Program, HelpAndVersion) {
  EXPECT_THAT(output_of({"--help"}), HasSubstr("encode"));
  EXPECT_THAT(output_of({"--version"}), StartsWith("sbert "));
  for (const std::string command : {"encode", "tokenize", "similarity", "info", "save"}) {
    const std::string help = output_of({command, "--help"});
    for (const std::string option : {"--threads", "--precision", "--device", "--no-mmap", "--quiet", "--verbose"}) {
      EXPECT_THAT(help, HasSubstr(option)) << command;
    }
    EXPECT_EQ(output_of({command, "--version"}), output_of({"--version"}));
  }
}

// ---- the streams and the system

TEST_F(Program, AFullDiskIsNoticed) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this system has no /dev/full";
  for (const Strings& arguments : {Strings{"encode", kModel, "text"},
                                   {"tokenize", kModel, "text"},
                                   {"similarity", kModel, "text"},
                                   {"info", kModel},
                                   {"--help"},
                                   {"--version"}}) {
    EXPECT_THAT(error_of(1, arguments, "", {.stdout_path = "/dev/full"}),
                HasSubstr("cannot write standard output: No space left on device"));
  }
  ASSERT_EQ(::symlink("/dev/full", (folder_ / "out.npy").c_str()), 0);
  EXPECT_THAT(error_of(1, {"encode", kModel, "text", "--output", folder_ / "out.npy"}), HasSubstr("No space left"));
}

TEST_F(Program, AClosedPipeIsExit1) {
  Process process({"encode", kModel, "--input", "-"});
  process.write_input("one\n");
  EXPECT_NE(process.read_line(), "(nothing)");
  process.close_output();
  process.write_input("two\n");
  const Process::Result result = process.wait();
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "sbert: error: cannot write standard output: Broken pipe\n");
}

TEST_F(Program, AClosedStandardOutputIsExit1) {
  EXPECT_THAT(error_of(1, {"encode", kModel, "text"}, "", {.close_stdout = true}), HasSubstr("standard output"));
}

TEST_F(Program, AnInterruptLeavesNoHalfFile) {
  folder_.file("out.npy", "old");
  Process process({"encode", kModel, "--input", "-", "--output", folder_ / "out.npy", "--report", folder_ / "r.jsonl"});
  process.write_input("one\n");
  for (int i = 0; i < 1000 && folder_.num_entries() < 3; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_EQ(folder_.num_entries(), 3u) << "the two hidden files never came";
  process.send(SIGINT);
  EXPECT_EQ(process.wait().signal, SIGINT);
  EXPECT_EQ(folder_.num_entries(), 1u);
  EXPECT_EQ(contents_of(folder_ / "out.npy"), "old");
}

// ---- truncation

TEST_F(Program, SaysWhatWasCut) {
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "word ";
  const std::string file = folder_.file("long.txt", "short\n" + long_text + "\n" + long_text + "\n");
  const std::string report = folder_ / "report.jsonl";
  const std::string warning = "sbert: warning: 2 of 3 texts were cut to 48 tokens\n";
  for (const Strings& command :
       {Strings{"encode", kModel, "--prompt", ""}, {"tokenize", kModel}, {"similarity", kModel}}) {
    const Strings base = command + Strings{"--input", file};
    EXPECT_EQ(run_program(base + Strings{"--report", report}).err, warning);
    const std::vector<json> lines = lines_of(contents_of(report));
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].at("tokens"), lines[0].at("used"));
    EXPECT_GT(lines[1].at("tokens").get<int>(), 100);
    EXPECT_EQ(lines[1].at("used"), 48);
    EXPECT_EQ(run_program(base + Strings{"--quiet"}).err, "");
    EXPECT_EQ(run_program(base + Strings{"--truncation", "silent"}).err, "");
    error_of(1, base + Strings{"--truncation", "error"});
  }
  // one line for the whole stream, however many batches there are
  Process process({"tokenize", kModel, "--input", "-"});
  for (const std::string& text : {std::string("short"), long_text, long_text}) {
    process.write_input(text + "\n");
    EXPECT_NE(process.read_line(), "(nothing)");
  }
  EXPECT_EQ(process.wait().err, warning);
}

// ---- tokenize

TEST_F(Program, TokenizesAsTheReference) {
  const json golden_file = parse_file(kCase + "/golden.json");
  const std::string file = json_file("texts.jsonl", {texts_.begin(), texts_.end()});
  size_t checked = 0;
  for (const json& expected : golden_file.at("tokenization")) {
    if (expected.at("inputs") != "texts") continue;
    Strings arguments = {"tokenize", kModel, "--input", file, "--truncation", "silent"};
    if (expected.at("prompt").is_string()) arguments.insert(arguments.end(), {"--prompt", expected.at("prompt")});
    if (expected.at("max_seq_length").is_number()) {
      arguments.insert(arguments.end(),
                       {"--max-seq-length", std::to_string(expected.at("max_seq_length").get<size_t>())});
    }
    const std::vector<json> lines = lines_of(output_of(arguments));
    ASSERT_EQ(lines.size(), texts_.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].at("input_ids"), expected.at("input_ids").at(i)) << i;
      EXPECT_EQ(lines[i].at("token_type_ids"), expected.at("token_type_ids").at(i)) << i;
      EXPECT_EQ(lines[i].at("truncated"), expected.at("truncated").at(i)) << i;
      EXPECT_EQ(lines[i].at("tokens").size(), lines[i].at("input_ids").size()) << i;
      ++checked;
    }
  }
  EXPECT_GE(checked, texts_.size());
}

TEST_F(Program, TokensAreStringsOfTheVocabulary) {
  const json line = json::parse(output_of({"tokenize", kModel, "[MASK]"}));
  EXPECT_EQ(line.at("tokens"), (Strings{"[CLS]", "[MASK]", "[SEP]"}));
  EXPECT_EQ(line.at("token_type_ids"), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(line.at("truncated"), 0);
  EXPECT_EQ(line.size(), 4u);
}

TEST_F(Program, TokenizesPairs) {
  const std::string expected = output_of({"tokenize", kModel, "--pairs", "a b", "c", "d", ""});
  const std::vector<json> lines = lines_of(expected);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("token_type_ids").back(), 1);
  const std::string file = json_file("pairs.jsonl", {json{"a b", "c"}, json{"d", ""}});
  EXPECT_EQ(output_of({"tokenize", kModel, "--pairs", "--input", file}), expected);
  EXPECT_EQ(output_of({"tokenize", kModel, "--input", file}), expected);
  EXPECT_THAT(error_of(1, {"tokenize", kModel, "--pairs", "--input", few_file()}),
              HasSubstr("line 1: one text, expected a pair"));
  error_of(2, {"tokenize", kModel, "--pairs", "a"});
}

TEST_F(Program, TokenizeAddsPromptsOnlyWhenAsked) {
  // the model has a default prompt: encode uses it, tokenize does not
  EXPECT_EQ(output_of({"tokenize", kModel, "text"}), output_of({"tokenize", kModel, "text", "--prompt", ""}));
  const std::string query = output_of({"tokenize", kModel, "query: text"});
  EXPECT_EQ(output_of({"tokenize", kModel, "text", "--prompt-name", "query"}), query);
  EXPECT_EQ(output_of({"tokenize", kModel, "text", "--task", "query"}), query);
  EXPECT_EQ(output_of({"tokenize", kModel, "text", "--prompt", "query: "}), query);
  EXPECT_EQ(output_of({"tokenize", kModel, "text", "--task", "document"}),
            output_of({"tokenize", kModel, "passage: text"}));
  error_of(1, {"tokenize", kModel, "text", "--prompt-name", "nonsense"});
}

TEST_F(Program, TokenizesWithAFolderThatHoldsOnlyATokenizer) {
  const std::string alone = folder_ / "tokenizer";
  std::filesystem::create_directory(alone);
  for (const std::string name : {"tokenizer.json", "tokenizer_config.json"}) {
    std::filesystem::copy_file(kModel + "/" + name, alone + "/" + name);
  }
  const Strings options = {"--max-seq-length", "20", "--truncation", "silent", "--input", few_file()};
  EXPECT_EQ(output_of(Strings{"tokenize", alone} + options), output_of(Strings{"tokenize", kModel} + options));
  EXPECT_EQ(output_of(Strings{"tokenize", alone, "--prompt", "p: "} + options),
            output_of(Strings{"tokenize", kModel, "--prompt", "p: "} + options));
  EXPECT_THAT(error_of(1, {"tokenize", alone, "text", "--prompt-name", "query"}), HasSubstr("'query'"));
}

// ---- similarity

TEST_F(Program, ScoresAsTheReference) {
  const Strings base = {"similarity", kModel, "--input", few_file(), "--truncation", "silent"};
  expect_near(matrix_of(output_of(base)), golden("similarity-dot"), 1e-4f);  // the function of this model
  const FloatMatrix vectors = golden("few");
  FloatMatrix cosine(few_.size(), few_.size()), euclidean = cosine, manhattan = cosine;
  for (size_t a = 0; a < few_.size(); ++a) {
    for (size_t b = 0; b < few_.size(); ++b) {
      double dot = 0, norm_a = 0, norm_b = 0, squares = 0, absolutes = 0;
      for (size_t j = 0; j < vectors.cols(); ++j) {
        const double x = vectors(a, j), y = vectors(b, j);
        dot += x * y;
        norm_a += x * x;
        norm_b += y * y;
        squares += (x - y) * (x - y);
        absolutes += std::abs(x - y);
      }
      cosine(a, b) = static_cast<float>(dot / std::sqrt(norm_a * norm_b));
      euclidean(a, b) = -static_cast<float>(std::sqrt(squares));
      manhattan(a, b) = -static_cast<float>(absolutes);
    }
  }
  const std::string npy = folder_ / "out.npy";
  for (const auto& [function, expected] : {std::pair{"cosine", cosine},
                                           {"dot", golden("similarity-dot")},
                                           {"euclidean", euclidean},
                                           {"manhattan", manhattan}}) {
    output_of(base + Strings{"--function", function, "--output", npy});
    expect_near(read_npy(npy), expected, 1e-4f);
  }
  EXPECT_EQ(matrix_of(output_of({"similarity", kModel, "one"})).values().size(), 1u);
}

TEST_F(Program, ScoresPairs) {
  const std::string expected =
      output_of({"similarity", kModel, "--pairwise", "a", "b", "c", "c", "--function", "cosine"});
  const std::vector<json> scores = lines_of(expected);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_NEAR(scores[1].get<float>(), 1.0f, 1e-5f);
  EXPECT_NEAR(scores[0].get<float>(),
              matrix_of(output_of({"similarity", kModel, "a", "b", "--function", "cosine"}))(0, 1), 1e-6f);
  const Strings base = {"similarity", kModel, "--pairwise", "--function", "cosine", "--input"};
  EXPECT_EQ(output_of(base + Strings{json_file("p.jsonl", {json{"a", "b"}, json{"c", "c"}})}), expected);
  EXPECT_EQ(output_of(base + Strings{folder_.file("p.csv", "x,y\na,b\nc,c\n"), "--fields", "x,y"}), expected);
  EXPECT_EQ(output_of(base + Strings{folder_.file("q.csv", "a,0,b\nc,0,c\n"), "--fields", "1,3"}), expected);
  output_of(base + Strings{folder_ / "p.jsonl", "--output", folder_ / "out.npy"});
  EXPECT_THAT(contents_of(folder_ / "out.npy"), StartsWith(npy_header("<f4", {2})));
  EXPECT_THAT(error_of(1, base + Strings{few_file()}), HasSubstr("line 1: one text, expected a pair"));
  EXPECT_THAT(error_of(1, {"similarity", kModel, "--input", folder_ / "p.jsonl"}),
              HasSubstr("line 1: a pair, expected one"));
}

// ---- info

TEST_F(Program, DescribesTheModel) {
  const json expected = parse_file(kCase + "/golden.json").at("expected");
  const std::string out = output_of({"info", kModel, "--json"});
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  const json info = json::parse(out);
  EXPECT_EQ(info.at("embedding_dimension"), expected.at("embedding_dimension"));
  EXPECT_EQ(info.at("max_seq_length"), expected.at("max_seq_length"));
  EXPECT_EQ(info.at("similarity_function"), expected.at("similarity_fn_name"));
  EXPECT_EQ(info.at("prompts"), expected.at("prompts"));
  EXPECT_EQ(info.at("default_prompt_name"), expected.at("default_prompt_name"));
  EXPECT_EQ(info.at("truncate_dim"), json(nullptr));
  EXPECT_EQ(info.at("architecture"), "bert");
  EXPECT_EQ(info.at("precision"), "fp32");
  EXPECT_EQ(info.at("modules").size(), expected.at("modules").size());
  for (const char* key :
       {"folder", "num_parameters", "format_version", "tokenizer", "weight_files", "notes", "cpu_level"}) {
    EXPECT_TRUE(info.contains(key)) << key;
  }
  for (const char* key : {"idx", "name", "path", "type", "description"}) {
    EXPECT_TRUE(info.at("modules").at(0).contains(key)) << key;
  }
  const std::string text = output_of({"info", kModel});
  for (const std::string part :
       {"SentenceTransformer(", "Transformer(", "Pooling(", "32", "48", "fp32", "\"query: \""}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

}  // namespace
}  // namespace sbert::cli
