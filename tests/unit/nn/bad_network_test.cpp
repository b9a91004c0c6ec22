// Every mistake that a network's JSON can hold: one diagnostic each, with its code and its pointer.
#include <algorithm>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

struct Bad {
  const char* from;
  const char* to;
  const char* code;
  const char* place;  // behind "net.json"
};

void check_each(const std::string& json, const std::string& safetensors, const std::vector<Bad>& table) {
  for (const Bad& bad : table) {
    const std::vector<Diag> found = test::mistakes(test::with(json, bad.from, bad.to), safetensors);
    INFO(bad.from << "  ->  " << bad.to);
    for (const Diag& d : found) UNSCOPED_INFO(to_string(d));
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == bad.code);
    CHECK(found[0].place == std::string("net.json") + bad.place);
    CHECK(explain_code(found[0].code) != nullptr);
    CHECK(!found[0].text.empty());
  }
}

TEST_CASE("a mistake at the top level is told with its pointer") {
  const std::vector<Bad> table{
      {"\"name\": \"tiny\",", "\"name\": \"tiny\"", "json-syntax", ":4:11"},
      {"elbgen.network/1", "elbgen.network/2", "json-value", "#/format"},
      {"\"format\": \"elbgen.network/1\",", "", "json-key", "#"},
      {"\"name\": \"tiny\"", "\"name\": \"ti ny\"", "nn-name", "#/name"},
      {"\"name\": \"tiny\"", "\"name\": \"\"", "nn-name", "#/name"},
      {"\"name\": \"tiny\"", "\"name\": 3", "json-value", "#/name"},
      {"\"weights\": \"tiny.safetensors\"", "\"weights\": 7", "json-value", "#/weights"},
      {"\"weights\": \"tiny.safetensors\"", "\"weights\": \"\"", "json-value", "#/weights"},
      {"\"name\": \"tiny\"", "\"name\": \"tiny\", \"class_rule\": \"argmin\"", "json-value", "#/class_rule"},
      {"\"name\": \"tiny\"", "\"name\": \"tiny\", \"output\": \"fc2\"", "nn-graph", "#/output"},
      {"\"name\": \"tiny\"", "\"name\": \"tiny\", \"output\": \"add1\"", "nn-graph", "#/layers/4"},
      {"\"name\": \"tiny\"", "\"name\": \"tiny\", \"name\": \"tiny\"", "json-key", "#"},
      {"\"name\": \"tiny\"", "\"name\": \"tiny\", \"extra\": {}", "json-key", "#"},
  };
  check_each(test::tiny_json(), write_safetensors(test::tiny_tensors()), table);
}

TEST_CASE("a misspelt key is missing where it should be, and the known one is suggested") {
  const std::vector<Diag> misspelt =
      test::mistakes(test::with(test::tiny_json(), "\"name\": \"tiny\"", "\"nam\": \"tiny\""),
                     write_safetensors(test::tiny_tensors()));
  REQUIRE(misspelt.size() == 2);
  CHECK(misspelt[0].text == "key \"name\" is missing");
  CHECK(misspelt[1].help == "did you mean \"name\"?");
}

TEST_CASE("a mistake in the input is told with its pointer") {
  const std::vector<Bad> table{
      {"[6, 6, 2]", "[6, 6]", "json-value", "#/input/shape"},
      {"[6, 6, 2]", "[6, 0, 2]", "json-value", "#/input/shape/1"},
      {"[6, 6, 2]", "[6, 6.5, 2]", "json-value", "#/input/shape/1"},
      {"[6, 6, 2]", "[6, 65537, 2]", "json-value", "#/input/shape/1"},
      {"[6, 6, 2]", "[65536, 65536, 65536]", "nn-limit", "#/input/shape"},
      {"[6, 6, 2]", "\"6x6x2\"", "json-value", "#/input/shape"},
      {"\"bits\": 8, \"scale\": 0.5", "\"bits\": 9, \"scale\": 0.5", "json-value", "#/input/activation/bits"},
      {"\"bits\": 8, \"scale\": 0.5", "\"scale\": 0.5", "json-key", "#/input/activation"},
      {"\"scale\": 0.5", "\"scale\": 0", "json-value", "#/input/activation/scale"},
      {"\"scale\": 0.5", "\"scale\": -0.5", "json-value", "#/input/activation/scale"},
      {"\"scale\": 0.5", "\"scale\": 1e300", "json-value", "#/input/activation/scale"},
      {"\"scale\": 0.5", "\"scale\": 1e999", "json-syntax", ":5:92"},
      {"\"scale\": 0.5", "\"scale\": null", "json-value", "#/input/activation/scale"},
      {"\"bits\": 8, \"scale\": 0.5}", "\"bits\": 8, \"scale\": 0.5, \"sign\": 1}", "json-key",
       "#/input/activation"},
      {"{\"kind\": \"unsigned\", \"bits\": 8, \"scale\": 0.5}", "{\"kind\": \"bipolar\"}", "nn-activation",
       "#/input/activation"},
      {"{\"kind\": \"unsigned\", \"bits\": 8, \"scale\": 0.5}", "{\"kind\": \"signed\", \"bits\": 4}",
       "nn-activation", "#/input/activation"},
      {"{\"kind\": \"unsigned\", \"bits\": 8, \"scale\": 0.5}", "{\"kind\": \"signed\", \"bits\": 1}",
       "json-value", "#/input/activation/bits"},
      {"{\"kind\": \"unsigned\", \"bits\": 8, \"scale\": 0.5}", "{\"kind\": \"real\", \"bits\": 8}",
       "json-value", "#/input/activation/kind"},
      {"\"input\": {", "\"input\": {\"pixel_table\": [1, 2], ", "json-value", "#/input/pixel_table"},
      {"\"input\": {", "\"input\": {\"pixel_table\": [[1], [2], [3]], ", "nn-shape", "#/input/pixel_table"},
      {"\"input\": {", "\"input\": {\"image\": {\"mode\": \"cmyk\"}, ", "json-value", "#/input/image/mode"},
      {"\"input\": {", "\"input\": {\"image\": {\"mode\": \"rgb\"}, ", "nn-shape", "#/input/image/mode"},
      {"\"input\": {", "\"input\": {\"image\": {\"resize\": 5}, ", "json-value", "#/input/image/resize"},
      {"\"input\": {", "\"input\": {\"image\": {\"crop\": 5}, ", "json-key", "#/input/image"},
  };
  check_each(test::tiny_json(), write_safetensors(test::tiny_tensors()), table);
}

TEST_CASE("a pixel table with a value that the activation does not have is refused at its entry") {
  std::string list = "[";
  for (int i = 0; i < 256; ++i) list += (i ? ", " : "") + std::string(i == 17 ? "0" : i % 2 ? "1" : "-1");
  const std::string json =
      test::with(test::tiny_json(), "{\"kind\": \"unsigned\", \"bits\": 8, \"scale\": 0.5}",
                 "{\"kind\": \"bipolar\"}, \"pixel_table\": " + list + "]");
  const std::vector<Diag> found = test::mistakes(json, write_safetensors(test::tiny_tensors()));
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "nn-activation");
  CHECK(found[0].place == "net.json#/input/pixel_table/17");
}

TEST_CASE("a mistake in a layer is told with its pointer") {
  const std::vector<Bad> table{
      {"\"name\": \"fc1\"", "\"name\": \"1fc\"", "nn-name", "#/layers/4/name"},
      {"\"name\": \"fc1\"", "\"name\": \"conv1\"", "nn-name", "#/layers/4/name"},
      {"\"name\": \"fc1\"", "\"name\": \"input\"", "nn-name", "#/layers/4/name"},
      {"\"name\": \"fc1\"", "\"name\": \"class\"", "nn-name", "#/layers/4/name"},
      {"\"name\": \"fc1\", ", "", "json-key", "#/layers/4"},
      {"\"op\": \"fc\"", "\"op\": \"dense\"", "json-value", "#/layers/4/op"},
      {"\"op\": \"fc\", ", "", "json-key", "#/layers/4"},
      {"[\"pool1\", \"conv2\"]", "[\"pool1\", \"conv9\"]", "nn-graph", "#/layers/3/inputs/1"},
      {"[\"pool1\", \"conv2\"]", "[\"pool1\", \"fc1\"]", "nn-graph", "#/layers/3/inputs/1"},
      {"[\"pool1\", \"conv2\"]", "[\"pool1\", \"add1\"]", "nn-graph", "#/layers/3/inputs/1"},
      {"[\"pool1\", \"conv2\"]", "[\"pool1\"]", "nn-graph", "#/layers/3/inputs"},
      {"[\"pool1\", \"conv2\"]", "\"pool1\"", "json-value", "#/layers/3/inputs"},
      {"[\"pool1\", \"conv2\"]", "[\"pool1\", 3]", "json-value", "#/layers/3/inputs/1"},
      {"\"inputs\": [\"pool1\", \"conv2\"], ", "", "json-key", "#/layers/3"},
      {"[\"pool1\", \"conv2\"]", "[\"conv1\", \"conv2\"]", "nn-shape", "#/layers/3"},
      {"\"op\": \"fc\",", "\"op\": \"fc\", \"inputs\": [\"add1\", \"add1\"],", "nn-graph",
       "#/layers/4/inputs"},
      {"\"out_channels\": 3", "\"out_channels\": 0", "json-value", "#/layers/4/out_channels"},
      {"\"out_channels\": 3", "\"out_channels\": 1e9", "json-value", "#/layers/4/out_channels"},
      {"\"out_channels\": 3, ", "", "json-key", "#/layers/4"},
      {"\"weight\": \"binary\"", "\"weight\": \"int9\"", "json-value", "#/layers/4/weight"},
      {"\"weight\": \"binary\"", "\"weight\": 1", "json-value", "#/layers/4/weight"},
      {"\"weight\": \"binary\", ", "", "json-key", "#/layers/4"},
      {"\"weight\": \"binary\"", "\"weight\": \"binary\", \"kernel\": 3", "json-key", "#/layers/4"},
      {"\"weight\": \"binary\"", "\"weight\": \"binary\", \"bn\": {\"epsilon\": 0}", "nn-tail",
       "#/layers/4/bn"},
      {"\"weight\": \"binary\"", "\"weight\": \"binary\", \"thresholds\": 3", "nn-tail",
       "#/layers/4/thresholds"},
      {"\"kernel\": 3,", "\"kernel\": 0,", "json-value", "#/layers/0/kernel"},
      {"\"kernel\": 3,", "\"kernel\": 256,", "json-value", "#/layers/0/kernel"},
      {"\"kernel\": 3,", "\"kernel\": 9,", "nn-shape", "#/layers/0"},
      {"\"kernel\": 3,", "\"kernel\": [3, 3, 3],", "json-value", "#/layers/0/kernel"},
      {"\"kernel\": 3, ", "", "json-key", "#/layers/0"},
      {"\"padding\": 1,", "\"padding\": -1,", "json-value", "#/layers/0/padding"},
      {"\"padding\": 1,", "\"padding\": [0, 0, 0, 3],", "nn-shape", "#/layers/0"},
      {"\"padding\": 1,", "\"padding\": [1, 1, 1],", "json-value", "#/layers/0/padding"},
      {"\"padding\": 1,", "\"padding\": 1, \"pad_value\": 256,", "json-value", "#/layers/0/pad_value"},
      {"\"padding\": 1,", "\"padding\": 1, \"pad_value\": -1,", "nn-activation", "#/layers/0/pad_value"},
      {"\"padding\": 1,", "\"padding\": 1, \"dilation\": 0,", "json-value", "#/layers/0/dilation"},
      {"\"padding\": 1,", "\"padding\": 1, \"dilation\": 4,", "nn-shape", "#/layers/0"},
      {"\"padding\": 1,", "\"padding\": 1, \"stride\": [1, 0],", "json-value", "#/layers/0/stride/1"},
      {"\"padding\": 1,", "\"padding\": 1, \"groups\": 3,", "nn-shape", "#/layers/0/groups"},
      {"\"padding\": 1,", "\"padding\": 1, \"ceil_mode\": true,", "json-key", "#/layers/0"},
      {"\"padding\": 1,", "\"paddin\": 1,", "json-key", "#/layers/0"},
      {"\"bn\": {\"epsilon\": 1e-5}", "\"bn\": {}", "json-key", "#/layers/0/bn"},
      {"\"bn\": {\"epsilon\": 1e-5}", "\"bn\": true", "json-value", "#/layers/0/bn"},
      {"\"bn\": {\"epsilon\": 1e-5}", "\"bn\": {\"epsilon\": -1}", "json-value", "#/layers/0/bn/epsilon"},
      {"\"bn\": {\"epsilon\": 1e-5}", "\"bn\": {\"epsilon\": 1e-5, \"momentum\": 0.1}", "json-key",
       "#/layers/0/bn"},
      {"\"bias\": true,\n", "\"bias\": \"yes\",\n", "json-value", "#/layers/0/bias"},
      {"\"kernel\": [2, 2], \"stride\": [2, 2]", "\"kernel\": 2, \"padding\": 2", "nn-shape", "#/layers/1"},
      {"\"kernel\": [2, 2], \"stride\": [2, 2]", "\"kernel\": 7", "nn-shape", "#/layers/1"},
      {"\"kernel\": [2, 2], \"stride\": [2, 2]", "\"kernel\": 2, \"ceil_mode\": 1", "json-value",
       "#/layers/1/ceil_mode"},
      {"\"kernel\": [2, 2], \"stride\": [2, 2]", "\"kernel\": 2, \"bias\": true", "json-key", "#/layers/1"},
      {"\"thresholds\": 15", "\"thresholds\": 7", "nn-tail", "#/layers/2/thresholds"},
      {"\"thresholds\": 15", "\"thresholds\": true", "json-value", "#/layers/2/thresholds"},
      {"\"thresholds\": 15", "\"thresholds\": 15, \"bn\": {\"epsilon\": 0}", "nn-tail",
       "#/layers/2/thresholds"},
      {"\"scale\": 0.25, \"bits\": 4", "\"scale\": 0.5, \"bits\": 4", "nn-activation", "#/layers/3"},
      {", \"bias\": true,\n     \"bn\": {\"epsilon\": 1e-5}, \"activation\": {\"kind\": \"unsigned\", "
       "\"bits\": 4, "
       "\"scale\": 0.25}",
       "", "nn-activation", "#/layers/1"},
  };
  check_each(test::tiny_json(), write_safetensors(test::tiny_tensors()), table);
}

// Without tensors: the layers alone are wrong.
std::string synthetic(const std::string& layers, const std::string& top = "") {
  return R"({"format": "elbgen.network/1", "name": "s", "weights": {"synthetic": 1}, )" + top +
         R"("input": {"shape": [8, 8, 4], "activation": {"kind": "unsigned", "bits": 8}}, "layers": [)" +
         layers + "]}";
}

std::string with_seed(const std::string& seed) {
  return test::with(synthetic(R"({"name": "m", "op": "argmax"})"), "\"synthetic\": 1",
                    "\"synthetic\": " + seed);
}

TEST_CASE("layers that contradict each other are told with their pointer") {
  struct Case {
    std::string json;
    const char* code;
    const char* place;
  };
  const std::string u4 = R"("activation": {"kind": "unsigned", "bits": 4}})";
  const std::string conv =
      R"({"name": "a", "op": "conv", "out_channels": 4, "kernel": 1, "weight": "binary", )" + u4;
  const std::string fc = R"({"name": "f", "op": "fc", "out_channels": 4, "weight": "binary"})";
  const std::vector<Case> table{
      {synthetic(""), "nn-limit", "#/layers"},
      {synthetic("3"), "json-value", "#/layers/0"},
      {synthetic(conv + R"(, {"name": "m", "op": "argmax"}, )" + fc), "nn-graph", "#/layers/2"},
      {synthetic(conv + R"(, {"name": "m", "op": "top_k", "k": 300})"), "json-value", "#/layers/1/k"},
      {synthetic(conv + R"(, {"name": "m", "op": "top_k"})"), "json-key", "#/layers/1"},
      {synthetic(conv + R"(, {"name": "m", "op": "argmax", "activation": {}})"), "json-key", "#/layers/1"},
      {synthetic(fc + R"(, {"name": "q", "op": "quantize", )" + u4), "nn-activation", "#/layers/1"},
      {synthetic(conv + R"(, {"name": "c", "op": "concat", "inputs": ["a", "input"]})"), "nn-activation",
       "#/layers/1"},
      {synthetic(
           conv +
           R"(, {"name": "p", "op": "max_pool", "kernel": 2}, {"name": "c", "op": "concat", "inputs": ["a", "p"]})"),
       "nn-shape", "#/layers/2"},
      {synthetic(conv + R"(, {"name": "p", "op": "average_pool", "kernel": 2, "pad_value": 1, )" + u4),
       "nn-activation", "#/layers/1/pad_value"},
      {synthetic(
           conv +
           R"(, {"name": "b", "op": "fc", "inputs": ["input"], "out_channels": 2, "weight": "binary"})"),
       "nn-graph", "#"},
      {synthetic(R"({"name": "a", "op": "fc", "out_channels": 4, "weight": "binary", "bias": true})"),
       "nn-tail", "#/layers/0/bias"},
      {synthetic(
           R"({"name": "a", "op": "fc", "out_channels": 4, "weight": "binary", "bn": {"epsilon": 1}, )" + u4),
       "nn-tail", "#/layers/0/bn"},
      {synthetic(conv, R"("class_rule": "highest_bit", )"), "nn-tail", "#/class_rule"},
      {synthetic(conv + R"(, {"name": "m", "op": "argmax"})", R"("class_rule": "highest_bit", )"), "nn-graph",
       "#/class_rule"},
      {synthetic(
           R"({"name": "a", "op": "conv", "out_channels": 65536, "kernel": 255, "padding": 254, "weight": "binary", )" +
           u4),
       "nn-limit", "#/layers/0"},
      {synthetic(
           R"({"name": "a", "op": "fc", "out_channels": 65536, "weight": "binary", "activation": {"kind": "unsigned", "bits": 8}},
                   {"name": "b", "op": "quantize", "activation": {"kind": "unsigned", "bits": 1}},
                   {"name": "c", "op": "quantize", "activation": {"kind": "unsigned", "bits": 1}})"),
       "nn-limit", "#/layers"},
      {with_seed("-1"), "json-value", "#/weights/synthetic"},
      {with_seed("1.5"), "json-value", "#/weights/synthetic"},
      {with_seed("1, \"sigma\": 2"), "json-key", "#/weights"},
  };
  for (const Case& c : table) {
    INFO(c.json);
    const std::vector<Diag> found = test::mistakes(c.json, "");
    for (const Diag& d : found) UNSCOPED_INFO(to_string(d));
    REQUIRE(!found.empty());
    CHECK(found[0].code == c.code);
    CHECK(found[0].place == std::string("net.json") + c.place);
  }
}

TEST_CASE("all mistakes of a file are told in one run") {
  std::string json = test::tiny_json();
  json = test::with(json, "\"kernel\": 3,", "\"kernel\": 300,");
  json = test::with(json, "\"weight\": \"binary\"", "\"weight\": \"binry\"");
  json = test::with(json, "[6, 6, 2]", "[6, 6, 0]");
  const std::vector<Diag> found = test::mistakes(json, write_safetensors(test::tiny_tensors()));
  REQUIRE(found.size() == 3);
  CHECK(found[0].place == "net.json#/input/shape/2");
  CHECK(found[1].place == "net.json#/layers/0/kernel");
  CHECK(found[2].place == "net.json#/layers/4/weight");
}

TEST_CASE("a missing weights file is told with the pointer that names it") {
  try {
    read_network_text(test::tiny_json(), "nowhere/net.json");
    FAIL("read without weights");
  } catch (const UserError& e) {
    REQUIRE(e.diags().size() == 1);
    CHECK(e.diags()[0].code == "io-read");
    CHECK(e.diags()[0].place.find("nowhere/tiny.safetensors") != std::string::npos);
    CHECK(e.diags()[0].notes == std::vector<std::string>{"named by nowhere/net.json#/weights"});
  }
}

}  // namespace
}  // namespace elb::nn
