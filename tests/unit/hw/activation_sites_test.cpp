// Activation units as yosys 0.23 synthesises them, beside what spec/cost says.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arith_case.hpp"
#include "hw/activation.hpp"
#include "hw/lane_reduce.hpp"
#include "hw/presets.hpp"
#include "spec/cost.hpp"
#include "support/catch.hpp"
#include "support/synthesised.hpp"

namespace elb::test {
namespace {

using spec::ActivationKind;
using spec::ActivationParams;
using spec::Technology;

ActivationParams threshold(Technology technology, int steps, int tiles, int p, int m, int in_bits) {
  ActivationParams a{
      .technology = technology, .kind = ActivationKind::threshold, .p = p, .m = m, .tiles = tiles};
  a.in_bits = in_bits;
  a.steps = steps;
  a.out_bits = bits_for(steps);
  a.mem_file = "a.mem";
  Rng rng(test_seed());
  for (int i = 0; i < tiles * p; ++i) {
    std::vector<int64_t> points;
    for (int k = 0; k < steps; ++k) points.push_back(uniform(rng, 1, (int64_t{1} << in_bits) - 1));
    std::sort(points.begin(), points.end());
    a.constants.push_back({.points = points});
  }
  return a;
}

ActivationParams affine(int tiles, int m, int t_bits, int in_bits, int alpha_bits, int steps = 255) {
  ActivationParams a{.kind = ActivationKind::affine, .p = 1, .m = m, .tiles = tiles};
  a.in_bits = in_bits;
  a.in_signed = true;
  a.factor_bits = t_bits < in_bits ? t_bits : 0;
  a.steps = steps;
  a.out_bits = bits_for(steps);
  a.shift = t_bits + alpha_bits - 11;
  a.mem_file = "a.mem";
  Rng rng(test_seed());
  for (int i = 0; i < tiles; ++i)
    a.constants.push_back(
        {.alpha = uniform(rng, int64_t{1} << (alpha_bits - 2), (int64_t{1} << (alpha_bits - 1)) - 1),
         .beta = uniform(rng, 0, int64_t{1} << (a.shift + 7))});
  return a;
}

// By how many sites and registers an estimate may miss where that is more than 5 %.
struct Miss {
  int64_t lut = 6, ff = 6;
};

// Sites and registers within 5 % or what is said, block RAM and DSP slices exactly.
template <class Component>
Synthesised check(const std::string& what, typename Component::Params p, Technology technology,
                  const Miss& miss) {
  p.module = "elb_a_act";
  hdl::Design d;
  hdl::component_module<Component>(d, p);
  const Synthesised s = synthesise(d, p.module, technology);
  const spec::Resources r = spec::cost(p);
  INFO(fmt::format("{}: estimated {} {} {} {}, synthesised {} {} {} {}", what, r.lut, r.ff, r.bram18, r.dsp,
                   s.lut, s.ff, s.bram18, s.dsp));
  INFO(s.text());
  const auto near = [](int64_t a, int64_t b, int64_t most) {
    return std::abs(a - b) <= std::max(most, static_cast<int64_t>(0.05 * static_cast<double>(b)));
  };
  CHECK(near(r.lut, s.lut, miss.lut));
  CHECK(near(r.ff, s.ff, miss.ff));
  CHECK(r.bram18 == s.bram18);
  CHECK(r.dsp == s.dsp);
  return s;
}

// Arithmetic of no more than a LUT and a carry chain, control of four LUTs.
void check(const std::string& what, const ActivationParams& p, const Miss& miss = {}) {
  const Synthesised s = check<hw::ActivationUnit>(what, p, p.technology, miss);
  CHECK(s.deepest.at("arithmetic").levels() <= 2);
  CHECK((s.deepest.count("control") == 0 || s.deepest.at("control").levels() <= 4));
}

spec::PresetParams presets(int p, int tiles, int bits) {
  spec::PresetParams preset{.p = p, .tiles = tiles, .bits = bits, .mem_file = "a.mem"};
  Rng rng(test_seed());
  for (int i = 0; i < tiles * p; ++i)
    preset.values.push_back(-uniform(rng, 1, (int64_t{1} << (bits - 1)) - 1));
  return preset;
}

void check(const std::string& what, const spec::PresetParams& p, const Miss& miss = {}) {
  check<hw::Presets>(what, p, Technology::xc7, miss);
}

}  // namespace

TEST_CASE("thresholds of 7-series take the LUT sites that they are said to") {
  check("one tile", threshold(Technology::xc7, 15, 1, 2, 2, 18));
  check("four tiles", threshold(Technology::xc7, 3, 4, 3, 1, 14));
  check("32 tiles", threshold(Technology::xc7, 15, 32, 1, 1, 17));
  check("96 tiles, three pixels", threshold(Technology::xc7, 15, 96, 1, 3, 18), {.lut = 19});
  // The number of the tile is in the address register of the block RAM.
  check("a bit", threshold(Technology::xc7, 1, 512, 1, 1, 18), {.ff = 9});
}

TEST_CASE(
    "presets take the LUTs and registers that they are said to, and with them thresholds a level less") {
  check("one tile", presets(8, 1, 12));
  check("two tiles", presets(8, 2, 12));
  check("five tiles", presets(4, 5, 12));
  check("eight tiles", presets(8, 8, 14));
  check("48 tiles", presets(4, 48, 12));
  check("300 tiles", presets(2, 300, 14));
  ActivationParams p = threshold(Technology::xc7, 15, 1, 2, 2, 17);
  p.preset = p.in_signed = true;
  p.in_bits = 18;
  check("signs and three levels", p);
}

TEST_CASE("offsets take a LUT per bit that varies") {
  for (const int tiles : {2, 3, 20}) {
    ActivationParams p{
        .technology = Technology::xc7, .kind = ActivationKind::raw, .p = 3, .m = 2, .tiles = tiles};
    p.in_bits = 12;
    p.in_signed = true;
    p.out_bits = 18;
    p.mem_file = "a.mem";
    Rng rng(test_seed());
    for (int i = 0; i < tiles * p.p; ++i) p.constants.push_back({.offset = uniform(rng, -900, 900)});
    check(fmt::format("{} tiles", tiles), p, {.lut = 7});
  }
}

TEST_CASE("affine stages take the DSP slices and LUTs that they are said to") {
  check("one slice", affine(1, 2, 18, 18, 24));
  check("one slice, 96 tiles", affine(96, 1, 18, 18, 24));
  // The upper factors are one in all tiles: no second slice.
  check("an upper factor of one, 128 tiles", affine(128, 1, 20, 20, 19), {.ff = 8});
  check("two slices, saturated, 40 tiles", affine(40, 2, 25, 28, 32));
  check("two slices, 4096 tiles", affine(4096, 1, 25, 25, 30, 15));
  check("saturated in two cycles, eleven codes", affine(4, 1, 18, 30, 30, 10), {.lut = 7});
  const ActivationParams in_first = affine(40, 2, 24, 25, 24, 15);
  REQUIRE(spec::beta_in_first_slice(in_first));
  check("two slices, the first with beta", in_first);
}

TEST_CASE("affine stages of UltraScale have their registers in the slice") {
  const auto ultrascale = [](ActivationParams p) {
    p.technology = Technology::xcup;
    return p;
  };
  check("one slice", ultrascale(affine(1, 2, 18, 18, 24)));
  check("one slice, 96 tiles", ultrascale(affine(96, 1, 18, 18, 24)));
  check("saturated, eleven codes", ultrascale(affine(4, 1, 18, 22, 24, 10)), {.lut = 7});
  check("saturated in two cycles", ultrascale(affine(4, 1, 18, 30, 24, 10)), {.lut = 7});
}

ActivationParams swept(ActivationParams p, int tiles) {
  p.sweep_tiles = tiles;
  return p;
}

TEST_CASE("a running maximum is one comparison deep") {
  for (int bits = 1; bits <= 8; ++bits) {
    const spec::LaneReduceParams p{.op = spec::LaneOp::max, .s = 4, .m = 1, .bits = bits, .folds = 4};
    hdl::Design d;
    const std::string name = hdl::component_module<hw::LaneReduce>(d, p).name();
    const Synthesised s = synthesise(d, name, Technology::generic);
    const spec::Resources r = spec::cost(p);
    INFO(fmt::format("{} bits: estimated {} {}, synthesised {} {}", bits, r.lut, r.ff, s.lut, s.ff));
    INFO(s.text());
    CHECK(std::abs(s.lut - r.lut) <= 1);
    CHECK(s.ff == r.ff);
    CHECK(s.deepest.at("arithmetic").levels() <= 2);
  }
}

TEST_CASE("activations of thousands of tiles have short paths") {
  check("4096 tiles of 2 bits", threshold(Technology::xc7, 3, 4096, 1, 1, 18));
  check("2048 tiles, two pixels", threshold(Technology::xc7, 3, 2048, 1, 2, 18));
  check("500 tiles, 8 codes", threshold(Technology::xc7, 7, 500, 1, 1, 18));
  check("swept, 4096 tiles", swept(threshold(Technology::xc7, 3, 4096, 1, 1, 18), 3));
  check("swept, 500 tiles", swept(threshold(Technology::xc7, 3, 500, 1, 1, 14), 3));
  check("500 tiles", threshold(Technology::xc7, 3, 500, 1, 1, 14));
  check("affine, 1000 tiles", affine(1000, 1, 25, 25, 30, 15));
}

}  // namespace elb::test
