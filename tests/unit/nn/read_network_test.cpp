#include "nn/read_network.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/text.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

using test::read_tiny;
using test::tiny_json;
using test::tiny_tensors;
using test::with;

TEST_CASE("a network is read with its shapes, tails and tensors") {
  const Network net = read_tiny(tiny_json(), tiny_tensors());
  REQUIRE(net.layers.size() == 5);
  CHECK(net.name == "tiny");
  CHECK(net.input == Shape{6, 6, 2});
  CHECK(net.pixel_table.size() == 1);
  CHECK(net.pixel_table[0][200] == 200);
  CHECK(net.image.mode == "rgb");

  const Layer& conv1 = net.layers[0];
  CHECK(conv1.inputs == std::vector<int>{-1});
  CHECK(conv1.out == Shape{6, 6, 4});
  CHECK(to_string(*conv1.act) == "u4");
  CHECK(conv1.macs() == 6 * 6 * 4 * 18);
  REQUIRE(conv1.real.has_value());
  CHECK(conv1.real->scale == std::vector<double>(4, double(0.01F) * 0.5));
  CHECK(conv1.real->bias == std::vector<double>{1, -2, 0, 4});
  CHECK(conv1.real->gamma[1] == double(-0.03F));
  CHECK(conv1.weights[1] == (37 + 11) % 255 - 127);
  CHECK(conv1.steps.empty());

  CHECK(net.layers[1].out == Shape{3, 3, 4});
  CHECK(to_string(*net.layers[1].act) == "u4");
  CHECK(net.layers[2].groups == 2);
  CHECK(net.layers[2].steps.size() == 4);
  CHECK(net.layers[2].steps[0].points[1] == -17);
  CHECK(net.layers[3].inputs == std::vector<int>{1, 2});
  CHECK(net.layers[3].real->scale == std::vector<double>(4, 0.25));
  CHECK(net.layers[4].in == Shape{1, 1, 36});
  CHECK(net.layers[4].raw_bias == std::vector<int64_t>{5, -7, 0});
  CHECK(!net.layers[4].act.has_value());
  CHECK(net.output == 4);
  CHECK(net.readers_of(1) == std::vector<int>{2, 3});
  CHECK(net.macs() == 6 * 6 * 4 * 18 + 3 * 3 * 4 * 18 + 108);
}

TEST_CASE("the stored JSON names the stored weights file and reads back to the same network") {
  const Network net = read_tiny(tiny_json(), tiny_tensors());
  CHECK(net.json_text == with(tiny_json(), "\"tiny.safetensors\"", "\"weights.safetensors\""));
  const Network again = read_network_text(net.json_text, "x/network.json", net.safetensors);
  CHECK(again.json_text == net.json_text);
  CHECK(again.layers[2].steps == net.layers[2].steps);
}

TEST_CASE("an integer bias beside thresholds moves them, channel by channel") {
  std::vector<Tensor> tensors = tiny_tensors();
  const std::vector<Steps> before = read_tiny(tiny_json(), tensors).layers[2].steps;
  tensors.push_back(make_i32("conv2.bias", {4}, {3, -2, 0, 100}));
  const Network net =
      read_tiny(with(tiny_json(), "\"thresholds\": 15", "\"thresholds\": 15, \"bias\": true"), tensors);
  const Layer& conv2 = net.layers[2];
  CHECK(conv2.folded_bias == std::vector<int64_t>{3, -2, 0, 100});
  for (int c = 0; c < 4; ++c) {
    for (int64_t acc = -60; acc < 60; ++acc)
      CHECK(conv2.steps_of(c).code(acc) == before[c].code(acc + conv2.folded_bias[c]));
  }
}

TEST_CASE("a pool with ceil_mode grows at the bottom and right, and its last window begins in the map") {
  const auto pooled = [](const std::string& keys) {
    const std::string json = R"({"format": "elbgen.network/1", "name": "p", "weights": {"synthetic": 1},
      "input": {"shape": [7, 8, 1], "activation": {"kind": "unsigned", "bits": 8}},
      "layers": [{"name": "pool", "op": "max_pool", )" +
                             keys + "}]}";
    return read_network_text(json, "net.json").layers[0];
  };
  const Layer floor = pooled(R"("kernel": 3, "stride": 2)");
  CHECK(floor.out == Shape{3, 3, 1});
  CHECK(floor.window.right == 0);
  const Layer ceil = pooled(R"("kernel": 3, "stride": 2, "ceil_mode": true)");
  CHECK(ceil.out == Shape{3, 4, 1});
  CHECK(ceil.window.bottom == 0);
  CHECK(ceil.window.right == 1);
  // A fourth window would begin in row 9 of the padded map: 1 + 7 is where the padding behind begins.
  const Layer dropped = pooled(R"("kernel": 2, "stride": 3, "padding": 1, "ceil_mode": true)");
  CHECK(dropped.out == Shape{3, 3, 1});
  const Layer plain = pooled(R"("kernel": 2)");
  CHECK(plain.window.sh == 2);
  CHECK(plain.out == Shape{3, 4, 1});
}

TEST_CASE("global pools are pools over the whole map") {
  const std::string json = R"({"format": "elbgen.network/1", "name": "p", "weights": {"synthetic": 1},
    "input": {"shape": [7, 300, 2], "activation": {"kind": "unsigned", "bits": 4}},
    "layers": [{"name": "pool", "op": "global_average_pool", "activation": {"kind": "signed", "bits": 8}},
               {"name": "last", "op": "top_k", "k": 2}]})";
  const Network net = read_network_text(json, "net.json");
  CHECK(net.layers[0].op == Op::average_pool);
  CHECK(net.layers[0].global);
  CHECK(net.layers[0].window.kw == 300);
  CHECK(net.layers[0].out == Shape{1, 1, 2});
  CHECK(net.layers[1].out == Shape{1, 1, 2});
  CHECK(net.pixel_table[0][255] == 15);
  CHECK(net.safetensors.empty());
}

TEST_CASE("every shipped network is read") {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ELB_SOURCE_ROOT "/configs/networks")) {
    if (entry.path().extension() != ".json") continue;
    const Network net = read_network(entry.path().string());
    CHECK(net.name == entry.path().stem().string());
    ++read;
  }
  CHECK(read >= 11);
}

TEST_CASE("AlexNet has the original's shapes, weights and operations, and its weights come at once") {
  const std::clock_t begin = std::clock();  // of the processor: a busy machine is no mistake
  const Network net = read_network(ELB_SOURCE_ROOT "/configs/networks/alexnet-4-8218.json");
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CAPTURE(seconds);
  CHECK(net.layers[0].out == Shape{55, 55, 96});
  CHECK(net.layers[6].out == Shape{13, 13, 256});
  CHECK(net.layers[7].out == Shape{6, 6, 256});
  CHECK(net.out().out == Shape{1, 1, 1000});
  size_t weights = 0;
  for (const Layer& l : net.layers) weights += l.weights.size();
  CHECK(weights == 60954656);
  CHECK(net.macs() == 724406816);
  CHECK(seconds < 2.0);  // about 0.1 s alone on a machine
}

TEST_CASE("shapes are read without tensors, with the mistakes of the JSON") {
  const Network full = read_tiny(tiny_json(), tiny_tensors());
  const Network net = read_shapes_text(tiny_json(), "net.json");  // tiny.safetensors does not exist
  REQUIRE(net.layers.size() == full.layers.size());
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const Layer &a = net.layers[i], &b = full.layers[i];
    CHECK(a.name == b.name);
    CHECK(a.in == b.in);
    CHECK(a.out == b.out);
    CHECK(a.macs() == b.macs());
    CHECK(a.weights.empty());
    CHECK(a.steps.empty());
  }
  CHECK(net.output == full.output);
  std::string place;
  try {
    read_shapes_text(with(tiny_json(), "\"groups\": 2", "\"groups\": 3"), "net.json");
  } catch (const UserError& e) {
    place = e.diags().front().place;
  }
  CHECK(place == "net.json#/layers/2/groups");
}

}  // namespace
}  // namespace elb::nn
