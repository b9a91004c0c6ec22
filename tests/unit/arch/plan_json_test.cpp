#include "arch/plan_json.hpp"

#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;
using namespace elb::arch::test;

namespace {

std::string first_error(const std::string& text) {
  try {
    read_plan_text(text, "plan.json");
  } catch (const UserError& e) {
    return to_string(e.diags()[0]);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a plan that is written and read back is the same plan") {
  const nn::Network net =
      network("[9, 9, 4]", conv("a", 8, R"("kernel": 3, "padding": 1)") + "," +
                               conv("b", 8, R"("kernel": 3, "padding": 1)") +
                               R"(, {"name": "sum", "op": "add", "inputs": ["a", "b"], )" + kU4 +
                               R"(}, {"name": "pool", "op": "max_pool", "kernel": 2}, )" + fc("f", 4, true));
  PlanOptions options;
  options.max_cycles = 3000;
  options.clock_mhz = 187.5;
  options.device = "xc7z045";
  const std::string text = plan_json(make_plan(net, options));
  PlanOptions again;
  again.overrides = read_plan_text(text, "plan.json");
  CHECK(plan_json(make_plan(net, again)) == text);
}

TEST_CASE("what lies in UltraRAM is written and read back, and refused where it cannot") {
  const std::string same = R"("kernel": 3, "padding": 1)";
  const nn::Network net =
      network("[9, 9, 4]", conv("a", 8, same) + R"(, {"name": "pool", "op": "max_pool", "kernel": 2}, )" +
                               conv("b", 8, same) + "," + fc("f", 4, true));
  const auto planned = [&](const std::string& technology, const std::string& stages) {
    PlanOptions options;
    options.overrides = read_plan_text(R"({"format": "elbgen.plan/1", "technology": ")" + technology +
                                           R"(", "stages": [)" + stages + "]}",
                                       "plan.json");
    return make_plan(net, options);
  };
  const Plan plan = planned("xcup", R"({"layer": "a", "weights": "ram_block", "ultra": ["weights"]},
    {"layer": "pool", "ultra": ["store"]},
    {"layer": "b", "weights": "stream", "ultra": ["ring", "store", "weights"]})");
  const auto ultra = [&](const char* name) {
    for (const Stage& s : plan.stages) {
      if (s.name == name) return s.ultra;
    }
    return UltraRam{};
  };
  CHECK(ultra("a") == UltraRam{.weights = true});
  CHECK(ultra("pool") == UltraRam{.store = true});
  CHECK(ultra("b") == UltraRam{.store = true, .weights = true, .ring = true});
  CHECK(ultra("f") == UltraRam{});
  const std::string text = plan_json(plan);
  CHECK(text.find(R"("ultra": ["store", "weights", "ring"])") != std::string::npos);
  PlanOptions again;
  again.overrides = read_plan_text(text, "plan.json");
  CHECK(plan_json(make_plan(net, again)) == text);
  // No other technology has any, or says so.
  CHECK(plan_json(planned("xc7", "")).find("ultra") == std::string::npos);
  const auto said = [&](const std::string& technology, const std::string& row, const char* what) {
    try {
      planned(technology, row);
    } catch (const UserError& e) {
      return to_string(e.diags()[0]).find(what) != std::string::npos;
    }
    return *what == '\0';
  };
  CHECK(said("xcup", R"({"layer": "a", "ultra": []})", ""));
  CHECK(said("xc7", R"({"layer": "a", "ultra": ["store"]})", "technology xc7 has no UltraRAM"));
  CHECK(said("xcup", R"({"layer": "a", "ultra": ["weights"]})", "no contents to begin with"));
  CHECK(said("xcup", R"({"layer": "a", "weights": "ram_block", "ultra": ["ring"]})",
             "\"a\" has no reorder ring"));
  CHECK(said("xcup", R"({"layer": "input", "ultra": ["store"]})", "\"input\" has no window store"));
  CHECK(said("xcup", R"({"layer": "a", "ultra": ["rom"]})", "plan.json#/stages/0/ultra/0"));
}

TEST_CASE("weights in memory are written and read back") {
  const nn::Network net =
      network("[9, 9, 4]", conv("a", 8, R"("kernel": 3, "padding": 1)") + "," + fc("f", 4, true));
  PlanOptions options;
  options.overrides = read_plan_text(
      R"({"format": "elbgen.plan/1", "memory": {"name": "ps", "protocol": "axi3", "data_bits": 64, "outstanding": 3,
          "latency_cycles": 40, "bandwidth": {"beats": 2, "cycles": 3}}, "stages": [{"layer": "a", "weights": "stream",
          "band_rows": 4}, {"layer": "f", "weights": "stream", "b": 5}]})",
      "plan.json");
  const Plan plan = make_plan(net, options);
  REQUIRE(plan.memory);
  CHECK(plan.memory->protocol == spec::MemoryProtocol::axi3);
  CHECK(plan.memory->data_bits == 64);
  CHECK(plan.memory->burst_beats == 16);
  CHECK(plan.memory->outstanding == 3);
  CHECK(plan.memory->timing == spec::DramTiming{.latency = 40, .beats = 2, .cycles = 3});
  const std::string text = plan_json(plan);
  PlanOptions again;
  again.overrides = read_plan_text(text, "plan.json");
  CHECK(plan_json(make_plan(net, again)) == text);
  options.overrides.stages.clear();
  CHECK_THROWS_AS(make_plan(net, options), UserError);  // nobody reads the memory that it gives
}

TEST_CASE("mistakes in a plan file are located") {
  CHECK(first_error(R"({"format": "elbgen.plan/2", "stages": []})").substr(0, 32) ==
        "plan.json#/format: error [json-v");
  CHECK(first_error(R"({"format": "elbgen.plan/1", "stages": [{"layer": "a", "q": 1}]})")
            .find("plan.json#/stages/0") == 0);
  CHECK(first_error(R"({"format": "elbgen.plan/1", "stages": [{"layer": "a", "p": 0}]})")
            .find("plan.json#/stages/0/p") == 0);
  CHECK(first_error(R"({"format": "elbgen.plan/1", "stages": [{"layer": "a", "p": 1.5}]})")
            .find("plan.json#/stages/0/p") == 0);
  CHECK(first_error(R"({"format": "elbgen.plan/1", "stages": [{"layer": "a", "weights": "rom"}]})")
            .find("plan.json#/stages/0/weights") == 0);
  CHECK(first_error(R"({"format": "elbgen.plan/1", "clock_mhz": -1, "stages": []})")
            .find("plan.json#/clock_mhz") == 0);
  const auto memory = [](const std::string& fields) {
    return first_error(R"({"format": "elbgen.plan/1", "stages": [], "memory": {)" + fields + "}}");
  };
  CHECK(memory(R"("protocol": "axi3", "burst_beats": 32)").find("plan.json#/memory/burst_beats") == 0);
  CHECK(memory(R"("data_bits": 96)").find("plan.json#/memory/data_bits") == 0);
  CHECK(memory(R"("data_bits": 512, "burst_beats": 128)").find("plan.json#/memory: error [json-v") == 0);
  CHECK(memory(R"("bandwidth": {"beats": 3, "cycles": 2})").find("plan.json#/memory/bandwidth") == 0);
  CHECK(memory(R"("bandwidth": {"beats": 3})").find("plan.json#/memory/bandwidth") == 0);
  CHECK(memory(R"("latency": 3)").find("plan.json#/memory") == 0);
  CHECK(memory(R"("outstanding": 0)").find("plan.json#/memory/outstanding") == 0);
}

TEST_CASE("a plan for another network is refused") {
  const nn::Network net = network("[1, 1, 4]", fc("f", 4, true));
  PlanOptions options;
  options.overrides =
      read_plan_text(R"({"format": "elbgen.plan/1", "network": "other", "stages": []})", "plan.json");
  CHECK_THROWS_AS(make_plan(net, options), UserError);
}
