#include "nn/fold.hpp"

#include <cmath>
#include <ctime>

#include "fixture.hpp"
#include "nn/codes.hpp"
#include "nn/tail.hpp"
#include "random_layer.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

using test::Random;

Layer one_channel(RealTail tail, ActType act, Interval acc) {
  Layer l;
  l.op = Op::quantize;
  l.out = {1, 1, 1};
  l.act = act;
  l.real = std::move(tail);
  l.acc_channel = {acc};
  return l;
}

TEST_CASE("a plain scale steps where half a step is reached") {
  // f = clamp(floor(acc * 0.5 / 2 + 1/2), 0, 3): 1 from acc = 2, 2 from 6, 3 from 10.
  const Layer l =
      one_channel({.scale = {0.5}}, {.kind = ActKind::unsigned_, .bits = 2, .scale = 2}, {-20, 20});
  CHECK(switching_points(l)[0] == Steps{.points = {2, 6, 10}, .reversed = false});
}

TEST_CASE("steps beyond the reachable accumulators stand at its lower end or behind its upper end") {
  const Layer l = one_channel({.scale = {0.5}}, {.kind = ActKind::unsigned_, .bits = 2, .scale = 2}, {3, 8});
  CHECK(switching_points(l)[0] == Steps{.points = {3, 6, 9}, .reversed = false});
}

TEST_CASE("a negative gamma reverses the steps") {
  RealTail tail{.scale = {1},
                .bias = {},
                .bn = true,
                .gamma = {-1},
                .beta = {2},
                .mean = {0},
                .variance = {1},
                .epsilon = 0};
  // f = clamp(floor(2 - acc + 1/2), 0, 3)
  const Layer l = one_channel(tail, {.kind = ActKind::unsigned_, .bits = 2, .scale = 1}, {-10, 10});
  const Steps steps = switching_points(l)[0];
  CHECK(steps.reversed);
  CHECK(steps.points == std::vector<int64_t>{0, 1, 2});
  CHECK(steps.code(-1) == 3);
  CHECK(steps.code(2) == 0);
}

TEST_CASE("a bipolar activation is +1 from zero on, without rounding") {
  RealTail tail{.scale = {1}, .bias = {-2.75}};
  const Layer l = one_channel(tail, {.kind = ActKind::bipolar, .bits = 1, .scale = 1}, {-10, 10});
  CHECK(switching_points(l)[0].points == std::vector<int64_t>{3});
  CHECK(real_tail_eval(l, 0, 2) == -1);
  CHECK(real_tail_eval(l, 0, 3) == 1);
}

TEST_CASE("switching points give the value of f at every reachable accumulator") {
  const unsigned seed = test::seed_of_run(20261);
  CAPTURE(seed);
  Random r(seed);
  int reversed = 0, stepped = 0;
  for (int round = 0; round < 400; ++round) {
    const Layer l = test::random_stepped_conv(r);
    for (int c = 0; c < l.out.c; ++c) {
      const Interval acc = l.acc_channel[c];
      const Steps& s = l.steps[c];
      REQUIRE(std::is_sorted(s.points.begin(), s.points.end()));
      REQUIRE(s.points.front() >= acc.lo);
      REQUIRE(s.points.back() <= acc.hi + 1);
      reversed += s.reversed ? 1 : 0;
      stepped += s.code(acc.lo) != s.code(acc.hi) ? 1 : 0;
      for (int64_t a = acc.lo; a <= acc.hi; a += 1 + (acc.hi - acc.lo) / 3000) {
        if (l.act->value_of(s.code(a)) != real_tail_eval(l, c, a)) {
          CAPTURE(round, c, a);
          FAIL("the points give " << l.act->value_of(s.code(a)) << ", f gives " << real_tail_eval(l, c, a));
        }
      }
      for (int64_t p : s.points) {
        if (p > acc.lo && p <= acc.hi) REQUIRE(real_tail_eval(l, c, p) != real_tail_eval(l, c, p - 1));
      }
    }
  }
  CHECK(reversed > 200);
  CHECK(stepped > 800);
}

TEST_CASE("bounds hold for every input, and are reached without padding") {
  const unsigned seed = test::seed_of_run(20262);
  CAPTURE(seed);
  Random r(seed);
  for (int round = 0; round < 300; ++round) {
    const Layer l = test::random_conv(r);
    const std::vector<Interval> bounds = bound_accumulators(l, {l.in_act});
    const bool padded = l.window.top + l.window.left > 0;
    for (int c = 0; c < l.out.c; ++c) {
      const int8_t* w = l.weights.data() + l.fan_in() * c;
      int64_t lowest = 0, highest = 0, any = 0;
      for (int64_t i = 0; i < l.fan_in(); ++i) {
        lowest += w[i] * (w[i] < 0 ? l.in_act.hi() : l.in_act.lo());
        highest += w[i] * (w[i] < 0 ? l.in_act.lo() : l.in_act.hi());
        const int x = padded && r.chance(30) ? l.window.pad_value
                                             : l.in_act.value_of(r.integer(0, l.in_act.codes() - 1));
        any += w[i] * x;
      }
      REQUIRE(bounds[c].lo <= any);
      REQUIRE(any <= bounds[c].hi);
      REQUIRE(bounds[c].lo <= lowest);
      REQUIRE(bounds[c].hi >= highest);
      if (!padded) REQUIRE(bounds[c] == Interval{lowest, highest});
    }
  }
}

TEST_CASE("sums and pools are bounded by their operands") {
  const ActType u4{.kind = ActKind::unsigned_, .bits = 4}, s3{.kind = ActKind::signed_, .bits = 3};
  Layer l;
  l.out.c = 1;
  l.op = Op::add;
  CHECK(bound_accumulators(l, {u4, s3, s3})[0] == Interval{-8, 21});
  l.op = Op::average_pool;
  l.window.kh = l.window.kw = 2;
  CHECK(bound_accumulators(l, {s3})[0] == Interval{-16, 12});
  const ActType bipolar{.kind = ActKind::bipolar, .bits = 1};
  CHECK(bound_accumulators(l, {bipolar})[0] == Interval{-4, 4});
  l.window.top = 1;
  CHECK(bound_accumulators(l, {u4})[0] == Interval{0, 60});
  l.count_include_pad = true;
  l.window.pad_value = 15;
  CHECK(bound_accumulators(l, {u4})[0] == Interval{0, 60});
}

TEST_CASE("in the code domain acc is kappa T + C for every kind of weight, activation and padding") {
  const unsigned seed = test::seed_of_run(20263);
  CAPTURE(seed);
  Random r(seed);
  int widened = 0;
  for (int round = 0; round < 600; ++round) {
    const Layer l = test::random_stepped_conv(r);
    const CodeDomain d = code_domain(l);
    const ActType hw = hw_input_act(l);
    const bool padded = l.window.top + l.window.left > 0;
    widened += widens_bipolar(l) ? 1 : 0;
    for (int c = 0; c < l.out.c; ++c) {
      int64_t acc = 0, t = 0;
      for (int64_t i = 0; i < l.fan_in(); ++i) {
        const int w = l.weights[l.fan_in() * c + i];
        const bool pad = padded && r.chance(25);
        const int x = pad ? l.window.pad_value : l.in_act.value_of(r.integer(0, l.in_act.codes() - 1));
        const int e = pad ? hw_pad_code(l) : hw.code_of(x);
        REQUIRE(hw.holds(x));
        REQUIRE(e < (1 << hw.bits));
        acc += int64_t{w} * x;
        const int mask = (1 << hw.bits) - 1;
        if (l.weight->kind == WeightKind::integer) {
          t += int64_t{w} * e;
        } else {
          t += (e ^ (w < 0 ? mask : 0)) & (w != 0 ? mask : 0);
        }
      }
      REQUIRE(acc == d.kappa * t + d.offset[c]);
      REQUIRE(d.t_channel[c].lo <= t);
      REQUIRE(t <= d.t_channel[c].hi);
      REQUIRE(d.steps[c].code(t) == l.steps[c].code(acc));
    }
  }
  CHECK(widened > 10);
}

TEST_CASE("folding keeps thresholds as given and folds the rest") {
  Network net = test::read_tiny(test::tiny_json(), test::tiny_tensors());
  const std::vector<Steps> given = net.layers[2].steps;
  fold(net);
  CHECK(net.layers[2].steps == given);
  CHECK(net.layers[0].steps.size() == 4);
  CHECK(net.layers[0].steps[1].reversed);
  CHECK(net.layers[3].steps.size() == 4);
  CHECK(net.layers[3].acc == Interval{0, 30});
  CHECK(net.layers[4].acc_channel.size() == 3);
  CHECK(net.layers[1].acc == Interval{0, 15});
}

TEST_CASE("ten thousand channels of 15 steps are folded at once") {
  Layer l;
  l.name = "wide";
  l.op = Op::fc;
  l.out.c = 10000;
  l.act = ActType{.kind = ActKind::unsigned_, .bits = 4, .scale = 0.25};
  l.acc_channel.assign(l.out.c, Interval{-40000, 40000});
  Random r(1);
  l.real = test::random_tail(r, l.out.c, 0.25, 16, 10000);
  const std::clock_t begin = std::clock();  // of the processor: a busy machine is no mistake
  l.steps = switching_points(l);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CAPTURE(seconds);
  CHECK(seconds < 2.0);  // about 0.05 s alone on a machine
}

}  // namespace
}  // namespace elb::nn
