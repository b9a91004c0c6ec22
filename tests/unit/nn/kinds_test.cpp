// Every kind of weight, activation and operator, read from memory.
#include "fixture.hpp"
#include "nn/codes.hpp"
#include "nn/fold.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

// Layers over an 8x8x4 input of signed 8 bit, with synthetic parameters.
Network synthetic(const std::string& layers, const std::string& top = "") {
  return read_network_text(
      R"({"format": "elbgen.network/1", "name": "s", "weights": {"synthetic": 1}, )" + top +
          R"("input": {"shape": [8, 8, 4], "activation": {"kind": "signed", "bits": 8}}, "layers": [)" +
          layers + "]}",
      "net.json");
}

std::string conv(const std::string& name, const std::string& keys, const std::string& kind) {
  return R"({"name": ")" + name + R"(", "op": "conv", )" + keys + R"(, "activation": {"kind": )" + kind +
         "}}";
}

TEST_CASE("every kind of weight is read, with its values and width") {
  for (const char* kind : {"binary", "ternary", "int2", "int3", "int4", "int5", "int6", "int7", "int8"}) {
    CAPTURE(kind);
    const Network net =
        synthetic(std::string(R"({"name": "f", "op": "fc", "out_channels": 64, "weight": ")") + kind + "\"}");
    const WeightType type = *net.layers[0].weight;
    CHECK(to_string(type) == kind);
    int lowest = 0, highest = 0;
    for (int8_t w : net.layers[0].weights) {
      REQUIRE(type.holds(w));
      lowest = std::min<int>(lowest, w);
      highest = std::max<int>(highest, w);
    }
    CHECK(lowest == type.lo());
    CHECK(highest == type.hi());
  }
}

TEST_CASE("every kind of activation has its values and codes") {
  struct Kind {
    const char* json;
    const char* text;
    int lo, hi, codes;
  };
  for (const Kind& k :
       {Kind{"\"unsigned\", \"bits\": 1", "u1", 0, 1, 2},
        Kind{"\"unsigned\", \"bits\": 8", "u8", 0, 255, 256}, Kind{"\"signed\", \"bits\": 2", "s2", -2, 1, 4},
        Kind{"\"signed\", \"bits\": 8", "s8", -128, 127, 256}, Kind{"\"bipolar\"", "bipolar", -1, 1, 2},
        Kind{"\"bipolar\", \"bits\": 1", "bipolar", -1, 1, 2}, Kind{"\"ternary\"", "ternary", -1, 1, 3},
        Kind{"\"ternary\", \"bits\": 2", "ternary", -1, 1, 3}}) {
    CAPTURE(k.json);
    const Network net = synthetic(conv("a", R"("out_channels": 2, "kernel": 1, "weight": "int4")", k.json));
    const ActType act = *net.layers[0].act;
    CHECK(to_string(act) == k.text);
    CHECK(act.lo() == k.lo);
    CHECK(act.hi() == k.hi);
    CHECK(act.codes() == k.codes);
    CHECK(net.layers[0].steps[0].points.size() == static_cast<size_t>(k.codes - 1));
    for (int code = 0; code < act.codes(); ++code) {
      CHECK(act.holds(act.value_of(code)));
      CHECK(act.code_of(act.value_of(code)) == code);
    }
    CHECK(!act.holds(k.hi + 1));
    CHECK(act.holds(0) == (std::string(k.text) != "bipolar"));
  }
}

TEST_CASE("groups, depthwise, dilation, and padding of each side give the shapes of the formulas") {
  const Network net = synthetic(
      conv(
          "a",
          R"("out_channels": 8, "kernel": [3, 2], "stride": [2, 1], "padding": [1, 0, 2, 1], "groups": 2, "weight": "ternary")",
          "\"unsigned\", \"bits\": 4") +
      "," +
      conv("b",
           R"("out_channels": 8, "kernel": 3, "dilation": 2, "padding": 2, "groups": 8, "weight": "int3")",
           "\"bipolar\""));
  const Layer& a = net.layers[0];
  CHECK(a.out == Shape{5, 8, 8});
  CHECK(a.fan_in() == 3 * 2 * 2);
  CHECK(a.window == Window{.kh = 3,
                           .kw = 2,
                           .sh = 2,
                           .sw = 1,
                           .dh = 1,
                           .dw = 1,
                           .top = 1,
                           .left = 0,
                           .bottom = 2,
                           .right = 1,
                           .pad_value = 0});
  const Layer& b = net.layers[1];
  CHECK(b.out == Shape{5, 8, 8});
  CHECK(b.fan_in() == 9);
  CHECK(b.macs() == 5 * 8 * 8 * 9);
}

TEST_CASE("bipolar inputs pad with -1, +1, or with 0 as a ternary code") {
  const auto second = [](const std::string& pad) {
    return synthetic(conv("a", R"("out_channels": 2, "kernel": 1, "weight": "binary")", "\"bipolar\"") + "," +
                     conv("b", R"("out_channels": 2, "kernel": 3, "padding": 1, "weight": "binary")" + pad,
                          "\"bipolar\""))
        .layers[1];
  };
  CHECK(widens_bipolar(second("")));
  CHECK(hw_pad_code(second("")) == 1);
  CHECK(to_string(hw_input_act(second(""))) == "ternary");
  CHECK(!widens_bipolar(second(", \"pad_value\": -1")));
  CHECK(hw_pad_code(second(", \"pad_value\": -1")) == 0);
  CHECK(hw_pad_code(second(", \"pad_value\": 1")) == 1);
}

TEST_CASE("branches, pools, concat and ranks fit together") {
  const Network net = synthetic(
      conv("a", R"("out_channels": 4, "kernel": 1, "weight": "int4")", "\"bipolar\"") + "," +
          R"({"name": "q", "op": "quantize", "inputs": ["input"], "activation": {"kind": "signed", "bits": 3}},
             {"name": "s", "op": "add", "inputs": ["a", "q", "input"], "activation": {"kind": "unsigned", "bits": 2}},
             {"name": "p", "op": "average_pool", "kernel": 3, "stride": 1, "padding": 1, "count_include_pad": true, "pad_value": 3,
              "activation": {"kind": "unsigned", "bits": 2}},
             {"name": "c", "op": "concat", "inputs": ["s", "p"]},
             {"name": "m", "op": "global_max_pool"},
             {"name": "l", "op": "flatten"},
             {"name": "t", "op": "top_k", "k": 3})",
      R"("output": "t", )");
  CHECK(net.layers[2].out == Shape{8, 8, 4});
  CHECK(net.layers[2].inputs == std::vector<int>{0, 1, -1});
  CHECK(net.layers[3].out == Shape{8, 8, 4});
  CHECK(net.layers[4].out == Shape{8, 8, 8});
  CHECK(net.layers[5].out == Shape{1, 1, 8});
  CHECK(net.layers[6].out == Shape{1, 1, 8});
  CHECK(net.layers[7].out == Shape{1, 1, 3});
  CHECK(net.output == 7);
  CHECK(!net.out().act.has_value());
  Network folded = net;
  fold(folded);
  CHECK(folded.layers[2].acc == Interval{-1 - 4 - 128, 1 + 3 + 127});
  CHECK(folded.layers[3].acc == Interval{0, 27});
  CHECK(folded.layers[7].acc == Interval{0, 7});
}

TEST_CASE("each channel may have a pixel table of its own") {
  std::string lists;
  for (int c = 0; c < 3; ++c) {
    lists += c ? ", [" : "[";
    for (int i = 0; i < 256; ++i) lists += (i ? ", " : "") + std::to_string(i >= 64 * (c + 1) ? 1 : -1);
    lists += "]";
  }
  const Network net =
      read_network_text(R"({"format": "elbgen.network/1", "name": "s", "weights": {"synthetic": 1},
    "input": {"shape": [2, 2, 3], "activation": {"kind": "bipolar"}, "image": {"resize": 4, "mode": "bgr"}, "pixel_table": [)" +
                            lists + R"(]}, "layers": [{"name": "m", "op": "argmax"}]})",
                        "net.json");
  REQUIRE(net.pixel_table.size() == 3);
  CHECK(net.pixel_table[1][127] == -1);
  CHECK(net.pixel_table[1][128] == 1);
  CHECK(net.image.mode == "bgr");
  CHECK(net.image.resize == 4);
}

}  // namespace
}  // namespace elb::nn
