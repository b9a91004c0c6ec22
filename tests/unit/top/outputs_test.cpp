#include "arch/make_plan.hpp"
#include "arch/names.hpp"
#include "base/assert.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "support/catch.hpp"
#include "top/manifest.hpp"
#include "top/templates.hpp"
#include "top/testbench.hpp"

using namespace elb;
using namespace elb::top;

TEST_CASE("templates have a value for every key and a key for every value") {
  CHECK(fill("a @KEY@ b @ c user@host", {{"KEY", "x"}}) == "a x b @ c user@host");
  CHECK_THROWS_AS(fill("@KEY@", {}), InternalError);
  CHECK_THROWS_AS(fill("nothing", {{"KEY", "x"}}), InternalError);
}

TEST_CASE("a network's name becomes a Verilog name") {
  CHECK(arch::top_name("alexnet-4.8218_b") == "elb_alexnet_4_8218_b");
}

TEST_CASE("the bench has pixels and expected codes lane by lane, with a care mask") {
  nn::Network net =
      nn::read_network_text(R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 7},
      "input": {"shape": [1, 3, 2], "activation": {"kind": "unsigned", "bits": 8}},
      "layers": [{"name": "q", "op": "quantize", "activation": {"kind": "signed", "bits": 3, "scale": 40}}]})",
                            "net.json");
  nn::fold(net);
  arch::PlanOptions options;
  options.overrides.stages.push_back({.layer = "input", .p = 2, .s = 2, .m = 1});
  options.overrides.stages.push_back({.layer = "q", .p = 1, .s = 1, .m = 2});
  const arch::Plan plan = arch::make_plan(net, options);
  const TestFrames frames{.pixels = {{1, 2, 3, 4, 5, 255}}, .outputs = {{-4, -3, -2, -1, 0, 3}}};
  const auto files = testbench_files(net, plan, "elb_net", frames);
  CHECK(files.at("tb/input.mem") == "0201\n0403\nff05\n");
  // Beats (x0: c0, c1), (x2: c0, c1); columns 1 and 3; signed codes are value + 4; 6 bits become a byte.
  CHECK(files.at("tb/expected.mem") == "ff10\nff19\nc704\nc707\n");
  CHECK(files.at("tb/elb_tb.v").find("elb_net dut (") != std::string::npos);
  CHECK(files.at("tb/elb_tb.v").find('@') == files.at("tb/elb_tb.v").find("@(posedge"));
}

TEST_CASE("test pixels are the same on every run and not all alike") {
  const nn::Shape shape{.h = 9, .w = 11, .c = 3};
  const auto a = test_pixels(shape, 2);
  CHECK(a == test_pixels(shape, 2));
  CHECK(a[0].size() == 297);
  CHECK(a[0] != a[1]);
}
