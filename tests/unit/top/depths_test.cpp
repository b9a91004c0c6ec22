// Minimised depths keep the rate of the closed formula, and none of them can be one place smaller.
#include "arch/depths.hpp"

#include <fmt/format.h>

#include "arch/model.hpp"
#include "arch/stage_specs.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "support/catch.hpp"

using namespace elb;

namespace {

nn::Network network(const std::string& shape, const std::string& layers) {
  const std::string act = R"("activation": {"kind": "unsigned", "bits": 2})";
  nn::Network net = nn::read_network_text(
      R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 7}, "input": {"shape": )" +
          shape + ", " + act + R"(, "pixel_table": )" +
          fmt::format("[{}]", fmt::join(std::vector<int>(256, 1), ",")) + R"(}, "layers": [)" + layers + "]}",
      "net.json");
  nn::fold(net);
  return net;
}

std::string layer(const std::string& name, const std::string& op, const std::string& more) {
  return R"({"name": ")" + name + R"(", "op": ")" + op + R"(", )" + more + "}";
}

const std::string kAct = R"(, "activation": {"kind": "unsigned", "bits": 2})";

std::string conv(const std::string& name, int out, const std::string& more) {
  return layer(name, "conv",
               fmt::format(R"("out_channels": {}, "kernel": 3, "weight": "binary")", out) + kAct + more);
}

struct Planned {
  arch::Plan plan;
  std::vector<spec::StageSpec> specs;
};

Planned planned(const nn::Network& net, int64_t cycles) {
  arch::PlanOptions options;
  options.max_cycles = cycles;
  Planned p{.plan = arch::make_plan(net, options), .specs = {}};
  p.specs = arch::stage_specs(net, p.plan, "elb_net");
  return p;
}

// Cycles of 20 frames after 40, the source always ready: another measure than that of minimise_depths.
int64_t twenty_frames(const Planned& p) {
  const arch::ModelResult run = arch::run_model(p.specs, p.plan, {.frames = 60});
  if (!run.deadlock.empty()) return -1;
  const std::vector<int64_t>& last = run.stages.back().out.last;
  return last[59] - last[39];
}

void check_minimal(const nn::Network& net, int64_t cycles) {
  Planned p = planned(net, cycles);
  const Planned before = p;
  REQUIRE(arch::minimise_depths(p.plan, p.specs));
  const int64_t rate = p.plan.cycles_per_frame;
  CHECK(rate == before.plan.cycles_per_frame);
  CHECK(twenty_frames(p) == 20 * rate);
  int smaller = 0, lost = 0;
  for (const arch::DepthSlot& slot : arch::depth_slots(p.plan)) {
    const int depth = arch::depth(p.plan, slot);
    INFO(p.plan.stages[slot.stage].name << " kind " << static_cast<int>(slot.kind) << " depth " << depth);
    CHECK(depth <= arch::depth(before.plan, slot));
    smaller += depth < arch::depth(before.plan, slot);
    if (depth == arch::smallest_legal(p.plan, slot)) continue;
    Planned less = p;
    arch::set_depth(less.plan, less.specs, slot, depth - 1);
    CHECK_FALSE(arch::keeps_rate(less.specs, less.plan));
    const int64_t cycles_of_less = twenty_frames(less);
    CHECK((cycles_of_less < 0 || cycles_of_less > 20 * rate));
    ++lost;
  }
  CHECK(smaller > 0);
  CHECK(lost > 0);
}

}  // namespace

TEST_CASE("depths of a chain like CNV are minimal") {
  const nn::Network net =
      network("[18, 18, 3]", conv("c1", 8, "") + "," + conv("c2", 8, "") + "," +
                                 layer("p1", "max_pool", R"("kernel": 2, "stride": 2)") + "," +
                                 conv("c3", 16, "") + "," + conv("c4", 16, "") + "," +
                                 layer("f1", "fc", R"("out_channels": 32, "weight": "binary")" + kAct) + "," +
                                 layer("f2", "fc", R"("out_channels": 10, "weight": "binary")"));
  for (const int64_t cycles : {400, 2500}) check_minimal(net, cycles);
}

TEST_CASE("depths of a residual network are minimal") {
  const std::string pad = R"(, "padding": 1)";
  const auto add = [](const std::string& name, const std::string& a, const std::string& b) {
    return layer(name, "add", R"("inputs": [")" + a + R"(", ")" + b + "\"]" + kAct);
  };
  const nn::Network net = network(
      "[10, 10, 3]", conv("c1", 6, pad) + "," + conv("c2", 6, pad) + "," + add("a1", "c2", "c1") + "," +
                         conv("c3", 6, pad) + "," + conv("c4", 6, pad) + "," + add("a2", "c4", "a1") + "," +
                         layer("f1", "fc", R"("out_channels": 10, "weight": "binary")"));
  for (const int64_t cycles : {150, 900}) check_minimal(net, cycles);
}

TEST_CASE("what a plan gives is left when depths are minimised") {
  const nn::Network net = network("[10, 10, 3]", conv("c1", 6, "") + "," + conv("c2", 6, ""));
  Planned p = planned(net, 300);
  arch::PlanOverrides given;
  given.stages.push_back({.layer = "c1", .fifo_depth = 50, .window_capacity = {}});
  given.stages.push_back({.layer = "c2", .fifo_depth = {}, .window_capacity = 90});
  p.plan.stages[1].fifo_depth = 50;
  p.plan.stages[2].window->capacity = 90;
  p.specs = arch::stage_specs(net, p.plan, "elb_net");
  REQUIRE(arch::minimise_depths(p.plan, p.specs, given));
  CHECK(p.plan.stages[1].fifo_depth == 50);
  CHECK(p.plan.stages[2].window->capacity == 90);
  CHECK(p.plan.stages[1].window->capacity < 90);
  // A store too short for the rate is no place to begin: the plan stays as it is.
  Planned slow = planned(net, 300);
  slow.plan.stages[2].window->capacity = static_cast<int>(spec::min_capacity(*slow.plan.stages[2].window));
  slow.plan.stages[2].fifo_depth = slow.plan.stages[2].beats_per_tile;
  slow.specs = arch::stage_specs(net, slow.plan, "elb_net");
  const int depth = slow.plan.stages[1].fifo_depth;
  CHECK_FALSE(arch::minimise_depths(slow.plan, slow.specs));
  CHECK(slow.plan.stages[1].fifo_depth == depth);
}
