#include "csv.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "cli/temporary_folder.h"
#include "errors.h"

namespace sbert::cli {
namespace {

using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view bytes, char separator = ',') {
  CsvReader reader(bytes, separator, "'x.csv'");
  Rows rows;
  for (std::vector<std::string> fields; reader.next(fields);) rows.push_back(fields);
  return rows;
}

std::vector<std::string> texts_of(std::string_view bytes, const std::vector<std::string>& columns) {
  const TextList list = read_table(bytes, ',', "'x.csv'", columns);
  std::vector<std::string> texts;
  for (size_t i = 0; i < list.size(); ++i) {
    texts.push_back(std::string(list.first(i)) + (list.pairs() ? "|" + std::string(list.second(i)) : ""));
  }
  return texts;
}

std::string error_of(std::string_view bytes, const std::vector<std::string>& columns = {"1"}) {
  return message_of<RunError>([&] { texts_of(bytes, columns); });
}

TEST(Csv, RowsAndFields) {
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("a"), (Rows{{"a"}}));
  EXPECT_EQ(rows_of("a,b\nc,d\n"), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("a,b\r\nc,d\r\n"), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("a,\n,b"), (Rows{{"a", ""}, {"", "b"}}));
  EXPECT_EQ(rows_of("a,"), (Rows{{"a", ""}}));
  EXPECT_EQ(rows_of("a\n\nb\n"), (Rows{{"a"}, {""}, {"b"}}));
  EXPECT_EQ(rows_of("a, b ,c"), (Rows{{"a", " b ", "c"}}));
  EXPECT_EQ(rows_of("a\tb,c\n", '\t'), (Rows{{"a", "b,c"}}));
}

TEST(Csv, Quotes) {
  EXPECT_EQ(rows_of("\"a,b\",c\n"), (Rows{{"a,b", "c"}}));
  EXPECT_EQ(rows_of("\"say \"\"hi\"\"\"\n"), (Rows{{"say \"hi\""}}));
  EXPECT_EQ(rows_of("\"two\nlines\r\nthree\",x\r\ny,z"), (Rows{{"two\nlines\r\nthree", "x"}, {"y", "z"}}));
  EXPECT_EQ(rows_of("\"\",\"\"\"\"\n"), (Rows{{"", "\""}}));
  EXPECT_EQ(rows_of("\"a\""), (Rows{{"a"}}));
  EXPECT_EQ(rows_of("\"a\"\r"), (Rows{{"a"}}));
  EXPECT_EQ(rows_of("5\" disk,b\n"), (Rows{{"5\" disk", "b"}}));  // not at the beginning: a character
}

TEST(Csv, AnyByteIsText) {
  EXPECT_EQ(rows_of(std::string_view("a\0b,\xFF\n", 6)), (Rows{{std::string("a\0b", 3), "\xFF"}}));
  EXPECT_EQ(rows_of("a\rb,c\r\r\n"), (Rows{{"a\rb", "c\r"}}));  // a CR ends no row, and one goes with the LF
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "a\n"),
            (Rows{{"a"}}));  // the byte order mark that spreadsheets write
}

TEST(Csv, BrokenQuotesNameTheRow) {
  EXPECT_EQ(error_of("a\n\"b\nc"), "'x.csv' row 2: a field in quotes does not end");
  EXPECT_THAT(error_of("a\n\"b\"c\n"), HasSubstr("'x.csv' row 2: text after a closing quote"));
}

TEST(Csv, AColumnByNumberHasNoHeader) {
  EXPECT_EQ(texts_of("id,text\n1,x\n", {"2"}), (std::vector<std::string>{"text", "x"}));
  EXPECT_EQ(texts_of("a,b,c\n", {"3", "1"}), std::vector<std::string>{"c|a"});
  EXPECT_EQ(texts_of("", {"2"}), std::vector<std::string>{});
}

TEST(Csv, AColumnByNameReadsTheHeader) {
  EXPECT_EQ(texts_of("id,text\n1,x\n2,\n", {"text"}), (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(texts_of("\xEF\xBB\xBFtext,id\nx,1\n", {"text"}), std::vector<std::string>{"x"});
  EXPECT_EQ(texts_of("s,a,b\n1,x,y\n", {"b", "a"}), std::vector<std::string>{"y|x"});
  EXPECT_EQ(texts_of("id,text\n", {"text"}), std::vector<std::string>{});
  EXPECT_EQ(texts_of("", {"text"}), std::vector<std::string>{});
}

TEST(Csv, MissingColumnsNameTheRow) {
  EXPECT_EQ(error_of("a,b\nc\n", {"2"}), "'x.csv' row 2: it has 1 column, but column 2 is to be read");
  EXPECT_EQ(error_of("a,b\nc,d\n\n", {"2"}), "'x.csv' row 3: it has 1 column, but column 2 is to be read");
  EXPECT_EQ(error_of("id,text\n", {"txt"}), "'x.csv' row 1: the header has no column 'txt', it has 'id', 'text'");
  EXPECT_THAT(error_of("t,t\n", {"t"}), HasSubstr("has the column 't' twice"));
  EXPECT_EQ(error_of("a\n", {"18446744073709551615"}),
            "'x.csv' row 1: it has 1 column, but column 18446744073709551615 is to be read");
}

// Any bytes: rows or a RunError. All bytes of the input are in the fields, but for the marks between them.
TEST(Csv, AnyBytesAreReadOrRefused) {
  constexpr std::string_view kBytes = "aa,\"\"\n\r\xEF\xBB\xBF";
  std::mt19937 random(3);
  size_t read = 0, refused = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string bytes;
    for (size_t size = random() % 12; size > 0; --size) bytes += kBytes[random() % kBytes.size()];
    try {
      size_t letters = 0;
      for (const auto& row : rows_of(bytes)) {
        EXPECT_FALSE(row.empty());
        for (const std::string& field : row) letters += std::count(field.begin(), field.end(), 'a');
      }
      EXPECT_EQ(letters, size_t(std::count(bytes.begin(), bytes.end(), 'a')));
      ++read;
    } catch (const RunError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 10'000u);
  EXPECT_GT(refused, 5'000u);
}

TEST(Csv, WrongColumnsAreWrongUsage) {
  for (const std::vector<std::string>& columns :
       {std::vector<std::string>{"0"}, {""}, {"1", "text"}, {"99999999999999999999"}}) {
    EXPECT_THROW(check_columns(columns), UsageError) << columns[0];
  }
}

}  // namespace
}  // namespace sbert::cli
