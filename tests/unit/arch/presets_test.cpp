#include "arch/presets.hpp"

#include <algorithm>
#include <random>

#include "spec/cost.hpp"
#include "spec/threshold.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::ActivationKind;

// 24 kernels in two groups, T within 0 .. 900; tiles of P kernels that leave in beats of L channels.
spec::ComputeStage stage(int p, int l, ActivationKind kind, int steps) {
  spec::ComputeStage s;
  s.module = "elb_net_conv1";
  s.out = {.h = 4,
           .w = 4,
           .c = 48,
           .columns = 1,
           .channels = l,
           .bits = kind == ActivationKind::raw ? 18 : bits_for(steps)};
  s.window = {
      .h = 4, .w = 4, .channels = 12, .groups = 2, .kw = 5, .out_h = 4, .out_w = 4, .s = 12, .bits = 4};
  s.kernels = 24;
  s.compute = {
      .technology = spec::Technology::xc7, .act_bits = 4, .s = 12, .p = p, .folds = 5, .acc_bits = 10};
  spec::ActivationParams& a = s.activation;
  a = {.technology = spec::Technology::xc7,
       .kind = kind,
       .p = l,
       .tiles = 2 * static_cast<int>(ceil_div(24, l)),
       .in_bits = 10};
  a.t_lo = 0, a.t_hi = 900;
  a.out_bits = s.out.bits;
  a.steps = steps;
  a.kappa = 2;
  a.mem_file = "conv1_act.mem";
  std::mt19937 rng(7);
  for (int i = 0; i < a.tiles * l; ++i) {
    spec::ChannelConstants c;
    for (int k = 0; k < steps; ++k) c.points.push_back(300 + static_cast<int>(rng() % 300));
    std::sort(c.points.begin(), c.points.end());
    c.reversed = rng() % 2;
    c.offset = 2 * static_cast<int>(rng() % 500) - 600;
    a.constants.push_back(c);
  }
  s.tile_cycles = 5;
  return s;
}

}  // namespace

TEST_CASE("presets and what is left of the constants make the same of every channel") {
  for (const auto& [p, l] : {std::pair(24, 24), {24, 8}, {8, 8}, {8, 2}, {10, 5}, {1, 1}}) {
    for (const auto& [kind, steps] : {std::pair(ActivationKind::threshold, 1),
                                      {ActivationKind::threshold, 2},
                                      {ActivationKind::threshold, 15},
                                      {ActivationKind::raw, 1}}) {
      CAPTURE(p, l, static_cast<int>(kind), steps);
      const spec::ComputeStage before = stage(p, l, kind, steps);
      spec::ComputeStage s = before;
      arch::choose_presets(s);
      if (!s.preset) continue;  // the next test says where they must be
      CHECK(s.compute.preset);
      CHECK(s.activation.preset);
      REQUIRE(s.preset->values.size() == static_cast<size_t>(s.tiles() * p));
      CHECK(s.preset->bits == s.compute.acc_bits);
      CHECK(s.activation.in_bits == s.compute.acc_bits);
      const spec::PointTables points(before.activation);
      const int beats = before.activation.tiles / 2;
      for (int group = 0; group < 2; ++group) {
        for (int k = 0; k < 24; ++k) {
          const int tile = group * s.kernel_folds() + k / p, beat = group * beats + k / l;
          const int64_t value = s.preset->values[static_cast<size_t>(tile * p + k % p)];
          const size_t at = static_cast<size_t>(beat * l + k % l);
          const spec::ChannelConstants &old = before.activation.constants[at],
                                       &now = s.activation.constants[at];
          const int64_t end = int64_t{1} << (s.compute.acc_bits - 1);
          CHECK(0 + value >= -end);
          CHECK(900 + value < end);
          if (kind == ActivationKind::raw) {
            CHECK(2 * value == old.offset);
            CHECK(now.offset == 0);
            continue;
          }
          CHECK(value == -points.at(beat, k % l, 0, 0));
          CHECK(now.reversed == old.reversed);
          for (int i = 0; i < steps; ++i)
            CHECK(now.points[static_cast<size_t>(i)] == old.points[static_cast<size_t>(i)] + value);
        }
      }
    }
  }
}

TEST_CASE("a preset is a value of its accumulator also where T is never small") {
  spec::ComputeStage s = stage(24, 24, ActivationKind::threshold, 1);
  for (spec::ChannelConstants& c : s.activation.constants) c.points[0] += 400;
  s.activation.t_lo = 690;
  arch::choose_presets(s);
  REQUIRE(s.preset);
  const int64_t half = int64_t{1} << (s.preset->bits - 1);
  CHECK(half < 690);  // no value as it is would fit
  for (const int64_t v : s.preset->values) CHECK((v >= -half && v < half));
}

TEST_CASE("presets are chosen where they cost fewer LUTs, and only there") {
  const auto cost = [](const spec::ComputeStage& s) {
    return spec::cost(s.compute).lut + spec::cost(s.activation).lut +
           (s.preset ? spec::cost(*s.preset).lut : 0);
  };
  int chosen = 0;
  for (const int steps : {1, 2, 3, 15}) {
    const spec::ComputeStage before = stage(24, 24, ActivationKind::threshold, steps);
    spec::ComputeStage s = before;
    arch::choose_presets(s);
    if (!s.preset) continue;
    ++chosen;
    CHECK(cost(s) < cost(before));
    CHECK(spec::datapath_latency(s) == spec::datapath_latency(before));
  }
  CHECK(chosen > 0);
  const auto none = [](auto change) {
    spec::ComputeStage s = stage(24, 24, ActivationKind::threshold, 1);
    change(s);
    arch::choose_presets(s);
    return !s.preset && !s.compute.preset && !s.activation.preset;
  };
  CHECK_FALSE(none([](spec::ComputeStage&) {}));
  CHECK(none([](spec::ComputeStage& s) { s.compute.folds = 1; }));
  CHECK(none([](spec::ComputeStage& s) { s.compute.technology = spec::Technology::generic; }));
  CHECK(none([](spec::ComputeStage& s) { s.compute.weight = spec::WeightCode::integer; }));
  CHECK(none([](spec::ComputeStage& s) { s.activation.kind = ActivationKind::affine; }));
  CHECK(none([](spec::ComputeStage& s) {
    s.activation.kind = ActivationKind::raw;
    s.activation.constants[3].offset = 1;  // kappa is 2
  }));
}

}  // namespace elb::test
