#include "hw/compute_array.hpp"

#include <fmt/format.h>

#include "arith_case.hpp"
#include "hw/dot.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::ComputeParams;
using spec::WeightCode;

// t of spec/compute.hpp, by its definition.
int64_t term(WeightCode code, int weight_bits, int act_bits, int64_t e, int64_t w) {
  const int64_t ones = (int64_t{1} << act_bits) - 1;
  switch (code) {
    case WeightCode::binary:
      return w ? e ^ ones : e;
    case WeightCode::ternary:
      return (w & 2) == 0 ? 0 : (w & 1) ? e ^ ones : e;
    case WeightCode::integer:
      return e * Bits::from_int(weight_bits, w).to_i64();
  }
  return 0;
}

int64_t lane(const Bits& word, int i, int bits) {
  return static_cast<int64_t>(word.get(i * bits, bits));
}

ComputeParams random_params(Rng& rng) {
  ComputeParams p;
  p.weight = static_cast<WeightCode>(uniform(rng, 0, 2));
  p.weight_bits = p.weight == WeightCode::binary    ? 1
                  : p.weight == WeightCode::ternary ? 2
                                                    : static_cast<int>(uniform(rng, 2, 8));
  p.act_bits = static_cast<int>(uniform(rng, 1, 8));
  p.s = static_cast<int>(rng() % 2 ? uniform(rng, 1, 9) : uniform(rng, 1, 70));
  p.p = static_cast<int>(uniform(rng, 1, 4));
  p.m = static_cast<int>(uniform(rng, 1, 3));
  p.folds = static_cast<int>(rng() % 3 ? uniform(rng, 2, 7) : 1);
  p.acc_signed = p.weight == WeightCode::integer;
  const int64_t bound = int64_t{p.s} * p.folds * ((int64_t{1} << p.act_bits) - 1);
  p.acc_bits = p.acc_signed ? signed_bits_for(-bound << (p.weight_bits - 1), bound << (p.weight_bits - 1))
                            : bits_for(bound);
  if (rng() % 3 == 0)
    p.acc_bits = static_cast<int>(uniform(rng, std::min(2, p.acc_bits), p.acc_bits));  // T wraps
  if (p.s <= 16 && rng() % 2 == 0) {
    p.technology = rng() % 2 ? spec::Technology::xc7 : spec::Technology::xcup;
    const int64_t most = spec::most_dsp(p);
    if (most > 0) p.dsp = static_cast<int>(uniform(rng, 0, most));
    p.preset = p.weight != WeightCode::integer && p.folds > 1 && rng() % 2;
    p.acc_signed = p.acc_signed || p.preset;
  }
  return p;
}

ArithCase make_case(hdl::Design& d, Rng& rng, const ComputeParams& p) {
  ArithCase test{.module = hdl::component_module<hw::ComputeArray>(d, p).name(),
                 .inputs = {},
                 .valid_port = "out_valid",
                 .data_port = "out_t",
                 .lane_bits = p.acc_bits,
                 .expect = {},
                 .dont_care = {}};
  const std::vector<int> starts = tile_starts(rng, 12, p.folds);
  const int cycles = starts.back() + p.folds;
  for (int c = 0; c < cycles; ++c) {  // the words between tiles are rubbish
    test.inputs["valid"].push_back(Bits::from_int(1, 0));
    test.inputs["first"].push_back(random_bits(rng, 1));
    test.inputs["last"].push_back(random_bits(rng, 1));
    test.inputs["act"].push_back(random_bits(rng, p.act_word_bits()));
    test.inputs["wgt"].push_back(random_bits(rng, p.weight_word_bits()));
  }
  // Other presets in every cycle: they are taken in one.
  for (int c = 0; p.preset && c < cycles + spec::dot_latency(p); ++c)
    test.inputs["preset"].push_back(random_bits(rng, p.preset_bits()));
  for (size_t n = 0; n < starts.size(); ++n) {
    std::vector<int64_t> t(static_cast<size_t>(p.m * p.p), 0);
    for (size_t i = 0; p.preset && i < t.size(); ++i)
      t[i] = lane(test.inputs["preset"][static_cast<size_t>(starts[n] + spec::dot_latency(p))],
                  static_cast<int>(i) % p.p, p.acc_bits);
    for (int f = 0; f < p.folds; ++f) {
      const auto c = static_cast<size_t>(starts[n] + f);
      if (n == 0) {  // the extremes: all codes at their greatest
        test.inputs["act"][c] = Bits::from_int(p.act_word_bits(), -1);
      }
      test.inputs["valid"][c] = Bits::from_int(1, 1);
      test.inputs["first"][c] = Bits::from_int(1, f == 0);
      test.inputs["last"][c] = Bits::from_int(1, f == p.folds - 1);
      for (int x = 0; x < p.m; ++x) {
        for (int k = 0; k < p.p; ++k) {
          for (int i = 0; i < p.s; ++i) {
            t[static_cast<size_t>(x * p.p + k)] += term(
                p.weight, p.weight_bits, p.act_bits, lane(test.inputs["act"][c], x * p.s + i, p.act_bits),
                lane(test.inputs["wgt"][c], k * p.s + i, p.weight_bits));
          }
        }
      }
    }
    test.expect[starts[n] + p.folds - 1 + spec::latency(p)] = t;
  }
  return test;
}

template <class Wanted>
ComputeParams small_params(Rng& rng, Wanted wanted) {
  ComputeParams p;
  do p = random_params(rng);
  while (p.s > 12 || !wanted(p));
  return p;
}

// The n-th of a series: four of one technology, four of the other, each fourth with all slices that it can
// have.
ArithCase mapped_case(hdl::Design& d, Rng& rng, ComputeParams p, int n) {
  p.technology = n % 8 < 4 ? spec::Technology::xc7 : spec::Technology::xcup;
  const auto most = static_cast<int>(spec::most_dsp(p));
  p.dsp = n % 4 == 0 ? most : static_cast<int>(uniform(rng, 0, most));
  return make_case(d, rng, p);
}

}  // namespace

std::vector<ArithCase> compute_array_cases(hdl::Design& d, Rng& rng, int n) {
  std::vector<ArithCase> cases;
  for (int i = 0; i < n; ++i) cases.push_back(make_case(d, rng, random_params(rng)));
  return cases;
}

TEST_CASE("the compute array sums a tile's products after the promised latency") {
  Rng rng(test_seed());
  hdl::Design d;
  const std::vector<ArithCase> cases = compute_array_cases(d, rng, 12);
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("every weight times every activation is exact, for all kinds and bits") {
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (int act_bits = 1; act_bits <= 8; ++act_bits) {
    for (int weight_bits = 0; weight_bits <= 8; ++weight_bits) {  // 0: binary, 1: ternary
      ComputeParams p{.act_bits = act_bits};
      p.weight = weight_bits == 0   ? WeightCode::binary
                 : weight_bits == 1 ? WeightCode::ternary
                                    : WeightCode::integer;
      p.weight_bits = weight_bits == 0 ? 1 : weight_bits == 1 ? 2 : weight_bits;
      p.acc_signed = p.weight == WeightCode::integer;
      p.acc_bits = p.act_bits + p.weight_bits;
      ArithCase test = make_case(d, rng, p);
      test.inputs.clear();
      test.expect.clear();
      int cycle = 0;
      for (int64_t e = 0; e < 1 << act_bits; ++e) {
        for (int64_t w = 0; w < 1 << p.weight_bits; ++w, ++cycle) {
          test.inputs["valid"].push_back(Bits::from_int(1, 1));
          test.inputs["act"].push_back(Bits::from_int(act_bits, e));
          test.inputs["wgt"].push_back(Bits::from_int(p.weight_bits, w));
          test.expect[cycle + spec::latency(p)] = {term(p.weight, p.weight_bits, act_bits, e, w)};
        }
      }
      // Shorter ones end first; the bench holds inputs at 0 then.
      cases.push_back(test);
    }
  }
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("arrays of integer weights in DSP slices and LUTs keep the promise") {
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (int n = 0; n < 24; ++n) {
    ComputeParams p =
        small_params(rng, [](const ComputeParams& p) { return p.weight == WeightCode::integer; });
    if (n % 2 == 0) p.weight_bits = p.act_bits = 8, p.acc_bits = 28;
    cases.push_back(mapped_case(d, rng, p, n));
  }
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("accumulators of selectors begin with their presets, in LUTs and in slices") {
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (int n = 0; n < 16; ++n) {
    ComputeParams p = small_params(
        rng, [](const ComputeParams& p) { return p.weight != WeightCode::integer && p.folds > 1; });
    p.preset = p.acc_signed = true;
    cases.push_back(mapped_case(d, rng, p, n));
  }
  run_cases(d, cases, Simulator::icarus);
}

TEST_CASE("instances are named by pixel and kernel, and share one dot product") {
  hdl::Design d;
  const ComputeParams p{.act_bits = 2, .s = 8, .p = 3, .m = 2, .folds = 4, .acc_bits = 7};
  const std::string name = hdl::component_module<hw::ComputeArray>(d, p).name();
  const std::map<std::string, std::string> files = d.emit();
  REQUIRE(files.size() == 2);
  CHECK(files.count("elb_dot_ternary_s8_a2.v") == 1);
  CHECK(files.at(name + ".v").find("elb_dot_ternary_s8_a2 u_dot_m1_p2 (") != std::string::npos);
}

}  // namespace elb::test
