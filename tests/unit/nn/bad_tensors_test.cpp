// Every mistake that a weights file can hold, in its tensors and in its form; and bytes turned over at
// random.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "fixture.hpp"
#include "random_layer.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

using Tensors = std::vector<Tensor>;

Tensor& named(Tensors& tensors, const std::string& name) {
  for (Tensor& t : tensors) {
    if (t.name == name) return t;
  }
  throw std::logic_error("no tensor " + name);
}

template <class T>
void set(Tensors& tensors, const std::string& name, size_t index, T value) {
  std::memcpy(named(tensors, name).data.data() + index * sizeof(T), &value, sizeof(T));
}

struct Bad {
  std::function<void(Tensors&)> damage;
  const char* tensor;
  const char* text;  // a part of the sentence
};

TEST_CASE("a wrong tensor is told by name, with what is and what was expected") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<Bad> table{
      {[](Tensors& t) { t.erase(t.begin()); }, "conv1.weight",
       "is missing, I8 or F32 [4][3][3][2] was expected"},
      {[](Tensors& t) { t.pop_back(); }, "fc1.bias", "is missing, I32 [3] was expected"},
      {[](Tensors& t) {
         named(t, "conv1.weight").shape = {4, 2, 3, 3};
       },
       "conv1.weight", "is I8 [4][2][3][3], I8 or F32 [4][3][3][2] was expected"},
      {[](Tensors& t) {
         named(t, "fc1.weight").shape = {36, 3};
       },
       "fc1.weight", "is I8 [36][3], I8 or F32 [3][36] was expected"},
      {[](Tensors& t) {
         t[0] = make_i32("conv1.weight", {4, 3, 3, 2}, std::vector<int32_t>(72, 1));
       },
       "conv1.weight", "is I32 [4][3][3][2], I8 or F32 [4][3][3][2] was expected"},
      {[](Tensors& t) {
         named(t, "conv1.weight_scale").shape = {1, 1};
       },
       "conv1.weight_scale", "is F32 [1][1], F32 [1] or [4] was expected"},
      {[](Tensors& t) { set(t, "conv1.weight_scale", 0, 0.0F); }, "conv1.weight_scale", "0 is no scale"},
      {[](Tensors& t) { set(t, "conv1.weight_scale", 0, -1.0F); }, "conv1.weight_scale", "-1 is no scale"},
      {[](Tensors& t) { set(t, "conv1.weight_scale", 0, kNan); }, "conv1.weight_scale", "element 0 is nan"},
      {[](Tensors& t) { set(t, "conv1.bias", 2, kInfinity); }, "conv1.bias", "element 2 is inf"},
      {[](Tensors& t) { set(t, "conv1.bn.gamma", 3, kNan); }, "conv1.bn.gamma", "element 3 is nan"},
      {[](Tensors& t) { set(t, "conv1.bn.beta", 0, -kInfinity); }, "conv1.bn.beta", "element 0 is -inf"},
      {[](Tensors& t) { set(t, "conv1.bn.mean", 1, kNan); }, "conv1.bn.mean", "element 1 is nan"},
      {[](Tensors& t) { set(t, "conv1.bn.variance", 1, kNan); }, "conv1.bn.variance", "element 1 is nan"},
      {[](Tensors& t) { set(t, "conv1.bn.variance", 2, -1.0F); }, "conv1.bn.variance",
       "element 2 is -1 and epsilon 1e-05"},
      {[](Tensors& t) {
         named(t, "conv1.bn.mean").shape = {2, 2};
       },
       "conv1.bn.mean", "is F32 [2][2], F32 [4] was expected"},
      {[](Tensors& t) { named(t, "conv1.bn.mean").name = "conv1.bn.moan"; }, "conv1.bn.mean", "is missing"},
      {[](Tensors& t) { set<int8_t>(t, "conv2.weight", 5, 2); }, "conv2.weight",
       "element 5 is 2, no ternary weight"},
      {[](Tensors& t) { set<int8_t>(t, "fc1.weight", 7, 0); }, "fc1.weight",
       "element 7 is 0, no binary weight"},
      {[](Tensors& t) { set<int8_t>(t, "fc1.weight", 8, -128); }, "fc1.weight",
       "element 8 is -128, no binary weight"},
      {[](Tensors& t) { set<int32_t>(t, "conv2.thresholds", 3, 100); }, "conv2.thresholds",
       "channel 0 descends from 100 to -8 at index 4"},
      {[](Tensors& t) {
         named(t, "conv2.thresholds").shape = {15, 4};
       },
       "conv2.thresholds", "is I32 [15][4], I32 [4][15] or [1][15] was expected"},
      {[](Tensors& t) { set<int32_t>(t, "fc1.bias", 0, 2000000000); }, "fc1.bias",
       "element 0 is 2000000000, an integer of"},
      {[](Tensors& t) { set<int32_t>(t, "fc1.bias", 1, INT32_MIN); }, "fc1.bias",
       "element 1 is -2147483648, an integer of"},
      {[](Tensors& t) {
         named(t, "fc1.bias") = make_f32("fc1.bias", {3}, {1, 2, 3});
       },
       "fc1.bias", "is F32 [3], I32 [3] was expected"},
      {[](Tensors& t) { t.push_back(make_f32("fc1.weight_scale", {1}, {1})); }, "fc1.weight_scale",
       "is not asked for by any layer"},
      {[](Tensors& t) { t.push_back(make_f32("conv2.weight_scale", {1}, {1})); }, "conv2.weight_scale",
       "is not asked for by any layer"},
      {[](Tensors& t) {
         t.push_back(make_i32("class.thresholds", {3}, {1, 1, 1}));
       },
       "class.thresholds", "is not asked for by any layer"},
      {[](Tensors& t) {
         std::vector<float> w(72, 1.0F);
         w[9] = kNan;
         named(t, "conv1.weight") = make_f32("conv1.weight", {4, 3, 3, 2}, w);
       },
       "conv1.weight", "element 9 is nan"},
  };
  for (const Bad& bad : table) {
    Tensors tensors = test::tiny_tensors();
    bad.damage(tensors);
    const std::vector<Diag> found = test::mistakes(test::tiny_json(), write_safetensors(tensors));
    INFO(bad.tensor << ": " << bad.text);
    for (const Diag& d : found) UNSCOPED_INFO(to_string(d));
    REQUIRE(!found.empty());
    CHECK(found[0].code == "nn-tensor");
    CHECK(found[0].place == "tiny.safetensors: tensor '" + std::string(bad.tensor) + "'");
    CHECK(found[0].text.find(bad.text) != std::string::npos);
  }
}

TEST_CASE("a misnamed tensor is missing at one name and not asked for at the other") {
  Tensors tensors = test::tiny_tensors();
  named(tensors, "conv1.bn.mean").name = "conv1.bn.moan";
  const std::vector<Diag> found = test::mistakes(test::tiny_json(), write_safetensors(tensors));
  REQUIRE(found.size() == 2);
  CHECK(found[1].place == "tiny.safetensors: tensor 'conv1.bn.moan'");
  CHECK(found[1].help == "did you mean 'conv1.bn.mean'?");
}

TEST_CASE("the rule of the highest bit needs its thresholds") {
  const std::string json = test::with(test::tiny_json(), "\"name\": \"tiny\"",
                                      "\"name\": \"tiny\", \"class_rule\": \"highest_bit\"");
  Tensors tensors = test::tiny_tensors();
  const std::vector<Diag> found = test::mistakes(json, write_safetensors(tensors));
  REQUIRE(found.size() == 1);
  CHECK(found[0].place == "tiny.safetensors: tensor 'class.thresholds'");
  tensors.push_back(make_i32("class.thresholds", {3}, {4, -5, 6}));
  CHECK(test::read_tiny(json, tensors).class_thresholds == std::vector<int32_t>{4, -5, 6});
}

// A file from header text and data bytes.
std::string file_of(const std::string& header, size_t data_bytes) {
  const uint64_t n = header.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &n, 8);
  return out + header + std::string(data_bytes, '\1');
}

TEST_CASE("a file that is no safetensors is told where it goes wrong") {
  struct Case {
    std::string bytes;
    const char* code;
    const char* place;
  };
  const std::string good = R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}})";
  const std::vector<Case> table{
      {"", "safetensors-format", "w"},
      {"1234567", "safetensors-format", "w"},
      {std::string(8, '\xff'), "safetensors-format", "w"},
      {file_of("", 0), "json-syntax", "w:1:1"},
      {file_of("[]", 0), "safetensors-format", "w"},
      {file_of("{\"a\": 3}", 0), "json-value", "w#/a"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4]}})", 4), "json-key", "w#/a"},
      {file_of(R"({"a": {"dtype": "F64", "shape": [4], "data_offsets": [0, 32]}})", 32), "json-value",
       "w#/a/dtype"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [-4], "data_offsets": [0, 4]}})", 4), "json-value",
       "w#/a/shape/0"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4, 8]}})", 4), "safetensors-format",
       "w#/a/data_offsets"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [4, 0]}})", 4), "safetensors-format",
       "w#/a/data_offsets"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 5]}})", 5), "safetensors-format",
       "w#/a/data_offsets"},
      {file_of(R"({"a": {"dtype": "I32", "shape": [4], "data_offsets": [0, 4]}})", 4), "safetensors-format",
       "w#/a/data_offsets"},
      {file_of(
           R"({"a": {"dtype": "I8", "shape": [4294967296, 4294967296, 4294967296], "data_offsets": [0, 4]}})",
           4),
       "safetensors-format", "w#/a/data_offsets"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4], "x": 1}})", 4), "json-key",
       "w#/a"},
      {file_of(R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [2, 6]}})", 6), "safetensors-format",
       "w: tensor 'a'"},
      {file_of(good, 5), "safetensors-format", "w"},
      {file_of(good, 3), "safetensors-format", "w#/a/data_offsets"},
      {file_of(
           R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "I8", "shape": [4], "data_offsets": [2, 6]}})",
           6),
       "safetensors-format", "w: tensor 'b'"},
      {file_of(
           R"({"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}, "a": {"dtype": "I8", "shape": [4], "data_offsets": [4, 8]}})",
           8),
       "json-key", "w#"},
  };
  for (const Case& c : table) {
    INFO(c.bytes);
    Diags diags;
    parse_safetensors(c.bytes, "w", diags);
    for (const Diag& d : diags.all()) UNSCOPED_INFO(to_string(d));
    REQUIRE(!diags.ok());
    CHECK(diags.all()[0].code == c.code);
    CHECK(diags.all()[0].place == c.place);
  }
  Diags none;
  CHECK(parse_safetensors(file_of(good, 4), "w", none).tensors.size() == 1);
  CHECK(
      parse_safetensors(
          file_of(
              R"({"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}})",
              4),
          "w", none)
          .tensors.size() == 1);
  CHECK(none.ok());
}

TEST_CASE("what is written is read again") {
  const std::vector<Tensor> tensors = test::tiny_tensors();
  Diags diags;
  const TensorFile file = parse_safetensors(write_safetensors(tensors), "w", diags);
  REQUIRE(diags.ok());
  REQUIRE(file.tensors.size() == tensors.size());
  for (const Tensor& t : tensors) {
    const TensorView* v = file.find(t.name);
    REQUIRE(v != nullptr);
    CHECK(v->dtype == t.dtype);
    CHECK(v->shape == t.shape);
    CHECK(file.bytes.substr(v->begin, v->end - v->begin) == t.data);
  }
  CHECK(file.f32(*file.find("conv1.bn.beta")) == std::vector<float>{1, 2, 1.5F, 0});
  CHECK(write_safetensors({}).size() == 16);
}

// Reading ends well or with UserError; anything else (crash, other exception, endless loop) ends the test.
bool reads(const std::string& json, const std::string& safetensors) {
  try {
    read_network_text(json, "net.json", safetensors);
    return true;
  } catch (const UserError& e) {
    for (const Diag& d : e.diags()) {
      if (explain_code(d.code) == nullptr || d.place.empty() || d.text.empty())
        FAIL("a diagnostic says nothing: " << to_string(d));
    }
    return false;
  }
}

TEST_CASE("bytes turned over, cut off or doubled never do more than an error") {
  const unsigned seed = test::seed_of_run(20265);
  CAPTURE(seed);
  test::Random r(seed);
  const std::string json = test::tiny_json(), weights = write_safetensors(test::tiny_tensors());
  const auto damage = [&](std::string text) {
    for (int n = r.integer(1, 3); n > 0 && !text.empty(); --n) {
      const size_t at = r.engine() % text.size();
      switch (r.integer(0, 4)) {
        case 0:
          text[at] = static_cast<char>(text[at] ^ (1 << r.integer(0, 7)));
          break;
        case 1:
          text[at] = "0123456789-+.eE{}[]\",: "[r.integer(0, 22)];
          break;
        case 2:
          text.resize(at);
          break;
        case 3:
          text.erase(at, r.integer(1, 8));
          break;
        case 4:
          text.insert(at, text.substr(r.engine() % text.size(), r.integer(1, 12)));
          break;
      }
    }
    return text;
  };
  int good = 0;
  for (int round = 0; round < 6000; ++round) good += reads(damage(json), weights) ? 1 : 0;
  CHECK(good > 10);
  good = 0;
  for (int round = 0; round < 6000; ++round) good += reads(json, damage(weights)) ? 1 : 0;
  CHECK(good > 10);
  for (size_t cut = 0; cut < json.size() - 2; cut += 3) CHECK(!reads(json.substr(0, cut), weights));
  for (size_t cut = 0; cut < weights.size(); cut += 7) CHECK(!reads(json, weights.substr(0, cut)));
}

}  // namespace
}  // namespace elb::nn
