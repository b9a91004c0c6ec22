#include "arch/make_plan.hpp"
#include "arch/names.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "base/assert.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "support/catch.hpp"
#include "top/assemble.hpp"
#include "top/manifest.hpp"
#include "top/templates.hpp"
#include "top/testbench.hpp"
#include "top/write_outputs.hpp"

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
  const auto files = testbench_files(net, plan, "elb_net", frames, 0);
  CHECK(files.at("tb/input.mem") == "0201\n0403\nff05\n");
  // Beats (x0: c0, c1), (x2: c0, c1); columns 1 and 3; signed codes are value + 4; 6 bits become a byte.
  CHECK(files.at("tb/expected.mem") == "ff10\nff19\nc704\nc707\n");
  CHECK(files.at("tb/elb_tb.v").find("elb_net dut (") != std::string::npos);
  CHECK(files.at("tb/elb_tb.v").find('@') == files.at("tb/elb_tb.v").find("@(posedge"));
}

TEST_CASE("weights in memory have an image, its map and the port in the manifest, and no memory file") {
  nn::Network net =
      nn::read_network_text(R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 7},
      "input": {"shape": [1, 1, 9], "activation": {"kind": "unsigned", "bits": 8}},
      "layers": [
        {"name": "a", "op": "fc", "out_channels": 6, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "b", "op": "fc", "out_channels": 4, "weight": "int8"}]})",
                            "net.json");
  nn::fold(net);
  arch::PlanOptions options;
  options.overrides = arch::read_plan_text(R"({"format": "elbgen.plan/1", "clock_mhz": 100,
      "memory": {"protocol": "axi3", "data_bits": 32, "burst_beats": 8, "outstanding": 2, "latency_cycles": 9},
      "stages": [{"layer": "a", "p": 3, "s": 3, "weights": "ram_block"}, {"layer": "b", "p": 1, "s": 1}]})",
                                           "plan.json");
  const arch::Plan plan = arch::make_plan(net, options);
  const std::vector<spec::StageSpec> specs = arch::stage_specs(net, plan, "elb_net");
  hdl::Design design;
  assemble(design, net, plan, specs, "elb_net");
  const TestFrames frames{.pixels = {std::vector<uint8_t>(9, 1)}, .outputs = {{0, 0, 0, 0}}};
  auto files =
      output_files(hardware_files(design, plan, specs), design, net, plan, specs, frames, {.top = "elb_net"});

  CHECK(files.at("dram.bin") == arch::dram_image(specs).bytes);
  CHECK(files.count("mem/a_w.mem") == 0);
  CHECK(files.count("mem/b_w.mem") == 1);
  Diags diags;
  const Json m = Json::parse_text(files.at("manifest.json"), "manifest.json", diags);
  CHECK(m.at("dram").get_string("file") == "dram.bin");
  CHECK(m.at("dram").get_int("bytes") == 24);  // 6 words of 18 bits in beats of 32
  const Json region = m.at("dram").at("map")[0];
  CHECK(m.at("dram").at("map").size() == 1);
  CHECK(region.get_string("stage") == "a");
  CHECK(region.get_int("offset") == 0);
  CHECK(region.get_int("bytes") == 24);
  CHECK(region.get_int("tile_bytes") == 24);
  CHECK(region.get_int("tiles") == 1);
  CHECK(region.get_int("word_bits") == 18);
  CHECK(region.get_int("words_per_tile") == 6);
  CHECK(m.at("memory").get_string("protocol") == "axi3");
  CHECK(m.at("memory").get_int("data_bits") == 32);
  CHECK(m.at("memory").get_int("latency_cycles") == 9);
  CHECK(m.get_double_or("clock_mhz", 0) == 100);
  CHECK(diags.ok());
  CHECK(files.at("tb/elb_tb.v").find("$fopen(\"dram.bin\", \"rb\")") != std::string::npos);
  CHECK(files.at("tb/elb_tb.v").find("reg [4-1:0] burst_length") != std::string::npos);
  CHECK(files.at("README.md").find("| `a` | 0 | 24 | 1 | 24 | 6 | 18 |") != std::string::npos);
}

TEST_CASE("without weights in memory there is neither image nor port") {
  nn::Network net =
      nn::read_network_text(R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 7},
      "input": {"shape": [1, 1, 9], "activation": {"kind": "unsigned", "bits": 8}},
      "layers": [{"name": "b", "op": "fc", "out_channels": 4, "weight": "int8"}]})",
                            "net.json");
  nn::fold(net);
  const arch::Plan plan = arch::make_plan(net, {});
  const std::vector<spec::StageSpec> specs = arch::stage_specs(net, plan, "elb_net");
  hdl::Design design;
  assemble(design, net, plan, specs, "elb_net");
  const TestFrames frames{.pixels = {std::vector<uint8_t>(9, 1)}, .outputs = {{0, 0, 0, 0}}};
  const auto files =
      output_files(hardware_files(design, plan, specs), design, net, plan, specs, frames, {.top = "elb_net"});
  CHECK(files.count("dram.bin") == 0);
  Diags diags;
  const Json m = Json::parse_text(files.at("manifest.json"), "manifest.json", diags);
  CHECK(m.at("memory").is_null());
  CHECK(m.at("dram").get_int("bytes") == 0);
  CHECK(m.at("dram").at("file").is_null());
  CHECK(files.at("tb/elb_tb.v").find("m_axi_") == std::string::npos);
}

TEST_CASE("test pixels are the same on every run and not all alike") {
  const nn::Shape shape{.h = 9, .w = 11, .c = 3};
  const auto a = test_pixels(shape, 2);
  CHECK(a == test_pixels(shape, 2));
  CHECK(a[0].size() == 297);
  CHECK(a[0] != a[1]);
}
