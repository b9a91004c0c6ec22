// Random layers and maps for property tests, all from one seed.
#pragma once
#include <algorithm>
#include <random>
#include <string>

#include "sim/golden/ops/ops.hpp"
#include "support/seed.hpp"

namespace elb::golden::test {

class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}
  // ELB_SEED, or the fixed seed of the test.
  static uint64_t seed(uint64_t fixed) { return elb::test::seed_of_run(fixed); }
  int in(int lo, int hi) {
    return lo + static_cast<int>(bits_() % static_cast<uint64_t>(int64_t{hi} - lo + 1));
  }
  bool chance(int percent) { return in(1, 100) <= percent; }
  template <class T>
  T of(std::initializer_list<T> list) {
    return list.begin()[in(0, static_cast<int>(list.size()) - 1)];
  }

 private:
  std::mt19937_64 bits_;
};

inline nn::ActType random_act(Random& r) {
  switch (r.in(0, 3)) {
    case 0:
      return {nn::ActKind::unsigned_, r.in(1, 8), 1};
    case 1:
      return {nn::ActKind::signed_, r.in(2, 8), 1};
    case 2:
      return {nn::ActKind::bipolar, 1, 1};
    default:
      return {nn::ActKind::ternary, 2, 1};
  }
}

inline nn::WeightType random_weight_type(Random& r) {
  switch (r.in(0, 2)) {
    case 0:
      return {nn::WeightKind::binary, 1};
    case 1:
      return {nn::WeightKind::ternary, 2};
    default:
      return {nn::WeightKind::integer, r.in(2, 8)};
  }
}

inline int8_t random_weight(Random& r, const nn::WeightType& w, bool extreme) {
  const int hi = w.kind == nn::WeightKind::integer ? (1 << (w.bits - 1)) - 1 : 1;
  const int lo = w.kind == nn::WeightKind::integer ? -hi - 1 : -1;
  if (w.kind == nn::WeightKind::binary || extreme) return static_cast<int8_t>(r.chance(50) ? lo : hi);
  return static_cast<int8_t>(r.in(lo, hi));
}

inline Tensor random_map(Random& r, nn::Shape shape, const nn::ActType& act, bool extreme) {
  Tensor t(shape);
  for (int32_t& v : t.data)
    v = act.value_of(extreme ? (r.chance(10) ? 0 : act.codes() - 1) : r.in(0, act.codes() - 1));
  return t;
}

// Points that occur, equal ones, and ones that no accumulator reaches.
inline std::vector<nn::Steps> random_steps(Random& r, int channels, int codes, int64_t reach) {
  std::vector<nn::Steps> all(static_cast<size_t>(channels));
  const int span = static_cast<int>(std::min<int64_t>(reach, 1 << 20));
  for (nn::Steps& s : all) {
    for (int k = 1; k < codes; ++k) s.points.push_back(r.in(-span, span));
    if (r.chance(10)) s.points.front() = INT64_MIN;
    if (r.chance(10)) s.points.back() = INT64_MAX;
    if (r.chance(10) && codes > 2) s.points[1] = s.points[0];
    std::sort(s.points.begin(), s.points.end());
    s.reversed = r.chance(30);
  }
  return all;
}

// A convolution or fully connected layer on the network's input, with an activation or without.
inline nn::Network random_weighted_net(Random& r) {
  const bool fc = r.chance(25);
  nn::Layer layer;
  layer.name = "layer";
  layer.op = fc ? nn::Op::fc : nn::Op::conv;
  layer.inputs = {-1};
  layer.in_act = random_act(r);
  layer.weight = random_weight_type(r);
  layer.groups = fc ? 1 : r.of({1, 1, 2, 3});
  const int group_in = r.of({1, 2, 3, 5, 16, 33});
  const int group_out = r.of({1, 2, 3, 4, 7, 9});
  nn::Window& w = layer.window;
  nn::Shape in{1, 1, fc ? r.in(1, 300) : group_in * layer.groups};
  layer.out = {1, 1, group_out * layer.groups};
  if (!fc) {
    w.kh = r.in(1, 4), w.kw = r.in(1, 4), w.sh = r.in(1, 3), w.sw = r.in(1, 3), w.dh = r.in(1, 2),
    w.dw = r.in(1, 2);
    w.top = r.in(0, 2), w.left = r.in(0, 2), w.bottom = r.in(0, 2), w.right = r.in(0, 2);
    w.pad_value =
        layer.in_act.kind == nn::ActKind::bipolar ? r.in(-1, 1) : r.in(layer.in_act.lo(), layer.in_act.hi());
    in.h = r.in((w.kh - 1) * w.dh + 1, 12);
    in.w = r.in((w.kw - 1) * w.dw + 1, 12);
    layer.out = ops::window_output(in, w, layer.out.c);
  }
  layer.in = in;
  const int64_t k = fc ? in.c : int64_t{w.kh} * w.kw * group_in;
  const bool extreme = r.chance(20);
  for (int64_t i = 0; i < k * layer.out.c; ++i)
    layer.weights.push_back(random_weight(r, *layer.weight, extreme));
  if (r.chance(70)) {
    layer.act = random_act(r);
    layer.steps = random_steps(r, r.chance(10) ? 1 : layer.out.c, layer.act->codes(), k * 20);
  } else if (r.chance(50)) {
    for (int o = 0; o < layer.out.c; ++o) layer.raw_bias.push_back(r.in(-1000, 1000));
  }
  nn::Network net;
  net.name = "random";
  net.input = in;
  net.input_act = layer.in_act;
  net.pixel_table.emplace_back();
  for (int pixel = 0; pixel < 256; ++pixel) {
    net.pixel_table[0].push_back(net.input_act.value_of(pixel % net.input_act.codes()));
  }
  net.layers.push_back(std::move(layer));
  return net;
}

inline std::vector<uint8_t> random_pixels(Random& r, const nn::Network& net) {
  std::vector<uint8_t> pixels(static_cast<size_t>(net.input.size()));
  for (uint8_t& p : pixels) p = static_cast<uint8_t>(r.in(0, 255));
  return pixels;
}

}  // namespace elb::golden::test
