// One instance with its stimulus and what must come out when: shared by the tests of the arithmetic, so that
// a grid of all components runs in one simulation.
#pragma once
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "hdl/design.hpp"
#include "support/verilog_bench.hpp"

namespace elb::test {

using Rng = std::mt19937_64;
// ELB_SEED, or a fixed number; printed when a test fails.
uint64_t test_seed();
int64_t uniform(Rng& rng, int64_t lo, int64_t hi);
Bits random_bits(Rng& rng, int width);

struct ArithCase {
  std::string module;
  VerilogBench::Words inputs;
  std::string valid_port, data_port;
  int lane_bits = 1;  // for the message
  std::map<int, std::vector<int64_t>>
      expect;  // cycle -> lanes, modulo 2^lane_bits; in all others valid is low
  std::map<int, std::vector<bool>> dont_care;  // lanes that are not compared
};

// The words of a frame of tiles, F consecutive cycles each with random gaps between tiles: cycle of each
// tile's first word.
std::vector<int> tile_starts(Rng& rng, int tiles, int folds);

// Adds the case's instance.
struct PlacedCase {
  ArithCase test;
  int instance;
};
// Empty when everything holds, else the first difference.
std::string compare(const VerilogBench& bench, const PlacedCase& placed);
// Runs all cases in one simulation, and in one of the mapped bodies where there are any, and requires that
// every one holds; with `lint` also lint_all().
void run_cases(hdl::Design& d, const std::vector<ArithCase>& cases, Simulator simulator, bool lint = false);
// verilator -Wall, iverilog -Wall and yosys are silent on every module.
void lint_all(const VerilogBench& bench);

// `n` random instances of every component.
std::vector<ArithCase> compute_array_cases(hdl::Design& d, Rng& rng, int n);
std::vector<ArithCase> activation_cases(hdl::Design& d, Rng& rng, int n);
std::vector<ArithCase> lane_reduce_cases(hdl::Design& d, Rng& rng, int n);
std::vector<ArithCase> sum_operands_cases(hdl::Design& d, Rng& rng, int n);

}  // namespace elb::test
