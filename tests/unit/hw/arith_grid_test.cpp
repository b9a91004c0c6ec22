#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {

TEST_CASE("a random grid of all arithmetic agrees with plain integers in Verilator and lints silently") {
  Rng rng(test_seed() + 1);
  hdl::Design d;
  std::vector<ArithCase> cases;
  for (const std::vector<ArithCase>& more : {compute_array_cases(d, rng, 9), activation_cases(d, rng, 12),
                                             lane_reduce_cases(d, rng, 9), sum_operands_cases(d, rng, 4)}) {
    cases.insert(cases.end(), more.begin(), more.end());
  }
  run_cases(d, cases, Simulator::verilator, true);
}

}  // namespace elb::test
