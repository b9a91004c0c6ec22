// Plans keep their promise in the cycle model, which runs the composed pipeline beat by beat.
#include "arch/make_plan.hpp"
#include "arch/model.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "support/catch.hpp"

using namespace elb;

namespace {

nn::Network shipped(const std::string& name) {
  nn::Network net = nn::read_network(std::string(ELB_SOURCE_ROOT) + "/configs/networks/" + name + ".json");
  nn::fold(net);
  return net;
}

void check_full_rate(const nn::Network& net, const arch::Plan& plan) {
  const arch::ModelResult run = arch::run_model(arch::stage_specs(net, plan, "elb_net"), plan, {.frames = 6});
  CHECK(run.deadlock.empty());
  CHECK(run.cycles_per_frame == plan.cycles_per_frame);
}

}  // namespace

TEST_CASE("no FIFO or store that the planner sizes limits the rate") {
  for (const char* name : {"fmnist-4-8218", "all-kinds"}) {
    const nn::Network net = shipped(name);
    for (const int64_t target : {400, 700, 1500, 6000, 20000}) {
      INFO(name << " at " << target);
      arch::PlanOptions options;
      options.max_cycles = target;
      check_full_rate(net, arch::make_plan(net, options));
    }
  }
}

TEST_CASE("given parallelism runs at the rate of its slowest stage") {
  const nn::Network net = shipped("all-kinds");
  for (
      const char* rows :
      {R"({"layer": "conv1", "p": 5, "s": 2, "m": 5}, {"layer": "pool1", "p": 3, "m": 4}, {"layer": "conv2", "p": 5, "s": 3, "m": 2})",
       R"({"layer": "input", "p": 2, "m": 5}, {"layer": "conv2", "p": 7, "s": 5, "m": 3}, {"layer": "conv3", "p": 12, "s": 12, "m": 6},
                              {"layer": "add1", "p": 5, "m": 4}, {"layer": "average1", "s": 7, "m": 3}, {"layer": "concat1", "p": 8, "m": 2}, {"layer": "fc1", "p": 6, "s": 31})"}) {
    INFO(rows);
    arch::PlanOptions options;
    options.overrides = arch::read_plan_text(
        std::string(R"({"format": "elbgen.plan/1", "stages": [)") + rows + "]}", "plan.json");
    check_full_rate(net, arch::make_plan(net, options));
  }
}

TEST_CASE("a branch FIFO that is too short is found before any Verilog exists") {
  const nn::Network net = shipped("all-kinds");
  arch::PlanOptions options;
  options.overrides = arch::read_plan_text(
      R"({"format": "elbgen.plan/1", "stages": [{"layer": "add1", "branch_fifos": [2, 0]}]})", "plan.json");
  const arch::Plan plan = arch::make_plan(net, options);
  const arch::ModelResult run = arch::run_model(arch::stage_specs(net, plan, "elb_net"), plan, {.frames = 2});
  CHECK(run.deadlock.find("add1") != std::string::npos);
}
