#include <set>

#include "base/diag.hpp"

#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::sweep;
using namespace elb::sweep::test;

namespace {

std::vector<std::string> mistakes(const std::string& text) {
  std::vector<std::string> lines;
  try {
    read_sweep_text(text, "s.json");
  } catch (const UserError& e) {
    for (const Diag& d : e.diags()) lines.push_back(to_string(d));
  }
  return lines;
}

}  // namespace

TEST_CASE("the grid has every combination once, the last class fastest") {
  const Sweep s = read_sweep_text(kSweep, "s.json");
  const std::vector<Precision> points = grid(s);
  REQUIRE(points.size() == 3 * 2 * 2 * 1 * 3);
  CHECK(to_string(points[0]) == "8-8218");
  CHECK(to_string(points[1]) == "8-8213");
  CHECK(to_string(points[2]) == "8-8212");
  CHECK(to_string(points[3]) == "8-8118");
  CHECK(to_string(points[6]) == "8-4218");
  CHECK(to_string(points[12]) == "2-8218");
  CHECK(to_string(points.back()) == "1-4112");
  std::set<std::string> names;
  for (const Precision& p : points) names.insert(to_string(p));
  CHECK(names.size() == points.size());
}

TEST_CASE("objectives and clock have defaults") {
  const Sweep s = read_sweep_text(kSweep, "s.json");
  CHECK(s.objectives == std::vector<Objective>{Objective::frames_per_second, Objective::lut,
                                               Objective::weight_bits, Objective::activation_bits});
  CHECK_FALSE(s.clock_mhz);
  const Sweep other =
      read_sweep_text(edited(kSweep, "\"device\"",
                             R"("clock_mhz": 150.5, "objectives": ["dsp", "ddr_gbytes_per_s"], "device")"),
                      "s.json");
  CHECK(other.clock_mhz == 150.5);
  CHECK(other.objectives == std::vector<Objective>{Objective::dsp, Objective::ddr_gbytes_per_s});
}

TEST_CASE("the shipped sweep has at least 500 hybrid precisions") {
  CHECK(grid(read_sweep(std::string(ELB_SOURCE_ROOT) + "/configs/sweeps/alexnet-zc706.json")).size() >= 500);
}

TEST_CASE("a sweep's mistakes are located and name the remedy") {
  using Lines = std::vector<std::string>;
  CHECK(
      mistakes(edited(kSweep, "sweep/1", "sweep/2")) ==
      Lines{
          "s.json#/format: error [json-value]: \"elbgen.sweep/2\" is not one of elbgen.sweep/1; did you mean "
          "\"elbgen.sweep/1\"?"});
  CHECK(mistakes(edited(kSweep, "\"device\"", "\"devise\"")) ==
        Lines{"s.json#: error [json-key]: key \"device\" is missing",
              "s.json#: error [json-key]: unknown key \"devise\"; did you mean \"device\"?"});
  CHECK(mistakes(edited(kSweep, "[8, 2, 1]", "[8, 9, 0]")) ==
        Lines{"s.json#/activation_bits/1: error [json-value]: 9 was given, an integer of 1..8 was expected",
              "s.json#/activation_bits/2: error [json-value]: 0 was given, an integer of 1..8 was expected"});
  CHECK(mistakes(edited(kSweep, "[8, 2, 1]", "[]")) ==
        Lines{"s.json#/activation_bits: error [json-value]: an empty list leaves no points"});
  CHECK(mistakes(edited(kSweep, "[8, 2, 1]", "[8, 2, 8]")) ==
        Lines{"s.json#/activation_bits/2: error [json-value]: this value stands in the list already"});
  CHECK(mistakes(edited(kSweep, "[8, 2, 1]", "8")).size() == 1);
  CHECK(mistakes(edited(kSweep, "\"ternary\", \"binary\"", "\"ternery\"")) ==
        Lines{"s.json#/weights/middle_conv/0: error [json-value]: \"ternery\" is not one of binary, ternary, "
              "int3, "
              "int4, int5, int6, int7, int8; did you mean \"ternary\"?"});
  CHECK(mistakes(edited(kSweep, "\"int3\"", "\"int2\"")) ==
        Lines{"s.json#/weights/last/1: error [json-value]: points are named by a digit per class, where 2 is "
              "ternary: "
              "\"int2\" has no name; \"ternary\" takes two bits as well"});
  CHECK(mistakes(edited(kSweep, "\"middle_fc\"", "\"middle_fd\"")) ==
        Lines{"s.json#/weights: error [json-key]: key \"middle_fc\" is missing",
              "s.json#/weights: error [json-key]: unknown key \"middle_fd\"; did you mean \"middle_fc\"?"});
  CHECK(mistakes(edited(kSweep, "\"device\"", "\"clock_mhz\": -1, \"device\"")) ==
        Lines{"s.json#/clock_mhz: error [json-value]: -1 MHz is no clock"});
  CHECK(mistakes(edited(kSweep, "\"device\"", "\"objectives\": [\"luts\"], \"device\"")).size() == 1);
  CHECK(mistakes("[]").size() > 0);
}
