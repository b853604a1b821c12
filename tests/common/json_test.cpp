#include "common/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include <sbert/error.h>

namespace sbert::common {
namespace {

using testing::HasSubstr;

JsonObject parse(std::string_view text) {
  return JsonObject::parse(text, "'x.json'");
}

template <typename Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const InvalidModelError& e) {
    return e.what();
  }
  return "(no InvalidModelError)";
}

TEST(Json, ReadsTypedFields) {
  const JsonObject o = parse(R"({"s": "a", "i": 3, "d": 0.5, "b": true, "o": {"k": ["x"]}, "n": null, "big": 1e30})");
  EXPECT_EQ(o.string("s"), "a");
  EXPECT_EQ(o.integer("i", 1, 3), 3);
  EXPECT_EQ(o.number("i"), 3.0);
  EXPECT_EQ(o.number("d"), 0.5);
  EXPECT_EQ(o.boolean_if("b"), true);
  EXPECT_EQ(o.object("o").strings("k"), std::vector<std::string>{"x"});
  EXPECT_FALSE(o.has("n"));
  EXPECT_EQ(o.string_if("n"), std::nullopt);
  EXPECT_EQ(o.number("big"), 1e30);
}

TEST(Json, IntegersBeyond64BitsBecomeNumbers) {
  EXPECT_EQ(parse(R"({"x": 1000000000000000019884624838656})").number("x"), 1000000000000000019884624838656.0);
}

TEST(Json, ErrorsNameFileFieldAndValue) {
  const JsonObject o =
      parse(R"({"hidden_size": "384", "heads": 0, "half": 1.5, "huge": 18446744073709551615, "o": {}})");
  EXPECT_EQ(message_of([&] { o.integer("hidden_size", 1, 9); }),
            "'x.json': field 'hidden_size' must be an integer, found a string \"384\"");
  EXPECT_EQ(message_of([&] { o.integer("heads", 1, 9); }), "'x.json': field 'heads' is 0, expected 1 to 9");
  EXPECT_THAT(message_of([&] { o.integer("half", 1, 9); }), HasSubstr("must be an integer, found a number 1.5"));
  EXPECT_THAT(message_of([&] { o.integer("huge", 1, 9); }), HasSubstr("is 18446744073709551615"));
  EXPECT_EQ(message_of([&] { o.string("absent"); }), "'x.json': field 'absent' is missing");
  EXPECT_EQ(message_of([&] { o.object("o").string("k"); }), "'x.json' field 'o': field 'k' is missing");
}

TEST(Json, RefusesWhatItCannotTrust) {
  EXPECT_THAT(message_of([] { parse("[1]"); }), HasSubstr("expected a JSON object, found an array"));
  EXPECT_THAT(message_of([] { parse("{"); }), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of([] { parse(R"({"a": 1, "a": 2})"); }), HasSubstr("key 'a' appears twice"));
  EXPECT_THAT(message_of([] { parse(R"({"x": 1e400})"); }), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of([] { parse("{\"a\": \"\xFF\"}"); }), HasSubstr("not valid JSON"));
}

// J1: a hundred thousand brackets must end in an error, not in a stack overflow.
TEST(Json, DeepNestingIsAnError) {
  EXPECT_THAT(message_of([] { parse("{\"a\":" + std::string(100'000, '[')); }), HasSubstr("nested deeper than 64"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(message_of([&] { parse(objects); }), HasSubstr("nested deeper than 64"));
}

}  // namespace
}  // namespace sbert::common
