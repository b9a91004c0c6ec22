#include "hw/select_dot.hpp"

#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::DotParams;
using spec::WeightCode;

// Sum of t over the lanes, by its definition (spec/compute.hpp).
uint64_t plain_sum(const DotParams& p, const Bits& act, const Bits& wgt) {
  const uint64_t ones = (uint64_t{1} << p.act_bits) - 1;
  uint64_t sum = 0;
  for (int i = 0; i < p.s; ++i) {
    const uint64_t e = act.get(i * p.act_bits, p.act_bits), w = wgt.get(i * p.weight_bits, p.weight_bits);
    if (p.weight == WeightCode::binary || (w & 2) != 0) sum += (w & 1) != 0 ? e ^ ones : e;
  }
  return sum;
}

Bits repeated(int lanes, int bits, uint64_t value) {
  Bits word(lanes * bits);
  for (int i = 0; i < lanes * bits; ++i) word.set_bit(i, ((value >> (i % bits)) & 1) != 0);
  return word;
}

DotParams params(WeightCode weight, int act_bits, int s) {
  DotParams p{.weight = weight,
              .weight_bits = weight == WeightCode::ternary ? 2 : 1,
              .act_bits = act_bits,
              .s = s,
              .sum_bits = 40};
  p.sum_bits = spec::partial_sum_bits(p, s);
  return p;
}

}  // namespace

TEST_CASE("mapped dot products agree with plain integers in Verilator and lint silently") {
  Rng rng(test_seed());
  std::vector<DotParams> cases;
  for (const WeightCode weight : {WeightCode::ternary, WeightCode::binary}) {
    for (int s = 1; s <= 7; ++s) cases.push_back(params(weight, s, s));
    for (const int act_bits : {1, 2, 4}) cases.push_back(params(weight, act_bits, 64));
    for (int i = 0; i < 2; ++i)
      cases.push_back(
          params(weight, static_cast<int>(uniform(rng, 1, 8)), static_cast<int>(uniform(rng, 1, 80))));
    cases.push_back(params(weight, 4, 27));
    cases.back().sum_bits -= 3;  // wraps
  }
  INFO("ELB_SEED=" << test_seed());
  hdl::Design d;
  for (const DotParams& p : cases) hdl::component_module<hw::SelectDot>(d, p);
  std::vector<VerilogBench::Words> inputs;
  for (const DotParams& p : cases) {
    std::vector<Bits> act, wgt;
    for (const uint64_t x : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x55}, uint64_t{0xaa}}) {
      for (uint64_t w = 0; w < (uint64_t{1} << p.weight_bits); ++w) {
        act.push_back(repeated(p.s, p.act_bits, x));
        wgt.push_back(repeated(p.s, p.weight_bits, w));
      }
    }
    for (int i = 0; i < 300; ++i) {
      act.push_back(random_bits(rng, p.s * p.act_bits));
      wgt.push_back(random_bits(rng, p.s * p.weight_bits));
    }
    inputs.push_back({{"act", act}, {"wgt", wgt}});
  }
  for (const hdl::Bodies bodies : {hdl::Bodies::plain, hdl::Bodies::mapped}) {
    VerilogBench bench(d, bodies);
    INFO((bodies == hdl::Bodies::mapped ? "mapped bodies" : "plain bodies"));
    for (size_t c = 0; c < cases.size(); ++c) bench.add(hw::SelectDot::name(cases[c]), inputs[c]);
    bench.run(Simulator::verilator, static_cast<unsigned>(test_seed() % 1000), 20);
    for (size_t c = 0; c < cases.size(); ++c) {
      const DotParams& p = cases[c];
      const int latency = spec::latency(spec::plan_select_dot(p));
      const std::vector<Bits>&act = inputs[c].at("act"), &wgt = inputs[c].at("wgt");
      INFO(hw::SelectDot::name(p));
      for (size_t i = 0; i < act.size(); ++i) {
        const std::optional<Bits>& sum = bench.out(static_cast<int>(c), "sum").at(i + latency);
        REQUIRE(sum.has_value());
        REQUIRE(sum->get(0, p.sum_bits) ==
                (plain_sum(p, act[i], wgt[i]) & ((uint64_t{1} << p.sum_bits) - 1)));
      }
    }
    lint_all(bench);
  }
}

}  // namespace elb::test
