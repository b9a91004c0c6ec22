#include "hw/sum_operands.hpp"

#include <algorithm>

#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::SumOperandsParams;

ArithCase make_case(hdl::Design& d, Rng& rng) {
  SumOperandsParams p;
  p.lanes = static_cast<int>(uniform(rng, 1, 5));
  const int count = static_cast<int>(uniform(rng, 1, 5));
  int64_t reach = 0;
  for (int i = 0; i < count; ++i) {
    SumOperandsParams::Operand o;
    o.is_signed = rng() % 4 == 0;
    o.bits = static_cast<int>(uniform(rng, 1, o.is_signed ? 16 : 8));
    o.base = static_cast<int>(rng() % 2 ? uniform(rng, -128, 1) : 0);
    o.step = static_cast<int>(rng() % 3 ? 1 : rng() % 2 ? -2 : 3);
    reach += 200 + (int64_t{4} << o.bits);
    p.operands.push_back(o);
  }
  p.acc_bits = signed_bits_for(-reach, reach) - static_cast<int>(rng() % 4 == 0 ? 3 : 0);
  p.acc_signed = rng() % 4 != 0;
  ArithCase test{.module = hdl::component_module<hw::SumOperands>(d, p).name(),
                 .inputs = {},
                 .valid_port = "out_valid",
                 .data_port = "out_sums",
                 .lane_bits = p.acc_bits,
                 .expect = {},
                 .dont_care = {}};
  for (int cycle = 0; cycle < 60; ++cycle) {
    const bool valid = rng() % 3;
    const Bits codes = random_bits(rng, hw::SumOperands::codes_bits(p));
    test.inputs["valid"].push_back(Bits::from_int(1, valid));
    test.inputs["codes"].push_back(codes);
    if (!valid) continue;
    std::vector<int64_t> sums(static_cast<size_t>(p.lanes), 0);
    int low = 0;
    for (const SumOperandsParams::Operand& o : p.operands) {
      for (int64_t& sum : sums) {
        const uint64_t code = codes.get(low, o.bits);
        low += o.bits;
        sum += o.base + o.step * (o.is_signed ? Bits::from_int(o.bits, static_cast<int64_t>(code)).to_i64()
                                              : static_cast<int64_t>(code));
      }
    }
    test.expect[cycle + spec::latency(p)] = sums;
  }
  return test;
}

}  // namespace

std::vector<ArithCase> sum_operands_cases(hdl::Design& d, Rng& rng, int n) {
  std::vector<ArithCase> cases;
  for (int i = 0; i < n; ++i) cases.push_back(make_case(d, rng));
  return cases;
}

TEST_CASE("operands' values are summed lane by lane") {
  Rng rng(test_seed());
  hdl::Design d;
  const std::vector<ArithCase> cases = sum_operands_cases(d, rng, 40);
  run_cases(d, cases, Simulator::icarus);
}

}  // namespace elb::test
