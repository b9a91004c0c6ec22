#include "sim/golden/engine.hpp"

#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/ops/ops.hpp"
#include "support/catch.hpp"

using namespace elb;
using golden::Kind;

namespace {
const nn::ActType u2{nn::ActKind::unsigned_, 2, 1};

// input [1, 2, 2] u8 -> sum = add(input, input) to u2 -> join = concat(sum, input) -> top = argmax
nn::Network diamond() {
  nn::Network net;
  net.name = "diamond";
  net.input = {1, 2, 2};
  net.input_act = u2;
  net.pixel_table.assign(2, std::vector<int>(256));
  for (int pixel = 0; pixel < 256; ++pixel) {
    net.pixel_table[0][static_cast<size_t>(pixel)] = pixel >> 6;
    net.pixel_table[1][static_cast<size_t>(pixel)] = 3 - (pixel >> 6);
  }
  nn::Layer sum;
  sum.name = "sum";
  sum.op = nn::Op::add;
  sum.inputs = {-1, -1};
  sum.in = sum.out = {1, 2, 2};
  sum.in_act = u2;
  sum.act = u2;
  sum.steps = {{.points = {1, 4, 6}, .reversed = false}};
  nn::Layer join;
  join.name = "join";
  join.op = nn::Op::concat;
  join.inputs = {0, -1};
  join.in = {1, 2, 2};
  join.out = {1, 2, 4};
  join.in_act = u2;
  join.act = u2;
  nn::Layer top;
  top.name = "top";
  top.op = nn::Op::argmax;
  top.inputs = {1};
  top.in = {1, 2, 4};
  top.in_act = u2;
  net.layers = {sum, join, top};
  net.output = 2;
  return net;
}

nn::Network scores(std::vector<int32_t> thresholds) {
  nn::Network net;
  nn::Layer last;
  last.op = nn::Op::fc;
  net.layers = {last};
  net.class_rule = thresholds.empty() ? nn::ClassRule::argmax : nn::ClassRule::highest_bit;
  net.class_thresholds = std::move(thresholds);
  return net;
}

golden::Tensor row(std::vector<int32_t> values) {
  golden::Tensor t({1, 1, static_cast<int>(values.size())});
  t.data = std::move(values);
  return t;
}
}  // namespace

TEST_CASE("a branch is joined from the maps that the network names, pixels pass their channel's table") {
  const nn::Network net = diamond();
  const uint8_t pixels[] = {0, 255, 200, 64};  // u2: 0 0 3 2
  for (Kind kind : {Kind::reference, Kind::integer, Kind::fast}) {
    const auto result = golden::Engine(net, kind, {.keep_acc = true, .only_output = false}).run(pixels);
    CHECK(result.input.data == std::vector<int32_t>{0, 0, 3, 2});
    REQUIRE(result.acc[0].has_value());
    CHECK(result.acc[0]->data == std::vector<int32_t>{0, 0, 6, 4});
    CHECK_FALSE(result.acc[1].has_value());
    CHECK(result.values[0].data == std::vector<int32_t>{0, 0, 3, 2});
    CHECK(result.values[1].data == std::vector<int32_t>{0, 0, 0, 0, 3, 2, 3, 2});
    CHECK(result.output().data == std::vector<int32_t>{4});
    CHECK(golden::classify(net, result.output()) == 4);
  }
}

TEST_CASE("with only_output, maps are dropped after their last reader and the output stays") {
  const nn::Network net = diamond();
  const uint8_t pixels[] = {0, 255, 200, 64};
  const auto result = golden::Engine(net, Kind::fast, {.keep_acc = false, .only_output = true}).run(pixels);
  CHECK(result.values[0].data.size() == 1);
  CHECK(result.output().data == std::vector<int32_t>{4});
}

TEST_CASE("the engine says which layer's shape is wrong") {
  nn::Network net = diamond();
  net.layers[1].out.c = 5;
  const uint8_t pixels[] = {0, 0, 0, 0};
  try {
    golden::Engine(net, Kind::integer).run(pixels);
    FAIL("a map of the wrong shape went through");
  } catch (const InternalError& e) {
    CHECK(std::string(e.what()).find("'join' gives 1x2x4") != std::string::npos);
  }
}

TEST_CASE("the example of the room's page runs") {
  nn::Network net = nn::read_network(ELB_SOURCE_ROOT "/configs/networks/fmnist-4-8218.json");
  nn::fold(net);
  golden::Engine engine(net, golden::Kind::fast, {.keep_acc = true, .only_output = false});
  std::vector<uint8_t> pixels(28 * 28, 0);
  const golden::Result dark = engine.run(pixels.data());
  const int of_dark = golden::classify(net, dark.output());
  CHECK(of_dark == golden::ops::argmax(dark.output()).data[0]);
  CHECK(dark.acc[0]->at(0, 0, 0) == 0);
  pixels[0] = 1;
  const golden::Result spot = engine.run(pixels.data());
  CHECK(spot.acc[0]->at(0, 0, 0) == net.layers[0].weights[4]);  // the kernel's centre
}

TEST_CASE("argmax takes the lowest index among the maxima") {
  CHECK(golden::classify(scores({}), row({-5, 9, 9, 3})) == 1);
  CHECK(golden::classify(scores({}), row({-5, -5})) == 0);
}

TEST_CASE("highest_bit takes the highest output that reaches its threshold, 0 if none does") {
  const nn::Network net = scores({0, 10, 10, 100});
  CHECK(golden::classify(net, row({50, 20, 10, 99})) == 2);
  CHECK(golden::classify(net, row({50, 20, 9, 99})) == 1);
  CHECK(golden::classify(net, row({-1, 0, 0, 0})) == 0);
  CHECK(golden::classify(net, row({-1, 0, 0, 100})) == 3);
}
