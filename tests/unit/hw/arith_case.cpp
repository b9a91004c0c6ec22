#include "arith_case.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/seed.hpp"

namespace elb::test {

uint64_t test_seed() {
  return seed_of_run(20240817);
}

int64_t uniform(Rng& rng, int64_t lo, int64_t hi) {
  return lo + static_cast<int64_t>(rng() % static_cast<uint64_t>(hi - lo + 1));
}

Bits random_bits(Rng& rng, int width) {
  Bits b(width);
  for (int i = 0; i < width; ++i) b.set_bit(i, rng() & 1);
  return b;
}

std::vector<int> tile_starts(Rng& rng, int tiles, int folds) {
  std::vector<int> starts;
  int cycle = 2;
  for (int t = 0; t < tiles; ++t) {
    starts.push_back(cycle);
    cycle += folds + (rng() % 3 == 0 ? static_cast<int>(uniform(rng, 1, 4)) : 0);
  }
  return starts;
}

std::string compare(const VerilogBench& bench, const PlacedCase& placed) {
  const ArithCase& test = placed.test;
  const auto& valid = bench.out(placed.instance, test.valid_port);
  const auto& data = bench.out(placed.instance, test.data_port);
  for (int cycle = 0; cycle < static_cast<int>(valid.size()); ++cycle) {
    const auto at = static_cast<size_t>(cycle);
    const auto expected = test.expect.find(cycle);
    const bool want = expected != test.expect.end();
    if (!valid[at]) return fmt::format("{}: cycle {}: {} is x", test.module, cycle, test.valid_port);
    if (valid[at]->bit(0) != want)
      return fmt::format("{}: cycle {}: {} is {}", test.module, cycle, test.valid_port, !want);
    if (!want) continue;
    if (!data[at]) return fmt::format("{}: cycle {}: {} has an x", test.module, cycle, test.data_port);
    const uint64_t mask = (uint64_t{1} << test.lane_bits) - 1;
    const auto skip = test.dont_care.find(cycle);
    for (size_t lane = 0; lane < expected->second.size(); ++lane) {
      if (skip != test.dont_care.end() && skip->second[lane]) continue;
      const uint64_t want_lane = static_cast<uint64_t>(expected->second[lane]) & mask;
      const uint64_t got = data[at]->get(static_cast<int>(lane) * test.lane_bits, test.lane_bits);
      if (got != want_lane) {
        return fmt::format("{}: cycle {} lane {}: expected {}, got {}", test.module, cycle, lane, want_lane,
                           got);
      }
    }
  }
  if (test.expect.empty() || test.expect.rbegin()->first >= static_cast<int>(valid.size())) {
    return test.module + ": the simulation is shorter than what it is compared with";
  }
  return "";
}

void run_cases(hdl::Design& d, const std::vector<ArithCase>& cases, Simulator simulator, bool lint) {
  INFO("ELB_SEED=" << test_seed());
  for (const hdl::Bodies bodies : {hdl::Bodies::plain, hdl::Bodies::mapped}) {
    const bool mapped = bodies == hdl::Bodies::mapped;
    VerilogBench bench(d, bodies);
    if (mapped && d.sources(bodies).modules == d.sources().modules) continue;
    INFO((mapped ? "mapped bodies" : "plain bodies"));
    std::vector<PlacedCase> placed;
    for (const ArithCase& c : cases) placed.push_back({c, bench.add(c.module, c.inputs)});
    bench.run(simulator, static_cast<unsigned>(test_seed() % 1000), 40);
    for (const PlacedCase& p : placed) CHECK(compare(bench, p) == "");
    if (lint) lint_all(bench);
  }
}

void lint_all(const VerilogBench& bench) {
  bool mapped = false;  // X_mapped.v holds the module X, where -y does not look for it
  for (const auto& [name, text] : bench.files())
    mapped = mapped || name.find("_mapped.v") != std::string::npos;
  for (const auto& [name, text] : bench.files()) {
    INFO(text.substr(0, 400));
    const size_t at = text.find("\nmodule ") + 8;
    const std::string top = text.substr(at, text.find_first_of(" (;", at) - at);
    const std::string sources = mapped ? "-Wno-DECLFILENAME -f filelist.f" : "-y . " + name;
    CHECK(bench.shell("verilator --lint-only -Wall --top-module " + top + " " + sources, false) == "");
  }
  CHECK(bench.shell("iverilog -g2005 -Wall -o /dev/null -f filelist.f", false) == "");
  CHECK(
      bench.shell("yosys -q -p \"read_verilog $(xargs < filelist.f); hierarchy -check; proc; check -assert\"",
                  false) == "");
}

}  // namespace elb::test
