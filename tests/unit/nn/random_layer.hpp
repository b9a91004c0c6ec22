// Random layers for property tests; the seed is fixed, printed on failure, and replayed with ELB_SEED=.
#pragma once
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "nn/fold.hpp"
#include "nn/network.hpp"
#include "support/seed.hpp"

namespace elb::nn::test {

inline unsigned seed_of_run(unsigned otherwise) {
  return static_cast<unsigned>(elb::test::seed_of_run(otherwise));
}

struct Random {
  std::mt19937 engine;
  explicit Random(unsigned seed) : engine(seed) {}
  int integer(int lo, int hi) { return lo + static_cast<int>(engine() % static_cast<unsigned>(hi - lo + 1)); }
  bool chance(int percent) { return integer(0, 99) < percent; }
  double real(double lo, double hi) { return lo + (hi - lo) * (engine() * 0x1p-32); }
};

inline ActType random_act(Random& r) {
  switch (r.integer(0, 3)) {
    case 0:
      return {.kind = ActKind::unsigned_, .bits = r.integer(1, 8), .scale = r.real(0.1, 3)};
    case 1:
      return {.kind = ActKind::signed_, .bits = r.integer(2, 8), .scale = r.real(0.1, 3)};
    case 2:
      return {.kind = ActKind::bipolar, .bits = 1, .scale = r.real(0.1, 3)};
    default:
      return {.kind = ActKind::ternary, .bits = 2, .scale = r.real(0.1, 3)};
  }
}

inline WeightType random_weight_type(Random& r) {
  switch (r.integer(0, 2)) {
    case 0:
      return {WeightKind::binary, 1};
    case 1:
      return {WeightKind::ternary, 2};
    default:
      return {WeightKind::integer, r.integer(2, 8)};
  }
}

inline int random_weight(Random& r, const WeightType& t) {
  int w = 0;
  do w = r.integer(t.lo(), t.hi());
  while (!t.holds(w));
  return w;
}

// A convolution over a map with as many positions as its kernel, perhaps padded, perhaps with an activation
// (real tail).
inline Layer random_conv(Random& r) {
  Layer l;
  l.name = "conv";
  l.op = Op::conv;
  l.inputs = {-1};
  l.in = {r.integer(1, 4), r.integer(1, 4), r.integer(1, 5)};
  l.in_act = random_act(r);
  l.weight = random_weight_type(r);
  l.window.kh = l.in.h;
  l.window.kw = l.in.w;
  l.out = {1, 1, r.integer(1, 6)};
  if (r.chance(50)) {
    l.window.top = l.window.bottom = l.in.h - 1;
    l.window.left = l.window.right = l.in.w - 1;
    l.out.h = 2 * l.in.h - 1;
    l.out.w = 2 * l.in.w - 1;
    const bool zero = l.in_act.holds(0) || (l.in_act.kind == ActKind::bipolar && r.chance(50));
    l.window.pad_value = zero ? 0 : l.in_act.value_of(r.integer(0, l.in_act.codes() - 1));
  }
  for (int64_t i = 0; i < l.fan_in() * l.out.c; ++i)
    l.weights.push_back(static_cast<int8_t>(random_weight(r, *l.weight)));
  return l;
}

// A real tail whose steps lie within, beside and far from accumulators of about +-`reach`.
inline RealTail random_tail(Random& r, int channels, double act_scale, int codes, double reach) {
  RealTail t;
  t.bn = r.chance(70);
  t.epsilon = r.chance(50) ? 1e-5 : 0;
  const bool bias = r.chance(50);
  for (int c = 0; c < channels; ++c) {
    t.scale.push_back(r.real(0.01, 2));
    if (bias) t.bias.push_back(r.real(-5, 5));
    const double spread = r.chance(80) ? r.real(0.3, 3) : r.real(0.001, 100);
    const double deviation = r.real(0.1, 4);
    const double gamma = act_scale * codes / (t.scale[c] * reach + 1e-9) * spread * deviation;
    t.gamma.push_back(r.chance(10) ? 0 : r.chance(50) ? -gamma : gamma);
    t.beta.push_back(act_scale * codes * r.real(-1, 1.5));
    t.mean.push_back(t.scale[c] * reach * r.real(-0.5, 0.5));
    t.variance.push_back(deviation * deviation);
  }
  return t;
}

// With an activation, and the switching points of a random real tail.
inline Layer random_stepped_conv(Random& r) {
  Layer l = random_conv(r);
  l.act = random_act(r);
  l.acc_channel = bound_accumulators(l, {l.in_act});
  l.real = random_tail(r, l.out.c, l.act->scale, l.act->codes(), 20.0 * std::sqrt(double(l.fan_in())));
  l.steps = switching_points(l);
  return l;
}

}  // namespace elb::nn::test
