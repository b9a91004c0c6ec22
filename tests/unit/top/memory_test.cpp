// Designs that fetch their weights, against the same designs that have them in the bitstream.
#include <cstdlib>

#include "arch/make_plan.hpp"
#include "arch/model.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "base/text.hpp"
#include "memory_bench.hpp"
#include "support/catch.hpp"
#include "top/assemble.hpp"

using namespace elb;
using namespace elb::top::test;
namespace fs = std::filesystem;

namespace {

nn::Network network() {
  return network_of(
      R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 3},
      "input": {"shape": [6, 7, 3], "activation": {"kind": "unsigned", "bits": 8}}, "layers": [
      {"name": "a", "op": "conv", "out_channels": 6, "kernel": 3, "padding": 1, "weight": "int8", "activation": {"kind": "unsigned", "bits": 3}},
      {"name": "b", "op": "conv", "out_channels": 8, "kernel": 2, "groups": 2, "weight": "ternary", "activation": {"kind": "signed", "bits": 3}},
      {"name": "c", "op": "conv", "out_channels": 4, "kernel": 1, "weight": "binary", "activation": {"kind": "unsigned", "bits": 2}},
      {"name": "d", "op": "fc", "out_channels": 9, "weight": "ternary"}]})");
}

// How a, b, c and d keep their weights; b's words are wider than a beat.
arch::Plan plan_with(const nn::Network& net, const std::string& memory, const std::string& a,
                     const std::string& b, const std::string& d) {
  arch::PlanOptions options;
  options.overrides = arch::read_plan_text(
      R"({"format": "elbgen.plan/1", )" + memory +
          R"("stages": [{"layer": "a", "p": 3, "s": 1, "weights": ")" + a +
          R"("}, {"layer": "b", "p": 4, "s": 3, "m": 2, "weights": ")" + b +
          R"("}, {"layer": "c", "weights": "rom_logic"}, {"layer": "d", "p": 3, "s": 5, "weights": ")" + d +
          R"("}]})",
      "plan.json");
  return arch::make_plan(net, options);
}

}  // namespace

TEST_CASE("weights from memory give what weights in the bitstream give") {
  const nn::Network net = network();
  const Run want = run(net, plan_with(net, "", "rom_block", "rom_logic", "rom_block"), {}, hdl::Stall::free);
  const std::string axi3 =
      R"("memory": {"name": "ps", "protocol": "axi3", "data_bits": 64, "address_bits": 32, "burst_beats": 16, "outstanding": 2}, )";
  struct Case {
    std::string memory, a, b, d;
  };
  for (const Case& c : std::vector<Case>{{"", "ram_block", "ram_distributed", "ram_block"},
                                         {"", "rom_block", "ram_block", "rom_block"},
                                         {axi3, "ram_distributed", "ram_block", "ram_block"}}) {
    const arch::Plan plan = plan_with(net, c.memory, c.a, c.b, c.d);
    REQUIRE(plan.memory);
    INFO(plan.memory->data_bits << " bits, " << c.a << ", " << c.b << ", " << c.d);
    for (const int percent : {100, 40, 3}) {
      const Run got =
          run(net, plan, {.percent = percent}, percent == 40 ? hdl::Stall::both : hdl::Stall::free);
      CHECK(got.out == want.out);
      // With a slow memory the last layer has all its input long before its weights.
      if (percent == 3 && c.d != "rom_block")
        CHECK(got.first_d >= got.last_weight + spec::FetchTiming::kBeatToIssue);
    }
  }
}

// Layers as rows of a plan: what streams its weights, under which sweeps.
struct Streamed {
  std::string memory, a, b, c, d;
};
arch::Plan streamed_plan(const nn::Network& net, const Streamed& s) {
  arch::PlanOptions options;
  options.overrides =
      arch::read_plan_text(R"({"format": "elbgen.plan/1", )" + s.memory + R"("stages": [{"layer": "a", )" +
                               s.a + R"(}, {"layer": "b", )" + s.b + R"(}, {"layer": "c", )" + s.c +
                               R"(}, {"layer": "d", )" + s.d + "}]}",
                           "plan.json");
  return arch::make_plan(net, options);
}
const std::vector<Streamed> kStreamed = {
    // Whole maps; all layers.
    {"", R"("p": 3, "s": 1, "weights": "stream", "band_rows": 6)",
     R"("p": 4, "s": 3, "m": 2, "weights": "stream", "band_rows": 5)",
     R"("p": 2, "s": 8, "weights": "stream", "band_rows": 5)",
     R"("p": 3, "s": 5, "weights": "stream", "b": 2)"},
    // Bands, the last one shorter; ragged kernel folds; one slot; a beat holds few words.
    {R"("memory": {"data_bits": 32, "burst_beats": 4, "outstanding": 2}, )",
     R"("p": 4, "s": 2, "m": 3, "weights": "stream", "band_rows": 4, "weight_slots": 1)",
     R"("p": 3, "s": 2, "weights": "stream", "band_rows": 1)",
     R"("p": 4, "s": 1, "m": 2, "weights": "stream", "band_rows": 3)",
     R"("p": 4, "s": 120, "weights": "stream", "b": 8)"},
    // Beside weights in the bitstream and weights that are kept; a single sweep; tiles of one word.
    {"", R"("p": 6, "s": 3, "weights": "stream", "band_rows": 2)",
     R"("p": 2, "s": 3, "weights": "ram_block")",
     R"("p": 2, "s": 8, "weights": "stream", "band_rows": 1, "weight_slots": 3)",
     R"("p": 9, "s": 40, "weights": "rom_block")"}};

TEST_CASE("weights under sweeps give what weights in the bitstream give") {
  const nn::Network net = network();
  const Run want = run(net, plan_with(net, "", "rom_block", "rom_logic", "rom_block"), {}, hdl::Stall::free);
  for (const Streamed& s : kStreamed) {
    INFO(s.a << "; " << s.b << "; " << s.c << "; " << s.d);
    const arch::Plan plan = streamed_plan(net, s);
    for (const int percent : {100, 40, 5}) {
      for (const hdl::Stall stall : {hdl::Stall::free, hdl::Stall::both}) {
        INFO(percent << " % " << hdl::stall_name(stall));
        CHECK(run(net, plan, {.percent = percent}, stall).out == want.out);
      }
    }
  }
}

TEST_CASE("frames under sweeps end in the cycles of the model") {
  const nn::Network net = network();
  for (const Streamed& s : kStreamed) {
    const arch::Plan plan = streamed_plan(net, s);
    for (const spec::DramTiming& timing :
         std::vector<spec::DramTiming>{{},
                                       {.latency = 37},
                                       {.latency = 5, .beats = 1, .cycles = 9},
                                       {.latency = 80, .beats = 3, .cycles = 7}}) {
      INFO(s.a << "; " << s.b << "; " << s.c << "; " << s.d);
      INFO(timing.latency << " cycles, " << timing.beats << " beats in " << timing.cycles);
      const Run got = run(net, plan, {.timing = timing}, hdl::Stall::free);
      const arch::ModelResult model =
          arch::run_model(arch::stage_specs(net, plan, kTop), plan, {.frames = kFrames, .timing = timing});
      CHECK(got.frame_ends == model.stages.back().out.last);
    }
  }
}

TEST_CASE("frames end in the cycles of the model, whatever the memory's latency and bandwidth") {
  const nn::Network net = network();
  const arch::Plan plan = plan_with(net, "", "ram_block", "ram_distributed", "ram_block");
  for (const spec::DramTiming& timing :
       std::vector<spec::DramTiming>{{},
                                     {.latency = 37},
                                     {.latency = 5, .beats = 1, .cycles = 9},
                                     {.latency = 80, .beats = 3, .cycles = 7}}) {
    INFO(timing.latency << " cycles, " << timing.beats << " beats in " << timing.cycles);
    const Run got = run(net, plan, {.timing = timing}, hdl::Stall::free);
    const arch::ModelResult model =
        arch::run_model(arch::stage_specs(net, plan, kTop), plan, {.frames = kFrames, .timing = timing});
    CHECK(got.frame_ends == model.stages.back().out.last);
  }
}

TEST_CASE("a stage issues two cycles after its last weight where its input waits") {
  const nn::Network net = network_of(
      R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 3},
      "input": {"shape": [1, 1, 20], "activation": {"kind": "unsigned", "bits": 8}}, "layers": [
      {"name": "d", "op": "fc", "out_channels": 9, "weight": "ternary"}]})");
  for (const char* kind : {"ram_block", "ram_distributed"}) {
    arch::PlanOptions options;
    options.overrides = arch::read_plan_text(
        std::string(R"({"format": "elbgen.plan/1", "stages": [{"layer": "d", "p": 2, "s": 3, "weights": ")") +
            kind + R"("}]})",
        "plan.json");
    const arch::Plan plan = arch::make_plan(net, options);
    const Run got = run(net, plan, {.percent = 5}, hdl::Stall::free);
    CHECK(got.first_d == got.last_weight + spec::FetchTiming::kBeatToIssue);
  }
}

TEST_CASE("weights beyond the addresses of the memory are refused") {
  const nn::Network net = network_of(
      R"({"format": "elbgen.network/1", "name": "big", "weights": {"synthetic": 3},
      "input": {"shape": [1, 1, 1024], "activation": {"kind": "unsigned", "bits": 8}}, "layers": [
      {"name": "d", "op": "fc", "out_channels": 600, "weight": "binary"}]})");
  arch::PlanOptions options;
  options.overrides = arch::read_plan_text(
      R"({"format": "elbgen.plan/1", "memory": {"address_bits": 16}, "stages": [{"layer": "d", "p": 8, "s": 16, "weights": "ram_block"}]})",
      "plan.json");
  const arch::Plan plan = arch::make_plan(net, options);
  try {
    arch::stage_specs(net, plan, kTop);
    FAIL("76800 bytes have 16 address bits");
  } catch (const UserError& e) {
    CHECK(
        to_string(e.diags().at(0)) ==
        "big: error [arch-plan]: the weights in memory take 77824 bytes, more than 16 address bits reach; 17 "
        "address_bits of the memory \"memory\"");
  }
}

TEST_CASE("every tool reads a design with a memory port without a word") {
  const nn::Network net = network();
  std::vector<arch::Plan> plans = {plan_with(net, "", "ram_block", "ram_distributed", "ram_block")};
  for (const Streamed& s : kStreamed) plans.push_back(streamed_plan(net, s));
  for (const arch::Plan& plan : plans) {
    hdl::Design design;
    top::assemble(design, net, plan, arch::stage_specs(net, plan, kTop), kTop);
    const Dir dir;
    for (const auto& [name, text] : design.emit()) write_file(dir.path / name, text);
    fs::create_directories(dir.path / "mem");
    for (const auto& [name, text] : design.mem_files()) write_file(dir.path / "mem" / name, text);
    for (const char* tool :
         {"verilator --lint-only -Wall --top-module elb_net *.v",
          "iverilog -g2005 -Wall -o a.out -s elb_net *.v",
          "yosys -q -p 'read_verilog *.v; hierarchy -check -top elb_net; proc; flatten; check -assert'"}) {
      INFO(tool);
      const std::string command = std::string("{ ") + tool + "; } > log 2>&1 && test ! -s log";
      CHECK(std::system(("cd '" + dir.path.string() + "' && " + command).c_str()) == 0);
    }
  }
}
