#include "hw/lane_reduce.hpp"

#include <algorithm>

#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::LaneOp;
using spec::LaneReduceParams;
using spec::WeightCode;

int64_t tap(const LaneReduceParams& p, int64_t code, bool padded, int64_t w) {
  switch (p.op) {
    case LaneOp::max:
      return padded ? 0 : code;
    case LaneOp::sum:
      return padded ? p.pad_value : p.base + p.step * code;
    case LaneOp::multiply:
      break;
  }
  const int64_t flipped = ((int64_t{1} << p.bits) - 1) - code;
  if (p.weight == WeightCode::binary) return w ? flipped : code;
  if (p.weight == WeightCode::ternary) return (w & 2) == 0 ? 0 : (w & 1) ? flipped : code;
  return Bits::from_int(p.weight_bits, w).to_i64() * code;
}

LaneReduceParams random_params(Rng& rng, LaneOp op) {
  LaneReduceParams p{.op = op};
  p.s = static_cast<int>(uniform(rng, 1, 5));
  p.m = static_cast<int>(uniform(rng, 1, 3));
  p.bits = static_cast<int>(uniform(rng, 1, 8));
  p.padded = rng() % 2;
  p.folds = static_cast<int>(uniform(rng, 1, 9));
  int64_t reach = int64_t{p.folds} << p.bits;
  if (op == LaneOp::sum) {
    p.base = static_cast<int>(uniform(rng, -2, 1));
    p.step = static_cast<int>(uniform(rng, 1, 2));
    p.pad_value = static_cast<int>(uniform(rng, -1, 1));
    p.acc_signed = true;
    reach *= 3;
  } else if (op == LaneOp::multiply) {
    p.weight = static_cast<WeightCode>(uniform(rng, 0, 2));
    p.weight_bits = p.weight == WeightCode::integer ? static_cast<int>(uniform(rng, 2, 8))
                                                    : 1 + int{p.weight == WeightCode::ternary};
    p.acc_signed = p.weight == WeightCode::integer;
    if (p.acc_signed) reach <<= p.weight_bits;
  }
  p.acc_bits = signed_bits_for(-reach, reach) - static_cast<int>(rng() % 4 == 0 ? 2 : 0);
  return p;
}

ArithCase make_case(hdl::Design& d, Rng& rng, const LaneReduceParams& p) {
  ArithCase test{.module = hdl::component_module<hw::LaneReduce>(d, p).name(),
                 .inputs = {},
                 .valid_port = "out_valid",
                 .data_port = "out_result",
                 .lane_bits = p.result_bits(),
                 .expect = {},
                 .dont_care = {}};
  const std::vector<int> starts = tile_starts(rng, 15, p.folds);
  const int cycles = starts.back() + p.folds;
  for (int c = 0; c < cycles; ++c) {
    test.inputs["valid"].push_back(Bits::from_int(1, 0));
    test.inputs["first"].push_back(random_bits(rng, 1));
    test.inputs["last"].push_back(random_bits(rng, 1));
    test.inputs["act"].push_back(random_bits(rng, p.m * p.s * p.bits));
    test.inputs["padded"].push_back(random_bits(rng, p.m));
    test.inputs["wgt"].push_back(random_bits(rng, std::max(1, p.s * p.weight_bits)));
  }
  for (const int start : starts) {
    std::vector<int64_t> result(static_cast<size_t>(p.m * p.s), 0);
    for (int f = 0; f < p.folds; ++f) {
      const auto c = static_cast<size_t>(start + f);
      test.inputs["valid"][c] = Bits::from_int(1, 1);
      test.inputs["first"][c] = Bits::from_int(1, f == 0);
      test.inputs["last"][c] = Bits::from_int(1, f == p.folds - 1);
      for (int i = 0; i < p.m * p.s; ++i) {
        const auto code = static_cast<int64_t>(test.inputs["act"][c].get(i * p.bits, p.bits));
        const bool padded = p.padded && test.inputs["padded"][c].bit(i / p.s);
        const auto w =
            static_cast<int64_t>(test.inputs["wgt"][c].get(i % p.s * p.weight_bits, p.weight_bits));
        int64_t& r = result[static_cast<size_t>(i)];
        const int64_t v = tap(p, code, padded, w);
        r = p.op == LaneOp::max ? std::max(r, v) : r + v;
      }
    }
    test.expect[start + p.folds - 1 + spec::latency(p)] = result;
  }
  return test;
}

}  // namespace

std::vector<ArithCase> lane_reduce_cases(hdl::Design& d, Rng& rng, int n) {
  std::vector<ArithCase> cases;
  for (int i = 0; i < n; ++i)
    cases.push_back(make_case(d, rng, random_params(rng, static_cast<LaneOp>(i % 3))));
  return cases;
}

TEST_CASE("lanes are reduced over a tile, padded taps as the operation asks") {
  Rng rng(test_seed());
  hdl::Design d;
  const std::vector<ArithCase> cases = lane_reduce_cases(d, rng, 36);
  run_cases(d, cases, Simulator::icarus);
}

}  // namespace elb::test
