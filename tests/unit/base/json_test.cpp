#include "base/json.hpp"

#include "support/catch.hpp"

using namespace elb;

TEST_CASE("a fraction, an unknown key and a doubled key are found in one run, each with its place") {
  Diags diags;
  const Json root = Json::parse_text(R"({"kernel": 3.5, "strides": 2})", "net.json", diags);
  CHECK(root.get_int("kernel", {.min = 1, .max = 9}) == 1);
  CHECK(root.get_int_or("stride", 1, {.min = 1}) == 1);
  root.refuse_unknown();
  REQUIRE(diags.all().size() == 2);
  CHECK(to_string(diags.all()[0]) ==
        "net.json#/kernel: error [json-value]: 3.5 was given, an integer of 1..9 was expected");
  CHECK(to_string(diags.all()[1]) ==
        "net.json#: error [json-key]: unknown key \"strides\"; did you mean \"stride\"?");

  Diags twice;
  Json::parse_text(R"({"a": 1, "a": 2})", "net.json", twice);
  REQUIRE(twice.all().size() == 1);
  CHECK(twice.all()[0].code == "json-key");
}

TEST_CASE("integers are taken whole or not at all") {
  Diags diags;
  const Json root = Json::parse_text(
      R"([9223372036854775807, -9223372036854775808, 4294967299, 3.0, true, 1e3, "7", 9223372036854775808])",
      "a.json", diags);
  CHECK(root[0].as_int() == INT64_MAX);
  CHECK(root[1].as_int() == INT64_MIN);
  CHECK(root[2].as_int() == 4294967299);
  CHECK(diags.ok());
  for (size_t i = 3; i < root.size(); ++i) {
    const size_t before = diags.all().size();
    root[i].as_int();
    INFO("item " << i);
    CHECK(diags.all().size() == before + 1);
  }
}

TEST_CASE("a syntax error has line and column") {
  Diags diags;
  Json::parse_text("{\n  \"a\": 1,\n  b\n}", "a.json", diags);
  REQUIRE(diags.all().size() == 1);
  CHECK(diags.all()[0].code == "json-syntax");
  CHECK(to_string(diags.all()[0]).find("3:3") != std::string::npos);
}

TEST_CASE("what is written reads back") {
  JsonWriter w;
  w.begin_object().field("text", "a \"b\"\\\n\x01").field("number", 0.1).field("count", int64_t{-7});
  w.field("nothing", std::optional<int64_t>()).key("list").begin_array(true).value(1).value(true).end_array();
  w.end_object();
  Diags diags;
  const Json root = Json::parse_text(w.text(), "w.json", diags);
  CHECK(root.get_string("text") == "a \"b\"\\\n\x01");
  CHECK(root.at("number").as_double() == 0.1);
  CHECK(root.get_int("count") == -7);
  CHECK(root.at("nothing").is_null());
  CHECK(root.at("list")[1].as_bool());
  CHECK(root.keys() == std::vector<std::string>{"text", "number", "count", "nothing", "list"});
  CHECK(diags.ok());
}
