// Random designs with weights in memory: what they compute against golden, when against the cycle model.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "arch/make_plan.hpp"
#include "arch/model.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "memory_bench.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::top::test;

TEST_CASE("random designs with weights in memory end their frames as the model says") {
  const int64_t first = std::getenv("ELB_SEED") ? std::atoll(std::getenv("ELB_SEED")) : 1;
  const int64_t count = std::getenv("ELB_SEED") ? 1 : std::getenv("ELB_ALL") ? 300 : 20;
  for (int64_t seed = first; seed < first + count; ++seed) {
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    const auto pick = [&](int lo, int hi) { return lo + static_cast<int>(random() % (hi - lo + 1)); };
    const auto of = [&](const std::vector<std::string>& all) { return all[random() % all.size()]; };
    const int h = pick(4, 7), w = pick(4, 7), groups = pick(1, 2), c1 = groups * pick(2, 4),
              c2 = groups * pick(1, 5), c3 = pick(1, 9), k = pick(1, 3);
    const std::vector<std::string> weights{"binary", "ternary", "int3"};
    const nn::Network net = network_of(fmt::format(
        R"({{"format": "elbgen.network/1", "name": "net", "weights": {{"synthetic": 3}},
      "input": {{"shape": [{}, {}, {}], "activation": {{"kind": "unsigned", "bits": 8}}}}, "layers": [
      {{"name": "a", "op": "conv", "out_channels": {}, "kernel": {}, "padding": {}, "weight": "int8", "activation": {{"kind": "unsigned", "bits": 2}}}},
      {{"name": "b", "op": "conv", "out_channels": {}, "kernel": 2, "stride": {}, "groups": {}, "weight": "{}", "activation": {{"kind": "signed", "bits": 3}}}},
      {{"name": "d", "op": "fc", "out_channels": {}, "weight": "{}"}}]}})",
        h, w, pick(1, 3), c1, k, pick(0, k - 1), c2, pick(1, 2), groups, of(weights), c3, of(weights)));
    const auto row = [&](size_t layer, const std::string& streamed) {
      const nn::Layer& l = net.layers[layer];
      std::string text =
          fmt::format(R"({{"layer": "{}", "p": {}, "s": {})", l.name,
                      pick(1, std::min(5, l.out.c / l.groups)), pick(1, std::min(6, l.in.c / l.groups)));
      if (l.op == nn::Op::conv) text += fmt::format(R"(, "m": {})", pick(1, std::min(3, l.out.w)));
      const std::string kind =
          of({"rom_logic", "ram_block", "ram_distributed", "stream", "stream", "stream"});
      text += R"(, "weights": ")" + kind + "\"";
      if (kind == "stream") text += fmt::format(R"(, "weight_slots": {}{})", pick(1, 3), streamed);
      return text + "}";
    };
    const std::string rows = row(0, fmt::format(R"(, "band_rows": {})", pick(1, net.layers[0].out.h))) +
                             ", " +
                             row(1, fmt::format(R"(, "band_rows": {})", pick(1, net.layers[1].out.h))) +
                             ", " + row(2, fmt::format(R"(, "b": {})", pick(1, 3)));
    const std::string memory =
        rows.find("ram_") == std::string::npos && rows.find("stream") == std::string::npos
            ? ""
            : fmt::format(R"("memory": {{"data_bits": {}, "burst_beats": {}, "outstanding": {}}}, )",
                          32 << pick(0, 3), 1 << pick(0, 5), pick(1, 4));
    arch::PlanOptions options;
    options.overrides = arch::read_plan_text(
        R"({"format": "elbgen.plan/1", )" + memory + R"("stages": [)" + rows + "]}", "plan.json");
    const arch::Plan plan = arch::make_plan(net, options);
    const int cycles = pick(1, 6);
    const spec::DramTiming timing{.latency = pick(0, 60), .beats = pick(1, cycles), .cycles = cycles};
    INFO("ELB_SEED=" << seed << " " << memory << rows << " latency " << timing.latency << " beats "
                     << timing.beats << " in " << timing.cycles);
    const Run got = run(net, plan, {.timing = timing}, hdl::Stall::free);
    const arch::ModelResult model =
        arch::run_model(arch::stage_specs(net, plan, kTop), plan, {.frames = kFrames, .timing = timing});
    CHECK(got.frame_ends == model.stages.back().out.last);
    CHECK(got.out == golden_values(net, plan.stages.back().out));
  }
}
