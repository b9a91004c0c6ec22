#include "arch/make_plan.hpp"

#include "arch/plan_json.hpp"
#include "arch/sweep_buffers.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;
using namespace elb::arch::test;

namespace {

const char* kPool = R"({"name": "pool", "op": "max_pool", "kernel": 3, "stride": 2})";

nn::Network residual() {
  return network("[12, 12, 3]", conv("a", 8, R"("kernel": 3, "padding": 1)") + "," +
                                    conv("b", 8, R"("kernel": 3, "padding": 1)") + "," +
                                    conv("c", 8, R"("kernel": 3, "padding": 1)") +
                                    R"(, {"name": "sum", "op": "add", "inputs": ["a", "c"], )" + kU4 + "}," +
                                    fc("f", 4, true));
}

Plan planned(const nn::Network& net, const std::string& rows, int64_t max_cycles = 100000) {
  PlanOptions options;
  options.max_cycles = max_cycles;
  options.overrides = read_plan_text(R"({"format": "elbgen.plan/1", "stages": [)" + rows + "]}", "plan.json");
  return make_plan(net, options);
}

// The only mistake that the plan refuses.
Diag refusal(const nn::Network& net, const std::string& rows) {
  try {
    planned(net, rows);
  } catch (const UserError& e) {
    REQUIRE(e.diags().size() == 1);
    return e.diags()[0];
  }
  FAIL("the plan was accepted: " << rows);
  return {};
}

}  // namespace

TEST_CASE("every stage meets the target with its links joined end to end") {
  const nn::Network net =
      network("[28, 28, 1]", conv("a", 16, R"("kernel": 3, "padding": 1)", "int8") + "," + kPool + "," +
                                 conv("b", 24, R"("kernel": 3, "padding": 1, "groups": 2)") + "," +
                                 fc("f", 10, true));
  for (const int64_t target : {1000, 3000, 20000, 100000, 1000000}) {
    PlanOptions options;
    options.max_cycles = target;
    const Plan plan = make_plan(net, options);
    REQUIRE(plan.stages.size() == 5);
    CHECK(plan.cycles_per_frame <= target);
    for (size_t i = 1; i < plan.stages.size(); ++i) {
      const Stage& s = plan.stages[i];
      INFO(s.name << " at " << target);
      CHECK(s.inputs[0].link == plan.stages[s.inputs[0].from].out);
      CHECK(s.inputs[0].branch_fifo == 0);
      CHECK(s.window->in_columns == (flattens(net, s) ? 1 : s.inputs[0].link.columns));
      CHECK(s.window->capacity >= spec::min_capacity(*s.window));
      CHECK(s.fifo_depth >= s.beats_per_tile);
      CHECK(s.cycles() <= plan.cycles_per_frame);
    }
  }
}

TEST_CASE("a target that no parallelism meets is missed with the least there is") {
  const nn::Network net = network("[1, 1, 100]", fc("f", 10, true));
  PlanOptions options;
  options.max_cycles = 1;
  const Plan plan = make_plan(net, options);
  CHECK(plan.stages[0].out.channels == 100);
  CHECK(plan.stages[1].p == 10);
  CHECK(plan.stages[1].s == 100);
  const nn::Network deep = network("[8, 8, 1]", conv("c", 2, R"("kernel": 3)") + "," + fc("f", 10, true));
  options.max_cycles = 10;
  try {
    make_plan(deep, options);
    FAIL("10 cycles are too few for 6 rows of 9 taps");
  } catch (const TargetMissed& e) {
    CHECK(e.diag.code == "arch-target");
    CHECK(e.diag.text == "\"c\" needs at least 54 cycles per frame, the target is 10");
  }
}

TEST_CASE("a slow stage lets those behind it take their time") {
  const nn::Network net = network("[16, 16, 3]", conv("a", 8, R"("kernel": 3)") + "," +
                                                     conv("b", 8, R"("kernel": 3)") + "," + fc("f", 4, true));
  const Plan plan = planned(net, R"({"layer": "a", "p": 1, "s": 1, "m": 1})", 2000);
  CHECK(plan.stages[1].cycles() == 14 * 14 * 8 * 27);
  CHECK(plan.stages[2].p * plan.stages[2].s * plan.stages[2].m == 2);  // would be 42 for 2,000 cycles
}

TEST_CASE("with groups a beat holds channels of one group") {
  const nn::Network net =
      network("[6, 6, 8]", conv("a", 24, R"("kernel": 3, "groups": 2)") + "," + fc("f", 4, true));
  const Plan plan = planned(net, R"({"layer": "a", "p": 8, "s": 4, "m": 1, "l": 4})");
  CHECK(plan.stages[1].out.channels == 4);
  CHECK(plan.stages[1].beats_per_tile == 2);
  CHECK(plan.stages[1].stage_cycles == 16 * 2 * 2 * 9);
  CHECK(planned(net, R"({"layer": "a", "p": 9, "s": 4, "m": 1})").stages[1].out.channels == 1);
}

TEST_CASE("a tile leaves in as many beats as cost no cycle") {
  const nn::Network net = network("[8, 8, 6]", conv("a", 24, R"("kernel": 3)") + "," +
                                                   conv("b", 24, R"("kernel": 1)") + "," + fc("f", 4, true));
  const auto channels = [&](const std::string& a, const std::string& b) {
    const Plan plan = planned(net, R"({"layer": "a", )" + a + R"(}, {"layer": "b", )" + b + "}");
    for (const int i : {1, 2})
      CHECK(plan.stages[i].tile_cycles ==
            std::max(spec::folds(*plan.stages[i].window), plan.stages[i].beats_per_tile));
    return std::pair(plan.stages[1].out.channels, plan.stages[2].out.channels);
  };
  // 9 folds; 4 folds.
  CHECK(channels(R"("p": 24, "s": 6, "m": 1)", R"("p": 24, "s": 6, "m": 1)") == std::pair(3, 6));
  CHECK(channels(R"("p": 7, "s": 6, "m": 1)", R"("p": 7, "s": 6, "m": 2)") == std::pair(1, 7));
  CHECK(channels(R"("p": 1, "s": 1, "m": 1)", R"("p": 24, "s": 24, "m": 1)") == std::pair(1, 24));
  // As a user has it: more beats than folds cost cycles.
  CHECK(channels(R"("p": 12, "s": 6, "m": 1, "l": 6)", R"("p": 12, "s": 6, "m": 1, "l": 1)") ==
        std::pair(6, 1));
  // One tile with all kernels may have beats of any length.
  CHECK(channels(R"("p": 24, "s": 6, "m": 1, "l": 5)", R"("p": 24, "s": 6, "m": 1, "l": 24)") ==
        std::pair(5, 24));
}

TEST_CASE("what a concat reads takes a share of its cycles") {
  const nn::Network net = network(
      "[6, 6, 4]", conv("a", 12, R"("kernel": 1)") + "," +
                       conv("b", 12, R"("kernel": 3, "padding": 1, "inputs": ["a"])") + "," +
                       conv("c", 12, R"("kernel": 3, "padding": 1, "inputs": ["a"])") +
                       R"(, {"op": "concat", "name": "d", "inputs": ["b", "c"]}, )" + fc("f", 4, true));
  const Plan plan = planned(
      net, R"({"layer": "b", "p": 12, "s": 12, "m": 1}, {"layer": "c", "p": 12, "s": 12, "m": 1})", 400);
  CHECK(plan.stages[2].out.channels == 3);  // 9 folds: 4 beats, not more
  CHECK(plan.stages[3].out.channels == 3);
  CHECK(plan.stages[4].cycles() <= 400);
}

TEST_CASE("depthwise convolutions run lanewise, or on the compute engine when asked") {
  const nn::Network net =
      network("[8, 8, 6]", conv("a", 6, R"("kernel": 3, "groups": 6)") + "," +
                               conv("b", 12, R"("kernel": 3, "groups": 6)") + "," + fc("f", 4, true));
  const Plan plan = planned(net, "");
  CHECK(plan.stages[1].engine == Engine::lanewise);
  CHECK(plan.stages[2].engine == Engine::compute);
  CHECK(planned(net, R"({"layer": "a", "engine": "compute"})").stages[1].engine == Engine::compute);
  CHECK(refusal(net, R"({"layer": "b", "engine": "lanewise"})").text ==
        "\"b\" cannot run on the engine \"lanewise\"");
}

TEST_CASE("the short branch of a residual can hold what the long one does") {
  const nn::Network net = residual();
  const Plan plan = planned(net, "");
  const Stage& b = plan.stages[2];
  const Stage& c = plan.stages[3];
  const Stage& sum = plan.stages[4];
  REQUIRE(sum.name == "sum");
  CHECK(b.inputs[0].branch_fifo > 0);
  CHECK(c.inputs[0].branch_fifo == 0);
  const int64_t groups = b.window->capacity + c.window->capacity;  // columns, M = 1
  CHECK(sum.inputs[0].branch_fifo >= groups * plan.stages[1].out.channel_beats());
  CHECK(sum.inputs[1].branch_fifo == 0);
  CHECK(sum.out.channels == std::min(sum.inputs[0].link.channels, sum.inputs[1].link.channels));
}

TEST_CASE("a flatten has a stage only where something else than fc reads it") {
  const std::string flat = R"(, {"name": "flat", "op": "flatten"}, )";
  const nn::Network plain = network("[4, 4, 2]", conv("a", 6, R"("kernel": 1)") + flat + fc("f", 4, true));
  CHECK(planned(plain, "").stages.size() == 3);
  CHECK(flattens(plain, planned(plain, "").stages[2]));
  const nn::Network output =
      network("[4, 4, 2]", conv("a", 6, R"("kernel": 1)") + R"(, {"name": "flat", "op": "flatten"})");
  const Plan plan = planned(output, R"({"layer": "a", "p": 4, "m": 3})");
  REQUIRE(plan.stages.size() == 4);
  CHECK(plan.stages[2].name == "a_convert");
  CHECK(plan.stages[2].out.columns == 1);
  CHECK(plan.stages[3].engine == Engine::convert);
  CHECK(plan.stages[3].out.c == 96);
}

TEST_CASE("concatenated beats divide what comes first") {
  const nn::Network net =
      network("[6, 6, 3]",
              conv("a", 12, R"("kernel": 1)") + "," + conv("b", 7, R"("kernel": 1, "inputs": ["input"])") +
                  R"(, {"name": "cat", "op": "concat", "inputs": ["a", "b"]}, )" + fc("f", 4, true));
  const Plan plan = planned(net, R"({"layer": "a", "p": 12, "s": 3}, {"layer": "b", "p": 7, "s": 3})", 250);
  CHECK(plan.stages[3].out.c == 19);
  CHECK(plan.stages[3].out.channels == 4);
  CHECK(plan.stages[3].cycles() == 36 * 5);
  CHECK(refusal(net, R"({"layer": "cat", "p": 5})").place == "plan.json#/stages/0/p");
}

TEST_CASE("ranking takes a value per cycle") {
  const nn::Network net =
      network("[1, 1, 20]", fc("f", 10, true) + R"(, {"name": "best", "op": "top_k", "k": 3})");
  const Plan plan = planned(net, "");
  CHECK(plan.stages[2].engine == Engine::rank);
  CHECK(plan.stages[2].out.bits == 4);
  CHECK(plan.stages[2].stage_cycles == 10);
  // Indices that leave one by one hold the next frame's last value up.
  const nn::Network all =
      network("[1, 1, 20]", fc("f", 10, true) + R"(, {"name": "b", "op": "top_k", "k": 10})");
  CHECK(planned(all, "").stages[2].stage_cycles == 12);
}

TEST_CASE("what a plan gives is obeyed") {
  const nn::Network net = residual();
  const Plan plan = planned(net, R"({"layer": "input", "p": 1, "m": 3},
      {"layer": "a", "p": 5, "s": 2, "m": 5, "b": 1, "weights": "ram_distributed", "activation": "threshold", "fifo_depth": 33, "window_capacity": 60},
      {"layer": "b", "branch_fifos": [21]}, {"layer": "sum", "p": 3, "m": 2, "branch_fifos": [500, 0]})");
  CHECK(plan.stages[0].out.channels == 1);
  CHECK(plan.stages[0].out.columns == 3);
  const Stage& a = plan.stages[1];
  CHECK(a.p == 5);
  CHECK(a.s == 2);
  CHECK(a.m == 5);
  CHECK(a.weights == Residence::ram_distributed);
  CHECK(a.fifo_depth == 33);
  CHECK(a.window->capacity == 60);
  CHECK(plan.stages[2].inputs[0].branch_fifo == 21);
  CHECK(plan.stages[4].out.channels == 3);
  CHECK(plan.stages[4].out.columns == 2);
  CHECK(plan.stages[4].inputs[0].branch_fifo == 500);
}

TEST_CASE("what a plan cannot have is refused with place and reason") {
  const nn::Network net = residual();
  CHECK(refusal(net, R"({"layer": "a", "p": 9})").place == "plan.json#/stages/0/p");
  CHECK(refusal(net, R"({"layer": "a", "p": 9})").text == "9 is not in 1..8 for \"a\"");
  CHECK(refusal(net, R"({"layer": "sum", "weights": "stream"})").text == "\"sum\" has no weights");
  CHECK(refusal(net, R"({"layer": "a", "weights": "stream", "b": 2})").place == "plan.json#/stages/0/b");
  CHECK(refusal(net, R"({"layer": "a", "weights": "stream", "band_rows": 13})").text ==
        "13 is not in 1..12 for \"a\"");
  CHECK(refusal(net, R"({"layer": "a", "weights": "stream", "reorder_places": 143})").place ==
        "plan.json#/stages/0/reorder_places");
  CHECK(refusal(net, R"({"layer": "f", "weights": "stream", "band_rows": 1})").place ==
        "plan.json#/stages/0/band_rows");
  CHECK(refusal(net, R"({"layer": "a", "reorder_places": 200})").place ==
        "plan.json#/stages/0/reorder_places");
  CHECK(refusal(net, R"({"layer": "a", "weight_slots": 2})").place == "plan.json#/stages/0/weight_slots");
  CHECK(refusal(net, R"({"layer": "a", "weights": "stream", "window_capacity": 143})").place ==
        "plan.json#/stages/0/window_capacity");
  CHECK(refusal(net, R"({"layer": "a", "dsp": 2})").place == "plan.json#/stages/0/dsp");
  CHECK(refusal(net, R"({"layer": "sum", "dsp": 2})").place == "plan.json#/stages/0/dsp");
  CHECK(refusal(net, R"({"layer": "a", "b": 2})").place == "plan.json#/stages/0/b");
  CHECK(refusal(net, R"({"layer": "f", "activation": "threshold"})").help == "\"raw\"");
  CHECK(refusal(net, R"({"layer": "a", "window_capacity": 3})").place ==
        "plan.json#/stages/0/window_capacity");
  CHECK(refusal(net, R"({"layer": "c", "branch_fifos": [4]})").place == "plan.json#/stages/0/branch_fifos/0");
  CHECK(refusal(net, R"({"layer": "sum", "p": 2, "s": 3})").place == "plan.json#/stages/0/s");
  CHECK(refusal(net, R"({"layer": "a", "l": 9})").text == "9 is not in 1..8 for \"a\"");
  CHECK(refusal(net, R"({"layer": "a", "p": 4, "l": 3})").text ==
        "3 channels per beat of \"a\": with several kernel folds the channels of a beat must divide P");
  CHECK(refusal(net, R"({"layer": "a", "p": 4, "l": 3})").help == "2");
  CHECK(refusal(net, R"({"layer": "sum", "l": 2})").place == "plan.json#/stages/0/l");
  CHECK(refusal(net, R"({"layer": "sums"})").help == "did you mean \"sum\"?");
  CHECK(refusal(net, R"({"layer": "a"}, {"layer": "a"})").text == "\"a\" has a row already");
}

TEST_CASE("a plan says how many DSP slices products of integer weights use") {
  const nn::Network net = network("[12, 12, 3]", conv("a", 8, R"("kernel": 3, "padding": 1)", "int8"));
  const auto with = [&](const std::string& dsp) {
    PlanOptions options;
    options.technology = spec::Technology::xc7;
    options.overrides =
        read_plan_text(R"({"format": "elbgen.plan/1", "stages": [{"layer": "a", "p": 3, "s": 2, )"
                       R"("m": 1)" +
                           dsp + "}]}",
                       "plan.json");
    return make_plan(net, options);
  };
  CHECK(with("").stages[1].dsp == 4);  // all, as a number
  CHECK(with(R"(, "dsp": 0)").stages[1].dsp == 0);
  const Plan most = with(R"(, "dsp": 4)");  // a pair of kernels, one alone, two products each
  CHECK(most.stages[1].dsp == 4);
  CHECK(read_plan_text(plan_json(most), "plan.json").stages[1].dsp == 4);
  CHECK_THROWS_AS(with(R"(, "dsp": 5)"), UserError);
}

TEST_CASE("streamed weights bring sweeps, a ring and a memory") {
  const nn::Network net = residual();
  const Plan plan = planned(net, R"({"layer": "a", "weights": "stream", "p": 2, "s": 3, "m": 2},
      {"layer": "b", "weights": "stream", "band_rows": 5, "weight_slots": 3, "p": 2, "s": 3, "m": 2},
      {"layer": "f", "weights": "stream", "p": 2, "s": 4}, {"layer": "c", "weights": "ram_block"})");
  REQUIRE(plan.memory);
  CHECK(plan.memory->data_bits == MemoryPort{}.data_bits);
  const Stage &a = plan.stages[1], &b = plan.stages[2], &f = plan.stages[5];
  CHECK(a.stage_cycles == 12 * 6 * 4 * 9);
  CHECK(a.band_rows == 12);
  CHECK(a.b == 1);
  CHECK(a.weight_slots == 2);
  CHECK(a.window->capacity >= 2 * 12 * 6);  // a map is swept while the next one comes in
  CHECK(a.reorder_places >= 12 * 6);
  CHECK(a.reorder_places <= 2 * 12 * 6);
  CHECK(a.fifo_depth == spec::SweepTiming::kFullRateDepth);
  CHECK(b.band_rows == 5);
  CHECK(b.weight_slots == 3);
  CHECK(b.window->capacity >= (5 + 2 + 5) * 6);
  CHECK(b.window->capacity < 2 * 12 * 6);
  CHECK(b.reorder_places >= 5 * 6);
  CHECK(f.b == 8);
  CHECK(f.band_rows == 0);
  CHECK(f.window->capacity == 16);
  CHECK(f.reorder_places >= 8);
  CHECK_FALSE(planned(net, R"({"layer": "a", "weights": "rom_block"})").memory);
}

TEST_CASE("weights of a lanewise stage stay on chip") {
  const nn::Network net =
      network("[8, 8, 6]", conv("a", 6, R"("kernel": 3, "groups": 6)") + "," + fc("f", 4, true));
  CHECK(refusal(net, R"({"layer": "a", "weights": "stream"})").help == "\"rom_block\"");
  CHECK(planned(net, R"({"layer": "a", "engine": "compute", "weights": "stream"})").memory);
}
