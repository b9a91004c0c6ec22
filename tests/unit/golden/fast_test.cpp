#include "sim/golden/engine.hpp"

#include <map>

#include "random_layer.hpp"
#include "support/catch.hpp"

using namespace elb;
using golden::Kind;
using golden::Tensor;
using golden::test::Random;

TEST_CASE("every dot product of this machine is exact at the ends of its range") {
  for (const auto& kernel : golden::fast::dot_kernels()) {
    for (const auto& [max_x, max_w] :
         {std::pair{255, 128}, {255, 64}, {127, 128}, {15, 128}, {255, 1}, {1, 1}}) {
      if (!golden::fast::exact_for(kernel, max_x, max_w)) continue;
      INFO(kernel.name << " x up to " << max_x << ", w down to " << -max_w);
      for (int sign : {-1, 1}) {
        const int w_value = sign < 0 ? -max_w : std::min(max_w, 127);
        const std::vector<uint8_t> x(5 * 192, static_cast<uint8_t>(max_x));
        const std::vector<int8_t> w(6 * 192, static_cast<int8_t>(w_value));
        std::vector<int32_t> out(5 * 7, 12345);
        kernel.run({.x = x.data(),
                    .w = w.data(),
                    .pixels = 5,
                    .kernels = 6,
                    .k_bytes = 192,
                    .out = out.data(),
                    .out_stride = 7});
        for (size_t p = 0; p < 5; ++p) {
          for (size_t n = 0; n < 6; ++n) CHECK(out[p * 7 + n] == 192 * max_x * w_value);
          CHECK(out[p * 7 + 6] == 12345);
        }
      }
    }
  }
}

TEST_CASE("the narrow dot product is refused where two products leave 16 bits") {
  const golden::fast::DotKernel narrow{"narrow", nullptr, true};
  CHECK(golden::fast::exact_for(narrow, 127, 128));
  CHECK(golden::fast::exact_for(narrow, 255, 64));
  CHECK_FALSE(golden::fast::exact_for(narrow, 128, 128));
  CHECK_FALSE(golden::fast::exact_for(narrow, 255, 128));
}

TEST_CASE("random layers of every kind give the same accumulators by plain loops and by every dot product") {
  const uint64_t seed = Random::seed(20260101);
  INFO("ELB_SEED=" << seed);
  Random r(seed);
  std::map<std::string, int> seen;
  for (int round = 0; round < 600; ++round) {
    const nn::Network net = golden::test::random_weighted_net(r);
    const nn::Layer& layer = net.layers[0];
    const Tensor in = golden::test::random_map(r, net.input, net.input_act, r.chance(20));
    const Tensor expected = layer.op == nn::Op::fc ? golden::ops::fc(in, layer.weights, layer.out.c)
                                                   : golden::ops::conv(in, layer.weights, layer.window,
                                                                       layer.groups, layer.out.c);
    for (const auto& kernel : golden::fast::dot_kernels()) {
      using Fast = golden::fast::Layer;
      if (!golden::fast::exact_for(kernel, Fast::max_byte(layer), Fast::max_weight(layer))) continue;
      const auto fast = Fast::prepare(layer, kernel);
      REQUIRE(fast.has_value());
      INFO("round " << round << ", " << kernel.name << ", " << nn::to_string(*layer.weight) << ", "
                    << nn::to_string(layer.in_act));
      REQUIRE(fast->run(in) == expected);
      ++seen[kernel.name];
    }
    ++seen[nn::to_string(*layer.weight)];
    ++seen[nn::to_string(layer.in_act)];
  }
  for (const char* what :
       {"portable", "binary", "ternary", "int2", "int5", "int8", "u1", "u4", "u8", "s2", "s8", "bipolar"}) {
    INFO(what);
    CHECK(seen[what] >= 5);
  }
}

TEST_CASE("the three engines agree on random layers with given thresholds") {
  const uint64_t seed = Random::seed(20260102);
  INFO("ELB_SEED=" << seed);
  Random r(seed);
  for (int round = 0; round < 400; ++round) {
    const nn::Network net = golden::test::random_weighted_net(r);
    const auto pixels = golden::test::random_pixels(r, net);
    const golden::Options keep{.keep_acc = true, .only_output = false};
    const auto plain = golden::Engine(net, Kind::integer, keep).run(pixels.data());
    const auto fast = golden::Engine(net, Kind::fast, keep).run(pixels.data());
    const auto reference = golden::Engine(net, Kind::reference, keep).run(pixels.data());
    INFO("round " << round);
    REQUIRE(plain.acc[0].has_value());
    REQUIRE(fast.acc == plain.acc);
    REQUIRE(fast.values == plain.values);
    REQUIRE(reference.values == plain.values);
    REQUIRE(fast.input == plain.input);
  }
}

TEST_CASE("a layer whose byte sums could leave 32 bits stays with the plain loops and is still exact") {
  Random r(3);
  nn::Network net;
  net.input = {1, 1, 70000};
  net.input_act = {nn::ActKind::unsigned_, 8, 1};
  net.pixel_table.emplace_back();
  for (int pixel = 0; pixel < 256; ++pixel) net.pixel_table[0].push_back(pixel);
  nn::Layer layer;
  layer.op = nn::Op::fc;
  layer.inputs = {-1};
  layer.in = net.input;
  layer.in_act = net.input_act;
  layer.out = {1, 1, 1};
  layer.weight = nn::WeightType{nn::WeightKind::integer, 8};
  layer.weights.assign(70000, -100);
  net.layers.push_back(layer);
  CHECK_FALSE(golden::fast::Layer::prepare(net.layers[0]).has_value());
  const std::vector<uint8_t> pixels(70000, 255);
  CHECK(golden::Engine(net, Kind::fast).run(pixels.data()).output().data[0] == -1785000000);
}
