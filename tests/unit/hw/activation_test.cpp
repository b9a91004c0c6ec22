#include "hw/activation.hpp"

#include <algorithm>

#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::ActivationKind;
using spec::ActivationParams;
using spec::ChannelConstants;

// By the definition in spec/activation.hpp.
int64_t activate(const ActivationParams& p, const ChannelConstants& c, int64_t t) {
  switch (p.kind) {
    case ActivationKind::threshold: {
      const int64_t count =
          std::count_if(c.points.begin(), c.points.end(), [&](int64_t v) { return t >= v; });
      return c.reversed ? p.steps - count : count;
    }
    case ActivationKind::affine:
      if (p.factor_bits > 0) {
        const int64_t end = int64_t{1} << (p.factor_bits - 1);
        t = std::clamp<int64_t>(t, p.in_signed ? -end : 0, end - 1);
      }
      return std::clamp<int64_t>((c.alpha * t + c.beta) >> p.shift, 0, p.steps);
    case ActivationKind::raw:
      return p.kappa * t + c.offset;
  }
  return 0;
}

struct Span {
  int64_t lo, hi;
};
Span span_of(const ActivationParams& p) {
  const hdl::Shape t{p.in_bits, p.in_signed};
  return {hdl::min_value(t), hdl::max_value(t)};
}

// Points anywhere: inside T's range, at its ends, far outside, often equal.
ChannelConstants random_channel(Rng& rng, const ActivationParams& p) {
  const Span r = span_of(p);
  ChannelConstants c;
  c.reversed = rng() % 3 == 0;
  const int64_t width = r.hi - r.lo + 1;
  const int style = static_cast<int>(uniform(rng, 0, 5));
  for (int i = 0; i < p.steps; ++i) {
    const int64_t inside = uniform(rng, r.lo, r.hi);
    c.points.push_back(style == 0   ? uniform(rng, r.lo - 3 * width, r.hi + 3 * width)
                       : style == 1 ? uniform(rng, r.lo, std::min(r.hi, r.lo + 1))
                       : style == 2 ? r.hi + 1 + uniform(rng, 0, 5)
                       : style == 3 ? r.lo - uniform(rng, 0, 5)
                                    : inside);
  }
  std::sort(c.points.begin(), c.points.end());
  c.alpha = uniform(rng, -(1 << 12), 1 << 12);
  c.beta = uniform(rng, -(1 << 20), 1 << 20);
  if (p.kind == ActivationKind::raw) c.offset = uniform(rng, -2000, 2000);
  return c;
}

// Factors of up to two DSP slices, with a shift that leaves codes.
void widen(Rng& rng, ActivationParams& p) {
  const int t_bits = p.factor_bits > 0 ? p.factor_bits : p.in_bits + (p.in_signed ? 0 : 1);
  const int alpha_bits = static_cast<int>(uniform(rng, 4, t_bits > 25 ? 25 : 34));
  p.shift = std::max(0, t_bits + alpha_bits - 2 - bits_for(p.steps) - static_cast<int>(uniform(rng, 0, 3)));
  for (ChannelConstants& c : p.constants) {
    const int64_t end = int64_t{1} << (alpha_bits - 1);
    c.alpha = uniform(rng, -end, end - 1);
    c.beta = uniform(rng, -(int64_t{1} << (p.shift + 2)), int64_t{1} << (p.shift + bits_for(p.steps)));
  }
}

ActivationParams random_params(Rng& rng, ActivationKind kind) {
  ActivationParams p{.technology = rng() % 2 ? spec::Technology::xc7 : spec::Technology::generic,
                     .kind = kind};
  p.p = static_cast<int>(uniform(rng, 1, 4));
  p.m = static_cast<int>(uniform(rng, 1, 3));
  p.tiles = static_cast<int>(rng() % 3 == 0 ? 1 : rng() % 2 ? uniform(rng, 2, 40) : uniform(rng, 60, 130));
  p.in_bits = static_cast<int>(uniform(rng, 1, 14));
  p.in_signed = rng() % 2;
  p.steps = static_cast<int>(rng() % 3 == 0 ? uniform(rng, 1, 70) : (1 << uniform(rng, 1, 4)) - 1);
  p.out_bits = bits_for(p.steps) + static_cast<int>(rng() % 2);
  p.shift = static_cast<int>(uniform(rng, 0, 16));
  p.kappa = static_cast<int>(uniform(rng, 1, 2));
  if (kind == ActivationKind::raw) p.out_bits = 20;
  if (kind == ActivationKind::threshold && rng() % 4 == 0) {
    // Points in block RAMs one above the other.
    p.tiles = static_cast<int>(uniform(rng, 300, 600));
    p.in_bits = static_cast<int>(uniform(rng, 9, 14));
    p.steps = 15;
    p.out_bits = 4;
  }
  const bool wide = kind == ActivationKind::affine && rng() % 3 != 0;
  if (wide) {
    p.in_bits = static_cast<int>(uniform(rng, 10, 28));
    const int most = p.in_bits + (p.in_signed ? 0 : 1);
    if (rng() % 2 || most > 25) p.factor_bits = static_cast<int>(uniform(rng, 5, std::min(25, most)));
  }
  if (rng() % 3 == 0)
    p.sweep_tiles = static_cast<int>(p.tiles > 1 && rng() % 2 ? uniform(rng, 2, std::min(p.tiles, 5)) : 1);
  p.mem_file = "act" + std::to_string(rng()) + ".mem";
  for (int i = 0; i < p.tiles * p.p; ++i) p.constants.push_back(random_channel(rng, p));
  if (wide) widen(rng, p);
  if (rng() % 4 == 0) {
    for (ChannelConstants& c : p.constants) c.reversed = false;
  }
  return p;
}

ArithCase make_case(hdl::Design& d, Rng& rng, const ActivationParams& p) {
  ArithCase test{.module = hdl::component_module<hw::ActivationUnit>(d, p).name(),
                 .inputs = {},
                 .valid_port = "out_valid",
                 .data_port = "out_codes",
                 .lane_bits = p.out_bits,
                 .expect = {},
                 .dont_care = {}};
  const Span r = span_of(p);
  int tile = 0, of_place = 0, first = 0;  // of_place: tiles of it so far
  for (int cycle = 0; cycle < 150; ++cycle) {
    const bool valid = cycle >= spec::kActivationWarmUp && (cycle < 70 || rng() % 2);
    test.inputs["valid"].push_back(Bits::from_int(1, valid));
    // Random sweeps: the tiles of the last one may be fewer.
    const bool tile_end = p.sweep_tiles <= 1 || of_place + 1 == p.sweep_tiles || tile + 1 == p.tiles;
    const bool sweep_end = p.sweep_tiles == 0 || rng() % 2;
    if (p.sweep_tiles > 1) test.inputs["tile_end"].push_back(Bits::from_int(1, tile_end));
    if (p.sweep_tiles > 0) test.inputs["sweep_end"].push_back(Bits::from_int(1, sweep_end));
    Bits word(p.m * p.p * p.in_bits);
    std::vector<int64_t> codes;
    for (int i = 0; i < p.m * p.p; ++i) {
      const ChannelConstants& c = p.constants[static_cast<size_t>(tile * p.p + i % p.p)];
      int64_t t = uniform(rng, r.lo, r.hi);
      if (rng() % 3 == 0)
        t = std::clamp(c.points[rng() % c.points.size()] - static_cast<int64_t>(rng() % 2), r.lo, r.hi);
      word.set(i * p.in_bits, p.in_bits, Bits::from_int(p.in_bits, t).to_u64());
      codes.push_back(activate(p, c, t));
    }
    test.inputs["t"].push_back(word);
    if (!valid) continue;
    test.expect[cycle + spec::latency(p)] = codes;
    ++of_place;
    if (tile_end && !sweep_end) {
      tile = first;
    } else {
      tile = (tile + 1) % p.tiles;
      if (tile_end) first = tile;
    }
    if (tile_end) of_place = 0;
  }
  return test;
}

}  // namespace

std::vector<ArithCase> activation_cases(hdl::Design& d, Rng& rng, int n) {
  std::vector<ArithCase> cases;
  for (int i = 0; i < n; ++i) {
    const auto kind = static_cast<ActivationKind>(i % 4 < 2 ? 0 : i % 4 - 1);
    cases.push_back(make_case(d, rng, random_params(rng, kind)));
  }
  return cases;
}

TEST_CASE("activation units of all kinds give the defined code, one tile per cycle") {
  Rng rng(test_seed());
  hdl::Design d;
  const std::vector<ArithCase> cases = activation_cases(d, rng, 40);
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("a preset accumulator gets the code of the one it stands for, its sign being the first level") {
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (const int steps : {1, 1, 2, 2, 3, 5, 6, 15, 100}) {
    ActivationParams plain{.technology = spec::Technology::xc7,
                           .kind = ActivationKind::threshold,
                           .p = 2,
                           .in_bits = 7,
                           .in_signed = true,
                           .out_bits = bits_for(steps),
                           .steps = steps};
    plain.constants = {random_channel(rng, plain), random_channel(rng, plain)};
    plain.constants[0].reversed = cases.size() % 2;
    plain.constants[1].reversed = !plain.constants[0].reversed;
    const Span r = span_of(plain);
    // Of all points, padded to 2^k - 1 in front where reversed, else behind, the one in the middle.
    ActivationParams p = plain;
    int64_t first[2];
    for (int lane = 0; lane < 2; ++lane) {
      ChannelConstants& c = p.constants[static_cast<size_t>(lane)];
      const int all = (1 << bits_for(steps)) - 1, at = all / 2 - (c.reversed ? all - steps : 0);
      first[lane] = at < 0        ? r.lo
                    : at >= steps ? r.hi + 1
                                  : std::clamp(c.points[static_cast<size_t>(at)], r.lo, r.hi + 1);
      for (int64_t& point : c.points) point -= first[lane];
    }
    p.preset = true;
    p.in_bits = 9;
    p.t_lo = r.lo - std::max(first[0], first[1]);
    p.t_hi = r.hi - std::min(first[0], first[1]);
    ArithCase test = make_case(d, rng, p);
    test.inputs.clear();
    test.expect.clear();
    for (int64_t t = r.lo; t <= r.hi; ++t) {
      Bits word(18);
      for (int lane = 0; lane < 2; ++lane)
        word.set(lane * 9, 9, static_cast<uint64_t>(t - first[lane]) & 511);
      test.inputs["t"].push_back(word);
      test.inputs["valid"].push_back(Bits::from_int(1, 1));
      test.expect[static_cast<int>(t - r.lo) + spec::latency(p)] = {activate(plain, plain.constants[0], t),
                                                                    activate(plain, plain.constants[1], t)};
    }
    cases.push_back(test);
  }
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("every accumulator of a small range gets its threshold code, up to 255 points") {
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (const int steps : {1, 2, 3, 4, 6, 7, 9, 15, 16, 100, 254, 255}) {
    ActivationParams p{.technology = steps % 2 ? spec::Technology::xc7 : spec::Technology::generic,
                       .kind = ActivationKind::threshold,
                       .in_bits = 9,
                       .in_signed = true,
                       .out_bits = bits_for(steps),
                       .steps = steps};
    p.p = 2;
    p.constants = {random_channel(rng, p), random_channel(rng, p)};
    p.constants[0].reversed = true;
    ArithCase test = make_case(d, rng, p);
    test.inputs.clear();
    test.expect.clear();
    for (int64_t t = -256; t < 256; ++t) {
      Bits word(18);
      word.set(0, 9, static_cast<uint64_t>(t) & 511);
      word.set(9, 9, static_cast<uint64_t>(t) & 511);
      test.inputs["t"].push_back(word);
      test.inputs["valid"].push_back(Bits::from_int(1, 1));
      test.expect[static_cast<int>(t) + 256 + spec::latency(p)] = {activate(p, p.constants[0], t),
                                                                   activate(p, p.constants[1], t)};
    }
    cases.push_back(test);
  }
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("constants of many tiles go into files named after the layer") {
  Rng rng(test_seed());
  hdl::Design d;
  ActivationParams p{
      .kind = ActivationKind::threshold, .p = 2, .tiles = 100, .in_bits = 8, .out_bits = 2, .steps = 3};
  p.mem_file = "conv1_act.mem";
  p.module = "elb_net_conv1_act";
  for (int i = 0; i < 200; ++i) p.constants.push_back({.points = {10, 20 + i % 3, 30 + i % 7}});
  CHECK(hdl::component_module<hw::ActivationUnit>(d, p).name() == "elb_net_conv1_act");
  d.emit();
  const std::map<std::string, std::string> files = d.mem_files();
  REQUIRE(files.size() == 3);
  CHECK(files.count("conv1_act_l0.mem") == 1);
  CHECK(files.count("conv1_act_l1_0.mem") == 1);
  CHECK(files.count("conv1_act_l1_1.mem") == 1);
}

}  // namespace elb::test
