// Networks with thresholds of their own, from JSON text to values computed by hand.
#include "nn/read_network.hpp"
#include "nn/safetensors.hpp"
#include "sim/golden/engine.hpp"
#include "support/catch.hpp"

using namespace elb;
using golden::Kind;

namespace {

nn::Network read(const std::string& input, const std::string& layers,
                 const std::vector<nn::Tensor>& tensors) {
  const std::string json =
      R"({"format": "elbgen.network/1", "name": "given", "weights": "given.safetensors", "input": )" + input +
      R"(, "layers": [)" + layers + "]}";
  return nn::read_network_text(json, "given.json", nn::write_safetensors(tensors));
}

const std::string two_inputs = R"({"shape": [1, 1, 2], "activation": {"kind": "unsigned", "bits": 8}})";

}  // namespace

TEST_CASE("an integer bias beside thresholds is part of the accumulator") {
  const nn::Network net =
      read(two_inputs,
           R"({"name": "a", "op": "fc", "out_channels": 2, "weight": "int8", "bias": true, "thresholds": 3,
          "activation": {"kind": "unsigned", "bits": 2}},
         {"name": "b", "op": "fc", "out_channels": 1, "weight": "binary", "bias": true})",
           {nn::make_i8("a.weight", {2, 2}, {1, 2, -1, 3}), nn::make_i32("a.bias", {2}, {-10, 5}),
            nn::make_i32("a.thresholds", {1, 3}, {0, 10, 20}), nn::make_i8("b.weight", {1, 2}, {1, -1}),
            nn::make_i32("b.bias", {1}, {100})});
  const uint8_t pixels[] = {7, 6};  // sums 19, 11; accumulators 9, 16; values 1, 2
  for (Kind kind : {Kind::reference, Kind::integer, Kind::fast}) {
    const auto result = golden::Engine(net, kind, {.keep_acc = true, .only_output = false}).run(pixels);
    CHECK(result.acc[0]->data == std::vector<int32_t>{9, 16});
    CHECK(result.values[0].data == std::vector<int32_t>{1, 2});
    CHECK(result.acc[1]->data == std::vector<int32_t>{99});
    CHECK(result.output().data == std::vector<int32_t>{99});
  }
}

TEST_CASE("bipolar maps with a border of zeros count neither way") {
  const nn::Network net = read(
      R"({"shape": [1, 2, 1], "activation": {"kind": "bipolar", "bits": 1}, "pixel_table": [)" +
          [] {
            std::string table = "-1";
            for (int i = 1; i < 256; ++i) table += i < 128 ? ", -1" : ", 1";
            return table;
          }() +
          "]}",
      R"({"name": "c", "op": "conv", "out_channels": 1, "kernel": [1, 3], "padding": [0, 1], "pad_value": 0,
          "weight": "binary"})",
      {nn::make_i8("c.weight", {1, 1, 3, 1}, {1, 1, -1})});
  const uint8_t pixels[] = {200, 100};  // +1, -1
  for (Kind kind : {Kind::reference, Kind::integer, Kind::fast}) {
    CHECK(golden::Engine(net, kind).run(pixels).output().data == std::vector<int32_t>{0 + 1 + 1, 1 - 1 - 0});
  }
}

TEST_CASE("ternary activations and ternary weights multiply as integers") {
  const nn::Network net =
      read(two_inputs,
           R"({"name": "t", "op": "quantize", "thresholds": 2, "activation": {"kind": "ternary", "bits": 2}},
         {"name": "o", "op": "fc", "out_channels": 3, "weight": "ternary"})",
           {nn::make_i32("t.thresholds", {2, 2}, {50, 100, 50, 50}),
            nn::make_i8("o.weight", {3, 2}, {1, 0, 0, -1, -1, 1})});
  const std::vector<std::pair<std::vector<uint8_t>, std::vector<int32_t>>> cases = {
      {{49, 49}, {-1, 1, 0}}, {{50, 50}, {0, -1, 1}}, {{99, 49}, {0, 1, -1}}, {{100, 255}, {1, -1, 0}}};
  for (const auto& [pixels, expected] : cases) {
    for (Kind kind : {Kind::reference, Kind::integer, Kind::fast}) {
      CHECK(golden::Engine(net, kind).run(pixels.data()).output().data == expected);
    }
  }
}
