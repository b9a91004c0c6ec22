#include "arch/selection.hpp"

#include <algorithm>

#include "arch/search.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

constexpr Amounts kLimit = {20000, 40000, 60, 40, INT64_MAX};

nn::Network three_layers() {
  return test::network("[12, 12, 4]", test::conv("conv1", 12, R"("kernel": 3, "padding": 1)") + "," +
                                          test::conv("conv2", 16, R"("kernel": 3)") + "," +
                                          test::fc("fc1", 10, true));
}

OptionTable table_of(const nn::Network& net, size_t layer) {
  const LayerShape shape =
      layer_shape(net.layers[layer], layer ? *net.layers[layer - 1].act : net.input_act, false, false);
  return {shape, make_options(shape, kLimit, {})};
}

}  // namespace

TEST_CASE("a front that grows from the one below it is the front") {
  const nn::Network net = three_layers();
  OptionTable stepped = table_of(net, 1);
  const int last = TargetGrid::index_above(stepped.options().back().cycles);
  for (int k = 0; k <= last + 10; k += 37) {
    OptionTable alone = table_of(net, 1);
    std::vector<int> a = stepped.front(k).options, b = alone.front(k).options;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    INFO(k);
    CHECK(a == b);
    for (const int i : a)
      CHECK(alone.options()[static_cast<size_t>(i)].cost[kLut] >= (*alone.least(TargetGrid::at(k)))[kLut]);
  }
}

TEST_CASE("what a selection says it uses is the sum of its options and feeds, however it came about") {
  const nn::Network net = three_layers();
  std::vector<OptionTable> tables;
  for (size_t i = 0; i < 3; ++i) tables.push_back(table_of(net, i));
  const spec::Link in{.h = 12, .w = 12, .c = 4, .columns = 1, .channels = 4, .bits = net.input_act.bits};
  std::vector<SearchNode> nodes(4);
  nodes[0].link = [in](const auto&, int64_t) { return in; };
  for (size_t i = 0; i < 3; ++i)
    nodes[i + 1] = {.table = &tables[i], .sources = {static_cast<int>(i)}, .link = {}};
  const int k = TargetGrid::index_above(1000);
  Weights per_unit{};
  for (size_t kind = 0; kind < kDram; ++kind) per_unit[kind] = 2.0 / double(kLimit[kind]);
  SelectionWalk walk(nodes, k, per_unit);
  Weights even;
  even.fill(1);
  const auto check = [&] {
    Amounts sum{};
    spec::Link link = in;
    for (size_t i = 0; i < 3; ++i) {
      OptionTable& t = tables[i];
      const Option& o = t.options()[static_cast<size_t>(walk.options()[i + 1])];
      const FeedCost feed = feed_of(t.shape(), o, link);
      for (size_t kind = 0; kind < kKinds; ++kind) sum[kind] += o.cost[kind] + feed.cost[kind];
      CHECK(o.cycles <= TargetGrid::at(k));
      link = link_of(t.shape(), o);
    }
    CHECK(sum == walk.used());
  };
  walk.start(even);
  check();
  const double before = walk.price();
  walk.fit(0);
  check();
  walk.start(even);
  walk.cheapen(4);
  check();
  CHECK(walk.price() <= before);
}
