#include "base/json_edit.hpp"

#include "support/catch.hpp"

using namespace elb;

TEST_CASE("values are replaced where they stand, every other byte stays") {
  const std::string text = R"( {"a" : [1, {"b":"x,]}\"", "c": -2.5e3 }] ,
  "b": null,"weights":{"synthetic": 1}})";
  CHECK(replace_json_values(text, {}) == text);
  CHECK(replace_json_values(text, {{"/a/1/b", "7"}}) == R"( {"a" : [1, {"b":7, "c": -2.5e3 }] ,
  "b": null,"weights":{"synthetic": 1}})");
  CHECK(replace_json_values(text, {{"/a/1/c", "0"}, {"/b", "\"n\""}, {"/a/0", "[]"}}) ==
        R"( {"a" : [[], {"b":"x,]}\"", "c": 0 }] ,
  "b": "n","weights":{"synthetic": 1}})");
  CHECK(replace_json_values(text, {{"/weights", "\"w\""}}) == R"( {"a" : [1, {"b":"x,]}\"", "c": -2.5e3 }] ,
  "b": null,"weights":"w"})");
  CHECK(replace_json_values("3", {{"", "4"}}) == "4");
  CHECK(replace_json_values("\xef\xbb\xbf{\"a\": {}}\n", {{"/a", "[ ]"}}) == "\xef\xbb\xbf{\"a\": [ ]}\n");
}

TEST_CASE("a pointer that leads nowhere leaves no text") {
  const std::string text = R"({"a": [1, 2], "\u0062": 3, "d": {"e": 1}})";
  CHECK_FALSE(replace_json_values(text, {{"/a/2", "0"}}));
  CHECK_FALSE(replace_json_values(text, {{"/b", "0"}}));  // written with an escape
  CHECK_FALSE(replace_json_values(text, {{"/a/0", "0"}, {"/c", "0"}}));
  // What lies inside a value that is replaced goes with it.
  CHECK_FALSE(replace_json_values(text, {{"/d", "0"}, {"/d/e", "0"}}));
}
