#include <chrono>

#include "random_layer.hpp"
#include "sim/golden/engine.hpp"
#include "support/catch.hpp"

// The layers of AlexNet-4-8218 with ternary and binary weights, as published (two groups in conv2, conv4 and
// conv5).

using namespace elb;
using golden::test::Random;

namespace {

nn::Layer weighted(Random& r, nn::Op op, nn::Shape in, int out_channels, int kernel, int pad, int groups,
                   nn::WeightKind kind) {
  nn::Layer layer;
  layer.op = op;
  layer.inputs = {-1};
  layer.in = in;
  layer.in_act = {nn::ActKind::unsigned_, 4, 1};
  layer.weight = nn::WeightType{kind, kind == nn::WeightKind::binary ? 1 : 2};
  layer.groups = groups;
  layer.window.kh = layer.window.kw = kernel;
  layer.window.top = layer.window.left = layer.window.bottom = layer.window.right = pad;
  layer.out = {in.h, in.w, out_channels};
  const int64_t weights = int64_t{out_channels} * kernel * kernel * (in.c / groups);
  for (int64_t i = 0; i < weights; ++i)
    layer.weights.push_back(golden::test::random_weight(r, *layer.weight, false));
  layer.act = nn::ActType{nn::ActKind::unsigned_, 4, 1};
  layer.steps = golden::test::random_steps(r, out_channels, 16, 500);
  return layer;
}

struct Timed {
  double macs = 0;
  double seconds = 0;
};

Timed run(const nn::Layer& layer, const golden::Tensor& in) {
  const auto fast = golden::fast::Layer::prepare(layer);
  REQUIRE(fast.has_value());
  const golden::fast::StepTable table(layer);
  Timed best{
      .macs = static_cast<double>(layer.out.h) * layer.out.w * static_cast<double>(layer.weights.size()),
      .seconds = 1e9};
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const golden::Tensor out = table.apply(fast->run(in));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    REQUIRE(out.shape == layer.out);
    best.seconds = std::min(best.seconds, took.count());
  }
  return best;
}

}  // namespace

TEST_CASE(
    "AlexNet's ternary and binary layers run at five billion multiply-accumulates a second on one core") {
  Random r(8218);
  using nn::Op;
  using nn::WeightKind;
  const std::vector<nn::Layer> layers = {
      weighted(r, Op::conv, {27, 27, 96}, 256, 5, 2, 2, WeightKind::ternary),
      weighted(r, Op::conv, {13, 13, 256}, 384, 3, 1, 1, WeightKind::ternary),
      weighted(r, Op::conv, {13, 13, 384}, 384, 3, 1, 2, WeightKind::ternary),
      weighted(r, Op::conv, {13, 13, 384}, 256, 3, 1, 2, WeightKind::ternary),
      weighted(r, Op::fc, {1, 1, 9216}, 4096, 1, 0, 1, WeightKind::binary),
      weighted(r, Op::fc, {1, 1, 4096}, 4096, 1, 0, 1, WeightKind::binary),
  };
  Timed all;
  for (const nn::Layer& layer : layers) {
    const Timed t = run(layer, golden::test::random_map(r, layer.in, layer.in_act, false));
    UNSCOPED_INFO(nn::to_string(layer.in)
                  << " -> " << nn::to_string(layer.out) << ": " << t.macs / t.seconds * 1e-9 << " GMAC/s");
    all.macs += t.macs;
    all.seconds += t.seconds;
  }
  const double gmac_per_second = all.macs / all.seconds * 1e-9;
  UNSCOPED_INFO("dot product: " << golden::fast::choose_dot(15, 1).name);
  CHECK(gmac_per_second >= 5);
}
