// Cores of argmax and top_k as yosys 0.23 synthesises them, beside what spec/cost says.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "hw/rank_core.hpp"
#include "spec/cost.hpp"
#include "support/catch.hpp"
#include "support/synthesised.hpp"

namespace elb::test {

TEST_CASE("rank cores take the LUTs and registers that they are said to, a LUT and a carry chain deep") {
  std::vector<spec::RankParams> cases{{.values = 1, .bits = 18}, {.values = 1, .lanes = 2, .bits = 4}};
  for (const int bits : {1, 2, 3, 4, 5, 6, 7, 12, 18, 20})
    for (const int k : {1, 5})
      cases.push_back({.values = 10, .bits = bits, .is_signed = bits % 2 == 0, .k = k});
  for (const int64_t values : {2, 3, 4, 9, 16, 100, 200})
    for (const int lanes : {1, 3}) cases.push_back({.values = values, .lanes = lanes, .bits = 10, .k = 2});
  for (const int lanes : {1, 2, 4})
    cases.push_back({.values = 1000, .lanes = lanes, .bits = 18, .is_signed = true, .k = 5});
  for (const spec::RankParams& p : cases) {
    hdl::Design d;
    const std::string name = hdl::component_module<hw::RankCore>(d, p).name();
    const Synthesised s = synthesise(d, name, spec::Technology::xc7);
    const spec::Resources r = spec::cost(p);
    INFO(fmt::format("{}: estimated {} {}, synthesised {} {}\n{}", name, r.lut, r.ff, s.lut, s.ff, s.text()));
    CHECK(std::abs(r.lut - s.lut) <= 3);
    CHECK(r.ff == s.ff);
    CHECK(s.deepest.at("arithmetic").levels() <= 2);
  }
}

}  // namespace elb::test
