#include "arch/explore.hpp"

#include <filesystem>

#include "arch/memory_choice.hpp"
#include "arch/plan_json.hpp"
#include "arch/search_nodes.hpp"
#include "arch/stage_specs.hpp"
#include "base/text.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

Device board(int64_t lut, int64_t bram36, int64_t dsp, bool memory = true) {
  Device d{.name = "board", .part = "part", .clock_mhz = 100};
  d.lut = lut, d.ff = 2 * lut, d.bram36 = bram36, d.dsp = dsp;
  if (memory) {
    d.memories = {
        {.name = "ddr", .data_bits = 64, .mhz = 100, .ports = 1, .burst_beats = 256, .gbytes_per_s = 0.8}};
  }
  return d;
}

nn::Network two_layers() {
  return test::network("[8, 8, 3]",
                       test::conv("conv1", 4, R"("kernel": 3)") + "," + test::fc("fc1", 6, true));
}

// The least target at which some choice of all is within the budget, by trying them all.
int least_by_trying(const std::vector<OptionTable*>& tables, const std::vector<spec::Link>& into_first,
                    const Budget& budget) {
  int least = INT32_MAX;
  OptionTable &a = *tables[0], &b = *tables[1];
  for (size_t i = 0; i < a.options().size(); ++i) {
    for (size_t j = 0; j < b.options().size(); ++j) {
      const Option &x = a.options()[i], &y = b.options()[j];
      int k = TargetGrid::index_above(std::max(x.cycles, y.cycles));
      for (;; ++k) {
        // The input's link depends on the target.
        const spec::Link& in = into_first[static_cast<size_t>(k)];
        const FeedCost f = a.feed(static_cast<int>(i), a.feeding(in));
        const FeedCost g = b.feed(static_cast<int>(j), b.feeding(link_of(a.shape(), x)));
        const int64_t cycles = TargetGrid::at(k);
        if (std::max(f.cycles, g.cycles) > cycles) continue;
        bool fits = true, for_ever = true;
        for (int kind = 0; kind < kKinds; ++kind) {
          const int64_t used = x.cost[kind] + y.cost[kind] + f.cost[kind] + g.cost[kind];
          if (double(used) > budget.at(kind, cycles)) {
            fits = false;
            for_ever = for_ever && kind == kDram;
          }
        }
        if (fits) least = std::min(least, k);
        if (fits || !for_ever || k >= least) break;
      }
    }
  }
  return least;
}

}  // namespace

TEST_CASE("the search finds what trying every choice finds, and its bound is not above it") {
  const nn::Network net = two_layers();
  const nn::Layer &conv = net.layers[0], &fc = net.layers[1];
  for (const Device& d :
       {board(900, 4, 0), board(1200, 6, 2), board(1500, 2, 4), board(3000, 8, 8), board(6000, 20, 30)}) {
    const std::optional<MemoryPort> memory = best_port(d, d.clock_mhz);
    Budget budget;
    budget.most = {d.lut, d.ff, 2 * d.bram36, d.dsp, 0};
    budget.dram_beats = kUsableBandwidth;
    const LayerShape s1 = layer_shape(conv, net.input_act, false, false),
                     s2 = layer_shape(fc, *conv.act, false, false);
    OptionTable t1(s1, make_options(s1, budget.most, memory)), t2(s2, make_options(s2, budget.most, memory));
    REQUIRE(t1.options().size() * t2.options().size() > 100);
    spec::Link in{.h = 8, .w = 8, .c = 3, .columns = 1, .channels = 3, .bits = net.input_act.bits};
    const std::vector<spec::Link> links(4000, in);
    std::vector<SearchNode> nodes(3);
    nodes[0].link = [in](const auto&, int64_t) { return in; };
    nodes[1] = {.table = &t1, .sources = {0}, .link = {}};
    nodes[2] = {.table = &t2, .sources = {1}, .link = {}};
    const int last =
        TargetGrid::index_above(std::max(t1.options().back().cycles, t2.options().back().cycles)) +
        2 * TargetGrid::kPerOctave;
    Search search(nodes, budget, 100000, 0, last);  // all pairs
    const int wanted = least_by_trying({&t1, &t2}, links, budget);
    INFO(d.lut << " LUT");
    const int bound = search.least_possible().value_or(last + 1);
    if (wanted == INT32_MAX) {
      for (int k = 0; k <= last; k += 8) CHECK_FALSE(search.choose(k, {}));
      continue;
    }
    CHECK(bound <= wanted);
    CHECK(search.choose(wanted, {}));
    for (int k = std::max(0, bound - 4); k < wanted; ++k) CHECK_FALSE(search.choose(k, {}));
  }
}

TEST_CASE("a found plan fits by the true cost, meets its target, and is not faster than the bound") {
  const nn::Network net = test::network(
      "[12, 12, 4]", test::conv("conv1", 12, R"("kernel": 3, "padding": 1)") +
                         R"(, {"name": "pool1", "op": "max_pool", "kernel": 2, "stride": 2}, )" +
                         test::conv("conv2", 16, R"("kernel": 3, "groups": 2)") + "," +
                         test::fc("fc1", 20, false, "int8") + "," + test::fc("fc2", 10, true));
  int64_t slower = INT64_MAX;
  for (const int64_t lut : {2500, 5000, 20000}) {
    const Device d = board(lut, 30, 40);
    Explorer explorer(d, d.clock_mhz);
    const FittedPlan p = plan_within(explorer, net, d, {.clock_mhz = d.clock_mhz}, {}, "elb_net");
    CHECK(p.fit.fits);
    CHECK(p.plan.cycles_per_frame >= p.choice.bound_cycles);
    CHECK(p.plan.cycles_per_frame <= slower);
    slower = p.plan.cycles_per_frame;
    // Half the rate at a lower price.
    const FittedPlan half =
        plan_within(explorer, net, d, {.clock_mhz = d.clock_mhz}, {.max_cycles = 2 * slower}, "elb_net");
    CHECK(half.plan.cycles_per_frame <= 2 * slower);
    CHECK(half.cost.total.lut < p.cost.total.lut);
  }
}

TEST_CASE("options made for an octave of targets lead to what all options lead to") {
  const nn::Network net = two_layers();
  for (const Device& d : {board(1200, 6, 2), board(1500, 2, 4), board(3000, 8, 8), board(6000, 20, 30),
                          board(60000, 80, 300), board(60000, 3, 300), board(200000, 2, 0)}) {
    const std::optional<MemoryPort> memory = best_port(d, d.clock_mhz);
    Explorer explorer(d, d.clock_mhz);
    NetworkNodes all = network_nodes(net, {}, spec::Technology::generic, false);
    std::vector<std::unique_ptr<OptionTable>> tables;
    for (size_t i = 0; i < all.shapes.size(); ++i) {
      tables.push_back(std::make_unique<OptionTable>(
          all.shapes[i], make_options(all.shapes[i], explorer.budget().most, memory)));
      all.nodes[all.with_shape[i]].table = tables.back().get();
    }
    Search search(all.nodes, explorer.budget(), 8, 0, 4000);
    int k = 0;
    while (!search.choose(k, {})) ++k;
    const Choice c = explorer.explore(net, {});
    INFO(d.lut << " LUT");
    REQUIRE(c.found);
    CHECK(c.target == TargetGrid::at(k));
    for (const std::unique_ptr<OptionTable>& table : tables) {
      const TargetWindow window = TargetWindow::around(k);
      const std::vector<Option> some =
          make_options(table->shape(), explorer.budget().most, memory, window.targets());
      CHECK(some.size() <= table->options().size());
      for (const Option& o : some) CHECK(o.cycles <= window.targets().high);
    }
    Explorer quick(d, d.clock_mhz, Effort::quick, 1);
    const Choice q = quick.explore(net, {});
    REQUIRE(q.found);
    CHECK(q.target >= c.target);
    CHECK(q.target <= 2 * c.target);
  }
}

TEST_CASE("a device that reaches a rate reaches every lower one") {
  const std::string networks = ELB_SOURCE_ROOT "/configs/networks/";
  const Device d = read_device(ELB_SOURCE_ROOT "/configs/devices/zc706.json");
  for (const char* name : {"fmnist-4-8218.json", "all-kinds.json"}) {
    const nn::Network net = nn::read_shapes_text(read_file(networks + name), name);
    Explorer explorer(d, d.clock_mhz);
    const Choice fewest = explorer.explore(net, {.technology = technology_of(d)});
    REQUIRE(fewest.found);
    for (const double times : {1.05, 1.2, 1.3, 1.6, 2.0, 2.5, 4.0}) {
      const auto target = static_cast<int64_t>(times * double(fewest.target));
      const Choice c = explorer.explore(net, {.max_cycles = target, .technology = technology_of(d)});
      INFO(name << ": " << target << " cycles");
      CHECK(c.found);
      CHECK(c.target <= target);
      CHECK(c.bound_cycles <= fewest.target);
    }
  }
}

// Without factors greater than a target asks for, whose shallower memories fit LUTs, it is 4,700,000.
TEST_CASE("a device with little block RAM spends LUTs to spare it") {
  const Device d = read_device(ELB_SOURCE_ROOT "/configs/devices/kv260.json");
  const std::string name = ELB_SOURCE_ROOT "/configs/networks/alexnet-8-8888.json";
  Explorer explorer(d, d.clock_mhz);
  const Choice c = explorer.explore(nn::read_shapes_text(read_file(name), name),
                                    {.technology = technology_of(d), .assume_affine = true});
  REQUIRE(c.found);
  CHECK(c.target < 2500000);
}

TEST_CASE("a choice does not depend on what was explored before") {
  const nn::Network net = two_layers();
  const Device d = board(3000, 8, 8);
  Explorer fresh(d, d.clock_mhz), used(d, d.clock_mhz);
  const Choice first = used.explore(net, {});
  used.explore(net, {.max_cycles = 3 * first.target});
  used.explore(net, {.max_cycles = 2 * first.target, .least_cycles = 17});
  for (const int64_t cycles : {first.target, 2 * first.target, 5 * first.target}) {
    const Goal goal{.max_cycles = cycles};
    const Choice a = fresh.explore(net, goal), b = used.explore(net, goal);
    CHECK(a.used == b.used);
    CHECK(a.cycles == b.cycles);
    CHECK(a.bound_cycles == b.bound_cycles);
  }
}

TEST_CASE("what a plan gives is obeyed, the rest is searched") {
  const nn::Network net = two_layers();
  const Device d = board(6000, 20, 30);
  Explorer explorer(d, d.clock_mhz);
  PlanOptions options{.clock_mhz = d.clock_mhz};
  options.overrides.stages = {{.layer = "conv1", .p = 3, .m = 5},
                              {.layer = "fc1", .weights = Residence::stream}};
  const FittedPlan p = plan_within(explorer, net, d, options, {}, "elb_net");
  CHECK(p.plan.stages[1].p == 3);
  CHECK(p.plan.stages[1].m == 5);
  CHECK(p.plan.stages[2].weights == Residence::stream);
  CHECK(p.plan.memory);
  CHECK(memory_gbytes_per_s(p.plan, p.cost) > 0);
}

TEST_CASE("a plan that would ask too much of the memory runs at the memory's pace") {
  const nn::Network net = two_layers();
  Device d = board(6000, 1, 30);
  int paced = 0;
  for (const double gbytes_per_s : {0.004, 0.006, 0.009, 0.013, 0.02, 0.03}) {
    d.memories[0].gbytes_per_s = gbytes_per_s;
    Explorer explorer(d, d.clock_mhz);
    PlanOptions options{.clock_mhz = d.clock_mhz};
    options.overrides.stages = {{.layer = "fc1", .weights = Residence::stream}};
    const FittedPlan p = plan_within(explorer, net, d, options, {}, "elb_net");
    INFO(gbytes_per_s << " GB/s");
    CHECK(p.fit.fits);
    int64_t slowest = 0;
    for (const Stage& s : p.plan.stages) slowest = std::max(slowest, s.cycles());
    CHECK(p.plan.cycles_per_frame == std::max(slowest, p.plan.pace));
    if (p.plan.pace == 0) continue;
    ++paced;
    CHECK(p.plan.pace > slowest);
    CHECK(p.plan.pace <= p.choice.target);
    // Not slower than it must be, and a target is met by it too.
    CHECK(p.cost.memory_beats <= explorer.budget().dram_beats * double(p.plan.pace));
    CHECK(p.cost.memory_beats > explorer.budget().dram_beats * double(p.plan.pace - 1));
    const FittedPlan target =
        plan_within(explorer, net, d, options, {.max_cycles = p.choice.target}, "elb_net");
    CHECK(target.fit.fits);
    CHECK(target.plan.cycles_per_frame <= p.choice.target);
    // The plan's file keeps it.
    options.overrides = read_plan_text(plan_json(p.plan), "plan.json");
    CHECK(options.overrides.pace == p.plan.pace);
    options.max_cycles = p.choice.target;
    CHECK(make_plan(net, options).cycles_per_frame == p.plan.cycles_per_frame);
  }
  CHECK(paced > 0);
}

TEST_CASE("a network that fits at no parallelism says what binds") {
  const nn::Network net = two_layers();
  for (const Device& d : {board(300, 4, 0), board(3000, 4, 0, false)}) {
    Explorer explorer(d, d.clock_mhz);
    const Choice c = explorer.explore(net, {});
    if (c.found) continue;
    CHECK(c.binds == "lut");
    CHECK(c.share > 1);
    CHECK_THROWS_AS(plan_within(explorer, net, d, {.clock_mhz = d.clock_mhz}, {}, "elb_net"), UserError);
  }
  const Device small = board(300, 4, 0);
  Explorer explorer(small, small.clock_mhz);
  CHECK_FALSE(explorer.explore(net, {}).found);
}

TEST_CASE("networks without weights are explored on every shipped device, or say what binds") {
  const std::string networks = ELB_SOURCE_ROOT "/configs/networks/";
  for (const auto& e : std::filesystem::directory_iterator(ELB_SOURCE_ROOT "/configs/devices")) {
    const Device d = read_device(e.path().string());
    Explorer explorer(d, d.clock_mhz, Effort::quick, 1);
    for (const char* name : {"fmnist-4-8218.json", "fmnist-2-8118.json", "all-kinds.json"}) {
      const Choice c = explorer.explore(nn::read_shapes_text(read_file(networks + name), name), {});
      INFO(d.name << " " << name);
      CHECK(c.found);
      CHECK(c.cycles <= c.target);
      CHECK(c.bound_cycles <= c.target);
      CHECK_FALSE(c.binds.empty());
    }
  }
}

TEST_CASE("the port is one of the memory with the most bandwidth per port") {
  const Device d = read_device(ELB_SOURCE_ROOT "/configs/devices/zc706.json");
  const std::optional<MemoryPort> p = best_port(d, 200);
  REQUIRE(p);
  CHECK(p->name == "pl_ddr3");
  CHECK(p->data_bits == 512);
  CHECK(p->burst_beats == 64);  // 4096 bytes
  CHECK(p->timing == spec::DramTiming{.latency = 40, .beats = 1, .cycles = 1});
  CHECK(gbytes_per_s(*p, 200) == Approx(12.8));
  Device slow = d;
  slow.memories = {d.memories[1]};  // four ports share 4.2 GB/s
  slow.memories[0].latency_ns = 110;
  const std::optional<MemoryPort> q = best_port(slow, 200);
  REQUIRE(q);
  CHECK(q->protocol == spec::MemoryProtocol::axi3);
  CHECK(q->burst_beats == 16);
  CHECK(q->timing == spec::DramTiming{.latency = 22, .beats = 21, .cycles = 32});
}

TEST_CASE("a layer that no device of this size holds is named") {
  const nn::Network net = two_layers();
  const Device d = board(150, 4, 0);
  Explorer explorer(d, d.clock_mhz);
  const Choice c = explorer.explore(net, {});
  CHECK_FALSE(c.found);
  CHECK(c.layer == "conv1");
  CHECK(c.binds == "lut");
  CHECK(c.share > 1);
}
