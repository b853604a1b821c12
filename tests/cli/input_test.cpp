#include "input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "cli/temporary_folder.h"
#include "errors.h"
#include "file.h"

namespace sbert::cli {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

Words texts_of(const TextList& list) {
  Words texts;
  for (size_t i = 0; i < list.size(); ++i) {
    texts.push_back(std::string(list.first(i)) + (list.pairs() ? "|" + std::string(list.second(i)) : ""));
  }
  return texts;
}

Words lines_of(std::string bytes) {
  return texts_of(TextList::of_lines(std::move(bytes)));
}

Words json_of(std::string_view lines, JsonLinesReader::Options options = {}) {
  TextList texts;
  JsonLinesReader("'x.jsonl'", std::move(options)).read(lines, texts);
  return texts_of(texts);
}

std::string json_error_of(std::string_view lines, JsonLinesReader::Options options = {}) {
  return message_of<RunError>([&] { json_of(lines, options); });
}

TextInput input_of(const Words& arguments, Shape shape = Shape::kAny) {
  TextInput input;
  ArgumentParser parser("encode", "[TEXT...]", "");
  input.add_options(parser);
  Words words = parser.parse(arguments);
  input.check(std::move(words), shape);
  return input;
}

std::string usage_error_of(const Words& arguments, Shape shape = Shape::kAny) {
  return message_of<UsageError>([&] { input_of(arguments, shape); });
}

TEST(Lines, EveryLineIsAText) {
  EXPECT_EQ(lines_of(""), Words{});
  EXPECT_EQ(lines_of("\n"), Words{""});
  EXPECT_EQ(lines_of("a"), Words{"a"});
  EXPECT_EQ(lines_of("a\n"), Words{"a"});
  EXPECT_EQ(lines_of("a\n\n"), (Words{"a", ""}));
  EXPECT_EQ(lines_of("\n\na\n"), (Words{"", "", "a"}));
}

TEST(Lines, OneTrailingCrIsDropped) {
  EXPECT_EQ(lines_of("a\r\nb\r\n"), (Words{"a", "b"}));
  EXPECT_EQ(lines_of("a\r\r\n\r\n"), (Words{"a\r", ""}));
  EXPECT_EQ(lines_of("a\r"), Words{"a"});
  EXPECT_EQ(lines_of("a\rb\n"), Words{"a\rb"});
}

TEST(Lines, AnyByteIsText) {
  EXPECT_EQ(lines_of(std::string("a\0b\n\xFF\n", 6)), (Words{std::string("a\0b", 3), "\xFF"}));
}

TEST(JsonLines, StringsObjectsAndPairs) {
  EXPECT_EQ(json_of("\"a\"\n{\"text\": \"b\", \"id\": 1}\n"), (Words{"a", "b"}));
  EXPECT_EQ(json_of("{\"id\": {\"text\": \"no\"}, \"x\": [\"no\"], \"text\": \"b\"}"), Words{"b"});
  EXPECT_EQ(json_of("[\"a\", \"b\"]\n[\"\", \"\"]\r\n"), (Words{"a|b", "|"}));
  EXPECT_EQ(json_of("{\"q\": \"a\"}", {.field = "q", .fields = {}}), Words{"a"});
  EXPECT_EQ(json_of("{\"b\": \"y\", \"a\": \"x\"}\n[\"c\", \"d\"]", {.fields = {{"a", "b"}}}), (Words{"x|y", "c|d"}));
  EXPECT_EQ(json_of(R"("\u00e9\ud83d\ude00\n\u0000z")"), Words{std::string("\xC3\xA9\xF0\x9F\x98\x80\n\0z", 9)});
  EXPECT_EQ(json_of("\xEF\xBB\xBF\"a\"\n"), Words{"a"});
  EXPECT_EQ(json_of(""), Words{});
}

TEST(JsonLines, OnlyATrailingBlankLineIsSkipped) {
  EXPECT_EQ(json_of("\"a\"\n\n"), Words{"a"});
  EXPECT_EQ(json_of("\"a\"\n \r\n"), Words{"a"});
  EXPECT_EQ(json_error_of("\"a\"\n\n\"b\"\n"), "'x.jsonl' line 2: a blank line, expected a JSON value");
  EXPECT_EQ(json_error_of("\"a\"\n\n\n"), "'x.jsonl' line 2: a blank line, expected a JSON value");
}

TEST(JsonLines, OtherValuesNameTheLine) {
  EXPECT_EQ(json_error_of("\"a\"\n7\n"),
            "'x.jsonl' line 2: expected a string, an object or an array of two strings, found a number");
  EXPECT_THAT(json_error_of("null"), HasSubstr("line 1: expected a string"));
  EXPECT_THAT(json_error_of("true"), HasSubstr("found a boolean"));
  EXPECT_EQ(json_error_of("[\"a\"]"), "'x.jsonl' line 1: an array of 1 elements, expected two strings");
  EXPECT_EQ(json_error_of("[]"), "'x.jsonl' line 1: an array of 0 elements, expected two strings");
  EXPECT_THAT(json_error_of("[\"a\", \"b\", \"c\"]"), HasSubstr("an array of 3 elements"));
  EXPECT_THAT(json_error_of("[\"a\", 2]"), HasSubstr("an array must hold two strings, found a number"));
  EXPECT_THAT(json_error_of("[\"a\", [\"b\"]]"), HasSubstr("an array must hold two strings, found an array"));
  EXPECT_THAT(json_error_of("{}"), HasSubstr("line 1: the object has no field 'text'"));
  EXPECT_THAT(json_error_of("{\"text\": null}"), HasSubstr("the field 'text' must be a string, found null"));
  EXPECT_THAT(json_error_of("{\"text\": {\"text\": \"a\"}}"), HasSubstr("must be a string, found an object"));
  EXPECT_THAT(json_error_of("{\"text\": \"a\", \"text\": \"b\"}"), HasSubstr("the field 'text' appears twice"));
  EXPECT_THAT(json_error_of("{\"a\": \"x\"}", {.fields = {{"a", "b"}}}), HasSubstr("has no field 'b'"));
  EXPECT_THAT(json_error_of("\"x\"", {.fields = {{"a", "b"}}}), HasSubstr("expected an object"));
}

TEST(JsonLines, BrokenJsonNamesTheLine) {
  for (const std::string_view line :
       {R"("\ud800")", R"("\udc00x")", R"("\ud800\u0041")", "\"a\xFF\"", "\"\xED\xA0\x80\"", "\"a", "\"a\" \"b\"",
        "{\"text\":", "'a'", "\"a\tb\"", "1e999", "nan", "{\"text\": \"a\"} x", "// c", "\xEF\xBB\xBF\"a\""}) {
    EXPECT_THAT(json_error_of("\"ok\"\n" + std::string(line)), HasSubstr("'x.jsonl' line 2: not valid JSON")) << line;
  }
  // nlohmann's parser takes a NUL for the end
  EXPECT_THAT(json_error_of(std::string("\"a\"\0 x", 6)), HasSubstr("it holds a NUL byte"));
}

TEST(JsonLines, DeepNestingIsNoTrouble) {
  const std::string open(1'000'000, '['), close(1'000'000, ']');
  EXPECT_THAT(json_error_of(open), HasSubstr("not valid JSON"));
  EXPECT_EQ(json_of("{\"x\": " + open + close + ", \"text\": \"a\"}"), Words{"a"});
}

TEST(JsonLines, AnyBytesAreReadOrRefused) {
  const std::string good = "{\"text\": \"a\\u00e9\", \"x\": [1, {\"y\": null}]}\n[\"b\", \"c\"]\n";
  constexpr std::string_view kBytes = "{}[]\",:\\ud8\n\0\xFF 1e-t";
  std::mt19937 random(5);
  size_t read = 0, refused = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string bytes = good.substr(0, random() % 2 == 0 ? good.find('\n') : random() % good.size());
    if (!bytes.empty() && random() % 8 != 0) bytes[random() % bytes.size()] = kBytes[random() % kBytes.size()];
    try {
      json_of(bytes);
      ++read;
    } catch (const RunError& e) {
      EXPECT_THAT(e.what(), HasSubstr("'x.jsonl' line "));
      ++refused;
    }
  }
  EXPECT_GT(read, 5'000u);
  EXPECT_GT(refused, 10'000u);
}

TEST(JsonLines, TextsAndPairsDoNotMix) {
  EXPECT_THAT(json_error_of("\"a\"\n[\"a\", \"b\"]"),
              HasSubstr("line 2: a pair, but the lines before it are single texts"));
  EXPECT_THAT(json_error_of("[\"a\", \"b\"]\n\"a\""), HasSubstr("line 2: one text, but the lines before it are pairs"));
  EXPECT_THAT(json_error_of("\"a\"", {.fields = {}, .shape = Shape::kPairs}),
              HasSubstr("line 1: one text, expected a pair"));
  EXPECT_THAT(json_error_of("[\"a\", \"b\"]", {.fields = {}, .shape = Shape::kTexts}),
              HasSubstr("line 1: a pair, expected one text"));
}

TEST(JsonLines, LineNumbersGoOnOverBatches) {
  JsonLinesReader reader("standard input", {});
  TextList texts;
  reader.read("\"a\"\n\"b\"\n", texts);
  reader.read("\n", texts);  // the last one, as far as it is known
  EXPECT_EQ(texts.size(), 2u);
  EXPECT_EQ(message_of<RunError>([&] { reader.read("\"c\"\n", texts); }),
            "standard input line 3: a blank line, expected a JSON value");
}

TEST(TextInput, ReadsFilesByTheirSuffix) {
  const TemporaryFolder folder;
  const std::string txt = folder.file("a.TXT", "one\ntwo\n"), jsonl = folder.file("a.jsonl", "\"one\"\n");
  const std::string csv = folder.file("a.csv", "id,text\n1,\"x,y\"\n"), tsv = folder.file("a.tsv", "1\tx,y\n");
  EXPECT_EQ(texts_of(input_of({"--input", txt}).read()), (Words{"one", "two"}));
  EXPECT_EQ(texts_of(input_of({"--input", jsonl}).read()), Words{"one"});
  EXPECT_EQ(texts_of(input_of({"--input", jsonl, "--format", "txt"}).read()), Words{"\"one\""});
  EXPECT_EQ(texts_of(input_of({"--input", csv, "--column", "text"}).read()), Words{"x,y"});
  EXPECT_EQ(texts_of(input_of({"--input", csv, "--column", "2"}).read()), (Words{"text", "x,y"}));
  EXPECT_EQ(texts_of(input_of({"--input", csv, "--fields", "text,id"}).read()), Words{"x,y|1"});
  EXPECT_EQ(texts_of(input_of({"--input", tsv, "--column", "2"}).read()), Words{"x,y"});
  const std::string other = folder.file("a.data", "\"one\"\n");
  EXPECT_EQ(texts_of(input_of({"--input", other, "--format", "jsonl"}).read()), Words{"one"});
}

TEST(TextInput, ReadsWords) {
  EXPECT_EQ(texts_of(input_of({"a", "", "b"}).read()), (Words{"a", "", "b"}));
  EXPECT_EQ(texts_of(input_of({"a", "b", "c", "d"}, Shape::kPairs).read()), (Words{"a|b", "c|d"}));
}

TEST(TextInput, WrongUseReadsNothing) {
  EXPECT_THAT(usage_error_of({}), HasSubstr("no text"));
  EXPECT_THAT(usage_error_of({"a", "--input", "x.txt"}), HasSubstr("choose one"));
  EXPECT_THAT(usage_error_of({"a", "--format", "txt"}), HasSubstr("describe a file"));
  EXPECT_THAT(usage_error_of({"a"}, Shape::kPairs), HasSubstr("the number of TEXT arguments is 1"));
  EXPECT_THAT(usage_error_of({"--input", "x.doc"}), HasSubstr("must end with .txt, .jsonl, .csv or .tsv"));
  EXPECT_THAT(usage_error_of({"--input", "folder.txt/x"}), HasSubstr("must end with .txt, .jsonl, .csv or .tsv"));
  EXPECT_THAT(usage_error_of({"--input", "-", "--format", "xml"}), HasSubstr("expected one of: txt, jsonl"));
  EXPECT_THAT(usage_error_of({"--input", "x.csv"}), HasSubstr("Give --column"));
  EXPECT_THAT(usage_error_of({"--input", "x.csv", "--column", "0"}), HasSubstr("counted from 1"));
  EXPECT_THAT(usage_error_of({"--input", "x.csv", "--column", "1"}, Shape::kPairs), HasSubstr("give --fields a,b"));
  EXPECT_THAT(usage_error_of({"--input", "x.txt", "--column", "1"}), HasSubstr("--column is for .csv and .tsv"));
  EXPECT_THAT(usage_error_of({"--input", "x.txt", "--field", "a"}), HasSubstr("--field is for JSON lines"));
  EXPECT_THAT(usage_error_of({"--input", "x.txt", "--fields", "a,b"}), HasSubstr("--fields is for JSON lines and"));
  EXPECT_THAT(usage_error_of({"--input", "x.txt"}, Shape::kPairs), HasSubstr("a .txt file has no pairs"));
  EXPECT_THAT(usage_error_of({"--input", "x.jsonl", "--fields", "a,b"}, Shape::kTexts), HasSubstr("single texts"));
  for (const std::string fields : {"a", "a,", ",b", "a,b,c", "a,a", ""}) {
    EXPECT_THAT(usage_error_of({"--input", "x.jsonl", "--fields", fields}), HasSubstr("--fields")) << fields;
  }
}

TEST(TextInput, FilesThatCannotBeReadAreNamed) {
  EXPECT_EQ(message_of<RunError>([] {
              input_of({"--input", "/nowhere/x.txt"}).read();
            }),
            "cannot read '/nowhere/x.txt': No such file or directory");
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "d.txt");
  EXPECT_THAT(message_of<RunError>([&] {
                input_of({"--input", folder / "d.txt"}).read();
              }),
              HasSubstr("Is a directory"));
}

TEST(File, ReadsEveryByte) {
  const TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i * 31 % 251);
  EXPECT_EQ(read_file(folder.file("x", bytes)), bytes);
  EXPECT_EQ(read_file(folder.file("y", "")), "");
  EXPECT_EQ(read_file("/dev/null"), "");
}

TEST(TextList, PromptsStandBeforeTheFirstText) {
  EXPECT_EQ(texts_of(TextList::of_texts({"a", ""}).with_prompt("p: ")), (Words{"p: a", "p: "}));
  EXPECT_EQ(texts_of(TextList::of_pairs({"a", "b"}).with_prompt("p: ")), Words{"p: a|b"});
}

TEST(TextList, InputsOfARangeAreViews) {
  const TextList list = TextList::of_pairs({"a", "b", "c", "d"});
  const Inputs inputs = list.inputs(1, 2);
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_TRUE(inputs.pairs());
  EXPECT_EQ(inputs.first(0), "c");
  EXPECT_EQ(inputs.second(0).data(), list.second(1).data());
  EXPECT_EQ(list.first_inputs().first(1), "c");
  EXPECT_EQ(list.second_inputs().first(1), "d");
}

}  // namespace
}  // namespace sbert::cli
